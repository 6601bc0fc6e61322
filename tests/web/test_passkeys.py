"""Passkeys in a browser: added and removed by their owner, and logging in with one, alone or as the second step."""

import pytest

from models.member import Member
from models.passkey import Passkey
from models.session import Session
from server.members.passwords import hash_password
from server.second_step import actions as second_step
from tests.authenticator import SoftKey
from tests.web.conftest import browser
from tests.web.pages import form_of, read, text, texts
from tests.web.test_second_step import code_now

PASSWORD = "cheval agrafe pile"
ADDRESS = "/me/passkeys"


@pytest.fixture
async def login(member):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password(PASSWORD))
    return await Member.get(actor_id=member.id).select_related("actor")


@pytest.fixture
async def zoe(enter, section, login, member):
    return await enter(member)


async def add(client, key: SoftKey, **typed):
    page = read(await client.get(ADDRESS))
    options = page.select_one("form[data-passkey=make]")["data-options"]
    sent = form_of(page, ADDRESS, "add") | {"name": "Mon téléphone", "password": PASSWORD, "answer": key.make(options)}
    return await client.post(ADDRESS, data=sent | typed)


@pytest.fixture
async def key(zoe) -> SoftKey:
    """A passkey of Zoé's."""
    key = SoftKey()
    assert (await add(zoe, key)).status_code == 303
    await Session.all().delete()
    return key


async def show(client, key: SoftKey, address: str = "/login", action: str = "/login/passkey", **typed):
    page = read(await client.get(address))
    options = page.select_one("form[data-passkey=show]")["data-options"]
    return await client.post(action, data=form_of(page, action) | {"answer": key.show(options)} | typed)


async def test_passkey_is_added_and_listed(zoe):
    answer = await add(zoe, SoftKey())

    assert answer.headers["location"] == f"{ADDRESS}?said=passkey_added"
    assert "__Host-coopole_session=" in str(answer.headers)
    page = read(await zoe.get(ADDRESS))
    assert texts(page, ".row-name") == ["Mon téléphone"]
    assert "pas encore utilisée" in text(page, ".rows")


async def test_page_may_load_our_script_and_says_what_to_do_without(zoe):
    answer = await zoe.get(ADDRESS)
    page = read(answer)

    assert "script-src 'self';" in answer.headers["content-security-policy"]
    [script] = page.select("script")
    assert script["src"].startswith("/static/")
    assert script["src"].endswith("/js/passkeys.js")
    assert page.select_one("form[data-passkey]").has_attr("hidden")
    assert "JavaScript" in text(page, "[data-without-passkeys]")


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"password": "wrong"}, 422), ({"name": ""}, 422), ({"answer": "{}"}, 422), ({"challenge": "x"}, 422)],
)
async def test_what_will_not_do_adds_nothing_and_keeps_the_name(zoe, typed, status):
    page = read(await add(zoe, SoftKey(), **typed), status)

    assert page.select_one(".summary")
    assert page.select_one("#name")["value"] == typed.get("name", "Mon téléphone")
    assert not await Passkey.exists()


async def test_passkey_is_removed_with_the_password(zoe):
    await add(zoe, SoftKey())
    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS, "remove")
    assert (await zoe.post(ADDRESS, data=sent | {"password": "wrong"})).status_code == 422
    assert await Passkey.exists()

    answer = await zoe.post(ADDRESS, data=sent | {"password": PASSWORD})

    assert answer.headers["location"] == f"{ADDRESS}?said=passkey_removed"
    assert not await Passkey.exists()


async def test_passkey_alone_logs_in(visitor, key):
    answer = await show(visitor, key, "/login?next=/me/agenda")

    assert (answer.status_code, answer.headers["location"]) == (303, "/me/agenda")
    assert (await visitor.get("/me")).status_code == 200
    assert (await Passkey.get()).used_at is not None


async def test_answer_that_is_sent_again_opens_nothing(visitor, app, key):
    page = read(await visitor.get("/login"))
    options = page.select_one("form[data-passkey=show]")["data-options"]
    sent = form_of(page, "/login/passkey") | {"answer": key.show(options)}
    await visitor.post("/login/passkey", data=sent)
    cookies = dict(visitor.cookies)
    async with browser(app) as other:
        assert (await other.post("/login/passkey", data=sent)).status_code == 422
        for name, value in cookies.items():
            other.cookies.set(name, value)
        assert (await other.post("/login/passkey", data=sent)).status_code == 422
    assert await Session.all().count() == 1


async def test_passkey_nobody_has_is_refused_with_the_form(visitor, section, key):
    page = read(await show(visitor, SoftKey()), 422)

    assert "pas été reconnue" in text(page, ".summary")
    assert page.select_one("#password")
    assert not await Session.exists()


async def test_passkey_takes_the_place_of_the_code(visitor, login, key, ctx):
    await second_step.begin(login, ctx)
    await second_step.turn_on(login, await code_now(ctx), ctx)
    sent = form_of(read(await visitor.get("/login")), "/login") | {"name": "zoe", "password": PASSWORD}
    await visitor.post("/login", data=sent)

    answer = await show(visitor, key, "/login/second_step", "/login/second_step/passkey")

    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert await Session.all().count() == 1


async def test_passkey_of_somebody_else_does_not_take_the_place_of_the_code(
    visitor, enter, login, key, other_member, ctx
):
    await Member.filter(actor_id=other_member.id).update(password_hash=await hash_password(PASSWORD))
    await second_step.begin(login, ctx)
    await second_step.turn_on(login, await code_now(ctx), ctx)
    theirs = SoftKey()
    await add(await enter(other_member), theirs)
    await Session.all().delete()
    sent = form_of(read(await visitor.get("/login")), "/login") | {"name": "zoe", "password": PASSWORD}
    await visitor.post("/login", data=sent)

    assert (await show(visitor, theirs, "/login/second_step", "/login/second_step/passkey")).status_code == 422
    assert not await Session.exists()


async def test_form_of_another_site_is_refused(visitor, key):
    page = read(await visitor.get("/login"))
    sent = form_of(page, "/login/passkey") | {"answer": key.show(page.select_one("form[hidden]")["data-options"])}

    answer = await visitor.post("/login/passkey", data=sent, headers={"Origin": "https://far.test"})
    assert answer.status_code == 403


async def test_login_form_says_that_the_password_does_without_a_script(visitor, section):
    answer = await visitor.get("/login")

    assert "Votre nom et votre mot de passe s’en passent" in text(read(answer), "[data-without-passkeys]")
    assert "script-src 'self';" in answer.headers["content-security-policy"]
