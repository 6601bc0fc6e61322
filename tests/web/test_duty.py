"""Whoever runs the server logs in with a second step: they are led to it, have a while, and then see nothing else."""

from datetime import timedelta

import pyotp
import pytest

from models.member import Member, MemberRole
from models.passkey import Passkey
from models.second_step import CodeApp
from models.session import Session
from server.admin.switches import Switch, turn
from server.members.passwords import hash_password
from server.second_step import actions, duty
from tests.web.pages import form_of, read, text

PASSWORD = "cheval agrafe pile"
SECOND_STEP = "/me/second_step"


@pytest.fixture
async def admin(member):
    hash_ = await hash_password(PASSWORD)
    await Member.filter(actor_id=member.id).update(role=MemberRole.ADMIN, password_hash=hash_)
    return await Member.get(actor_id=member.id).select_related("actor")


@pytest.fixture
async def has_codes(admin):
    return await CodeApp.create(member=admin, secret="A" * 32, confirmed_at=admin.created_at)


async def log_in(visitor, address="/login"):
    form = form_of(read(await visitor.get(address)), "/login")
    return await visitor.post("/login", data=form | {"name": "zoe", "password": PASSWORD})


async def overdue(ctx):
    await Member.all().update(second_step_due_at=ctx.now() - timedelta(seconds=1))


async def test_an_administrator_is_led_to_it_and_may_put_it_off(visitor, section, admin, ctx):
    answer = await log_in(visitor)

    assert answer.headers["location"] == f"{SECOND_STEP}?next=%2Fhome"
    page = read(await visitor.get(answer.headers["location"]))
    assert "Vous administrez ce serveur" in text(page, "main")
    assert page.select_one("main .box a.button")["href"] == "/home"
    assert (await visitor.get("/me")).status_code == 200
    assert (await Member.get()).second_step_due_at == ctx.now() + duty.GRACE


async def test_who_was_on_their_way_elsewhere_goes_on(visitor, section, admin):
    answer = await log_in(visitor, "/login?next=/me/sessions")

    assert answer.headers["location"] == "/me/sessions"
    assert (await Member.get()).second_step_due_at is not None


async def test_the_while_begins_once(visitor, section, admin, ctx):
    await Member.all().update(second_step_due_at=ctx.now() + timedelta(days=1))
    await log_in(visitor)

    assert (await Member.get()).second_step_due_at == ctx.now() + timedelta(days=1)


async def test_afterwards_everything_else_is_closed(visitor, section, admin, ctx):
    await log_in(visitor)
    await overdue(ctx)
    asked = "/oauth/authorize?client_id=x"

    for address in ("/me", "/me/consents", "/@lille/desk", "/me/agenda"):
        assert (await visitor.get(address)).headers["location"] == f"{SECOND_STEP}?said=second_step_due", address
    form = form_of(read(await visitor.get("/me/sessions")), "/logout")
    assert (await visitor.post("/me/consents", data=form)).headers["location"].startswith(SECOND_STEP)
    for address in (SECOND_STEP, "/me/passkeys", "/me/password", "/me/sessions", "/me/data", "/me/data.json"):
        assert (await visitor.get(address)).status_code == 200, address
    page = read(await visitor.get(SECOND_STEP))
    assert page.select_one("main .box a.button") is None
    assert (await visitor.get(asked)).status_code != 200
    assert (await visitor.post("/logout", data=form)).status_code == 303
    assert not await Session.exists()


async def test_no_application_is_let_in_either(visitor, section, admin, ctx):
    program = {"client_name": "Tusky", "redirect_uris": "oauth2redirect://tusky/", "scopes": "read"}
    client_id = (await visitor.post("/api/v1/apps", json=program)).json()["client_id"]
    asked = f"client_id={client_id}&redirect_uri=oauth2redirect://tusky/&response_type=code&scope=read"
    await log_in(visitor)
    assert (await visitor.get(f"/oauth/authorize?{asked}")).status_code == 200
    await overdue(ctx)

    assert (await visitor.get(f"/oauth/authorize?{asked}")).headers["location"].startswith(SECOND_STEP)


async def test_setting_it_up_opens_everything_and_giving_it_up_closes_it_at_once(visitor, section, admin, ctx):
    await log_in(visitor)
    await overdue(ctx)
    app = await actions.begin(admin, ctx)
    await actions.turn_on(admin, _code(app, ctx), ctx)
    assert (await visitor.get("/me")).status_code == 200
    assert (await Member.get()).second_step_due_at is None

    await actions.turn_off(admin, ctx)
    assert (await visitor.get("/me")).headers["location"].startswith(SECOND_STEP)


def _code(app, ctx):
    return pyotp.TOTP(app.secret).at(ctx.now())


async def test_a_passkey_will_do(visitor, section, admin, ctx):
    await Passkey.create(member=admin, hash="a" * 64, credential="a", public_key="b", sign_count=0, name="Clé")

    assert (await log_in(visitor)).headers["location"] == "/home"
    assert await duty.due_at(await Member.get()) is None


async def test_who_was_helped_has_a_while_again(visitor, section, admin, has_codes, ctx):
    await actions.take_off(admin, ctx)

    assert (await log_in(visitor)).headers["location"].startswith(SECOND_STEP)
    assert (await visitor.get("/me")).status_code == 200


async def test_it_can_be_turned_off_for_all(visitor, section, admin, ctx):
    await turn(Switch.SECOND_STEP, on=False)
    await overdue(ctx)

    assert (await log_in(visitor)).headers["location"] == "/home"
    assert (await visitor.get("/me")).status_code == 200
    assert "Vous administrez" not in text(read(await visitor.get(SECOND_STEP)), "main")


async def test_nobody_else_is_bothered(visitor, section, admin, ctx):
    await Member.all().update(role=MemberRole.MEMBER, second_step_due_at=ctx.now() - timedelta(days=1))

    assert (await log_in(visitor)).headers["location"] == "/home"
    assert (await visitor.get("/me")).status_code == 200
