"""The second step in a browser: turned on with a drawing and a code, asked for before any session, turned off."""

import re
from datetime import timedelta

import pyotp
import pytest

from models.member import Member
from models.second_step import CodeApp, RecoveryCode
from models.session import Session
from server.members.passwords import hash_password
from server.second_step import actions
from server.sessions.guesses import Guesses
from tests.web.conftest import browser
from tests.web.pages import form_of, read, text, texts

PASSWORD = "cheval agrafe pile"
ADDRESS = "/me/second_step"
COOKIE = "__Host-coopole_session"


@pytest.fixture
async def login(member):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password(PASSWORD))
    return await Member.get(actor_id=member.id).select_related("actor")


@pytest.fixture
async def zoe(enter, section, login, member):
    return await enter(member)


async def code_now(ctx, steps: int = 0) -> str:
    app = await CodeApp.get()
    return pyotp.TOTP(app.secret).at(ctx.now() + timedelta(seconds=30 * steps))


@pytest.fixture
async def paper(login, ctx) -> list[str]:
    """The codes on paper of Zoé, whose second step is on."""
    await actions.begin(login, ctx)
    return await actions.turn_on(login, await code_now(ctx, -1), ctx)


async def send(client, address=ADDRESS, do="", action="", **typed):
    return await client.post(
        action or address, data=form_of(read(await client.get(address)), action or address, do) | typed
    )


async def test_second_step_is_turned_on_with_password_and_code(zoe, ctx):
    begun = await send(zoe, do="begin", password=PASSWORD)
    assert begun.headers["location"] == f"{ADDRESS}/app"
    page = read(await zoe.get(f"{ADDRESS}/app"))
    app = await CodeApp.get()
    assert text(page, ".copy").replace(" ", "") == app.secret
    assert app.secret in page.select_one('a[href^="otpauth://"]')["href"]
    assert page.select_one("svg.qr path")
    assert app.confirmed_at is None

    answer = await send(zoe, f"{ADDRESS}/app", code=await code_now(ctx))

    assert f"{COOKIE}=" in str(answer.headers)
    page = read(answer)
    codes = texts(page, ".paper-codes code")
    assert len(codes) == len(set(codes)) == 10
    assert await actions.is_on(await Member.get())
    assert "10 codes" in text(read(await zoe.get(ADDRESS)), "main")
    assert await Session.all().count() == 1


async def test_drawing_and_pages_run_nothing_and_style_nothing_of_their_own(zoe):
    await send(zoe, do="begin", password=PASSWORD)
    answer = await zoe.get(f"{ADDRESS}/app")

    assert "script-src" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<style|\sstyle=", answer.text)


async def test_wrong_password_begins_nothing(zoe):
    page = read(await send(zoe, do="begin", password="wrong"), 422)

    assert text(page, ".summary") == "Ce n’est pas votre mot de passe."
    assert not await CodeApp.exists()


async def test_wrong_code_shows_the_drawing_again(zoe):
    await send(zoe, do="begin", password=PASSWORD)
    page = read(await send(zoe, f"{ADDRESS}/app", code="000000"), 422)

    assert "Ce code est faux" in text(page, ".summary")
    assert page.select_one("svg.qr")
    assert not await actions.is_on(await Member.get())


async def test_drawing_is_not_shown_where_nothing_was_begun(zoe):
    assert (await zoe.get(f"{ADDRESS}/app")).headers["location"] == f"{ADDRESS}?said=took_long"


async def test_turning_off_takes_password_and_code(zoe, paper, ctx):
    for typed in ({"password": "wrong", "code": await code_now(ctx)}, {"password": PASSWORD, "code": "000000"}):
        page = read(await zoe.get(ADDRESS))
        sent = form_of(page, ADDRESS) | {"do": "turn_off"} | typed
        assert (await zoe.post(ADDRESS, data=sent)).status_code == 422
    assert await actions.is_on(await Member.get())

    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS) | {"do": "turn_off", "password": PASSWORD}
    answer = await zoe.post(ADDRESS, data=sent | {"code": await code_now(ctx)})

    assert answer.headers["location"] == f"{ADDRESS}?said=second_step_off"
    assert not await RecoveryCode.exists()


async def test_other_codes_on_paper_are_shown_once(zoe, paper, ctx):
    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS) | {"do": "renew", "password": PASSWORD}
    page = read(await zoe.post(ADDRESS, data=sent | {"code": paper[0]}))

    assert len(texts(page, ".paper-codes code")) == 10
    assert not set(texts(page, ".paper-codes code")) & set(paper)
    assert (await zoe.get(ADDRESS)).status_code == 200


async def type_password(visitor, address="/login"):
    sent = form_of(read(await visitor.get(address)), "/login") | {"name": "zoe", "password": PASSWORD}
    return await visitor.post("/login", data=sent)


async def test_logging_in_asks_for_the_code_before_any_session(visitor, section, paper, ctx):
    answer = await type_password(visitor, "/login?next=/me/agenda")
    assert answer.headers["location"] == "/login/second_step?next=%2Fme%2Fagenda"
    assert not await Session.exists()
    assert (await visitor.get("/me")).headers["location"] == "/login?next=%2Fme"

    answer = await send(visitor, answer.headers["location"], action="/login/second_step", code=await code_now(ctx))

    assert (answer.status_code, answer.headers["location"]) == (303, "/me/agenda")
    assert (await visitor.get("/me")).status_code == 200
    assert '__Host-coopole_half_in=""' in str(answer.headers)


async def test_code_on_paper_logs_in_once(visitor, app, section, paper):
    await type_password(visitor)
    assert (await send(visitor, "/login/second_step", code=paper[0])).status_code == 303
    async with browser(app) as other:
        await type_password(other)
        assert (await send(other, "/login/second_step", code=paper[0])).status_code == 422
    assert await Session.all().count() == 1


async def test_same_code_does_not_log_in_twice(visitor, app, section, paper, ctx):
    code = await code_now(ctx)
    await type_password(visitor)
    assert (await send(visitor, "/login/second_step", code=code)).status_code == 303
    async with browser(app) as other:
        await type_password(other)
        page = read(await send(other, "/login/second_step", code=code), 422)

    assert "Ce code est faux" in text(page, ".summary")


async def test_wrong_codes_are_refused_and_then_told_to_wait(app, visitor, section, paper, ctx):
    app.state.code_guesses = Guesses(lambda: 1000.0, are_codes=True)
    await type_password(visitor)
    for _ in range(5):
        assert (await send(visitor, "/login/second_step", code="000000")).status_code == 422

    answer = await send(visitor, "/login/second_step", code=await code_now(ctx))

    assert "Attendez" in text(read(answer, 429), ".summary")
    assert int(answer.headers["retry-after"]) > 0
    assert not await Session.exists()


async def test_second_step_is_for_whoever_has_typed_the_password(visitor, section, paper, ctx):
    assert (await visitor.get("/login/second_step")).headers["location"] == "/login?said=took_long"
    answer = await visitor.post("/login/second_step", data={"code": await code_now(ctx)})
    assert answer.headers["location"] == "/login?said=took_long"
    visitor.cookies.set("__Host-coopole_half_in", "1.2.3")
    assert (await visitor.get("/login/second_step")).headers["location"] == "/login?said=took_long"


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_form_of_the_second_step_that_was_not_given_here_is_refused(visitor, section, paper, ctx, token):
    await type_password(visitor)

    assert (await send(visitor, "/login/second_step", code=paper[0], form_token=token)).status_code == 422
    assert not await Session.exists()


async def test_form_of_another_site_is_refused(visitor, section, paper):
    await type_password(visitor)
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert (await visitor.post("/login/second_step", data={"code": paper[0]}, headers=headers)).status_code == 403


async def test_pages_between_the_steps_are_kept_by_nothing(visitor, section, paper):
    await type_password(visitor)

    assert (await visitor.get("/login/second_step")).headers["cache-control"] == "no-store"


async def test_application_is_allowed_after_both_steps_alone(visitor, section, paper, ctx):
    made = await visitor.post(
        "/api/v1/apps", json={"client_name": "Tusky", "redirect_uris": "tusky://x", "scopes": "read"}
    )
    asked = (
        f"/oauth/authorize?client_id={made.json()['client_id']}&redirect_uri=tusky://x&response_type=code&scope=read"
    )
    at_login = (await visitor.get(asked)).headers["location"]
    second = (await type_password(visitor, at_login)).headers["location"]
    assert second.startswith("/login/second_step?next=%2Foauth%2Fauthorize")
    assert (await visitor.get(asked)).headers["location"].startswith("/login?")

    answer = await send(visitor, second, action="/login/second_step", code=await code_now(ctx))

    assert "Tusky" in text(read(await visitor.get(answer.headers["location"])), "h1")
