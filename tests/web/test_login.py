"""Logging in and out with a browser, and every way in which that is refused."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.member import Member
from models.session import Session
from server.config import read_settings
from server.members.passwords import hash_password
from server.sessions.guesses import Guesses
from tests.web.conftest import browser
from tests.web.pages import form_of, read, text
from tests.world import ORIGIN
from web.login.pages import own_address

PASSWORD = "cheval agrafe pile"
COOKIE = "__Host-coopole_session"


@pytest.fixture
async def login(member):
    await Member.filter(actor_id=member.id).update(password_hash=await hash_password(PASSWORD))
    return await Member.get(actor_id=member.id).select_related("actor")


async def filled(visitor, address="/login", **typed):
    return form_of(read(await visitor.get(address)), "/login") | {"name": "zoe", "password": PASSWORD} | typed


async def test_who_knows_the_password_comes_to_their_own_page(visitor, section, login):
    response = await visitor.post("/login", data=await filled(visitor))

    assert (response.status_code, response.headers["location"]) == (303, "/home")
    page = read(await visitor.get("/me"))
    assert "@zoe@lille.test" in text(page, ".lead")


async def test_page_for_members_is_come_back_to(visitor, section, login):
    first = await visitor.get("/me/join?of=@a@b.test")
    assert first.headers["location"] == "/login?next=%2Fme%2Fjoin%3Fof%3D%40a%40b.test"

    response = await visitor.post("/login", data=await filled(visitor, first.headers["location"]))

    assert response.headers["location"] == "/me/join?of=@a@b.test"


async def test_cookie_is_for_this_host_by_https_and_out_of_reach_of_scripts(visitor, section, login):
    response = await visitor.post("/login", data=await filled(visitor))

    cookies = [value for name, value in response.headers.multi_items() if name == "set-cookie"]
    [cookie] = [cookie for cookie in cookies if cookie.startswith(f"{COOKIE}=")]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=15552000; Path=/; SameSite=lax; Secure", cookie), (
        cookie
    )


async def test_without_https_the_cookie_has_no_prefix(app, section, login, tmp_path):
    app.state.settings = read_settings({"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": "http://lille.test"})
    async with browser(app) as visitor:
        response = await visitor.post("/login", data=await filled(visitor))

    assert "coopole_session=" in str(response.headers)
    assert "__Host-" not in str(response.headers)
    assert "Secure" not in str(response.headers)


@pytest.mark.parametrize(
    "typed", [{"password": "wrong"}, {"name": "nobody"}, {"name": "é" * 300}, {"name": ""}, {"password": ""}]
)
async def test_anything_else_is_refused_and_the_name_kept(visitor, section, login, typed):
    sent = await filled(visitor, **typed)
    response = await visitor.post("/login", data=sent)

    page = read(response, 422)
    assert text(page, ".summary") == "Ce nom et ce mot de passe ne vont pas ensemble."
    assert page.select_one("#name")["value"] == sent["name"]
    assert page.select_one("#password")["value"] == ""
    assert not await Session.exists()


async def test_too_many_tries_are_told_to_wait(app, visitor, section, login):
    app.state.guesses = Guesses(lambda: 1000.0)
    for _ in range(5):
        await visitor.post("/login", data=await filled(visitor, password="wrong"))

    response = await visitor.post("/login", data=await filled(visitor))

    assert "Attendez" in text(read(response, 429), ".summary")
    assert response.headers["retry-after"] == "60"
    assert not await Session.exists()


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
async def test_form_that_was_not_given_here_is_refused(visitor, section, login, token):
    response = await visitor.post("/login", data=await filled(visitor, form_token=token))

    assert "page est restée ouverte" in text(read(response, 422), ".summary")
    assert not await Session.exists()


async def test_form_without_its_cookie_is_refused(app, visitor, section, login):
    sent = await filled(visitor)
    async with browser(app) as other:
        assert (await other.post("/login", data=sent)).status_code == 422


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://far.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_form_of_another_site_is_refused(visitor, section, login, headers):
    response = await visitor.post("/login", data=await filled(visitor), headers=headers)

    assert response.status_code == 403
    assert not await Session.exists()


async def test_form_of_a_second_window_stays_good(visitor, section, login):
    sent = await filled(visitor)
    await visitor.get("/login")

    assert (await visitor.post("/login", data=sent)).status_code == 303


async def test_logging_in_makes_a_new_session_whatever_cookie_came(visitor, section, login):
    sent = await filled(visitor)
    visitor.cookies.set(COOKIE, "A" * 43, domain="lille.test")
    response = await visitor.post("/login", data=sent)

    assert response.status_code == 303
    assert f"{COOKIE}=" in str(response.headers)
    assert "A" * 43 not in str(response.headers)


async def test_who_is_logged_in_is_not_asked_again(enter, section, member):
    zoe = await enter(member)

    assert (await zoe.get("/login?next=/me/sessions")).headers["location"] == "/me/sessions"


async def test_logging_out_ends_it_all(enter, section, member):
    zoe = await enter(member)
    response = await zoe.post("/logout", data=form_of(read(await zoe.get("/me")), "/logout"))

    assert (response.status_code, response.headers["location"]) == (303, "/login?said=logged_out")
    assert f'{COOKIE}=""; HttpOnly; Max-Age=0; Path=/' in response.headers["set-cookie"]
    assert not await Session.exists()
    assert text(read(await zoe.get("/login?said=logged_out")), "[role=status]") == "Votre session est fermée."


async def test_nobody_is_logged_out_by_another_site(enter, section, member):
    zoe = await enter(member)

    assert (await zoe.post("/logout", data={})).status_code == 403
    assert (await zoe.post("/logout", headers={"Origin": "https://far.test"})).status_code == 403
    assert await Session.exists()


async def test_who_is_logged_out_already_ends_at_the_form(visitor, section):
    assert (await visitor.post("/logout")).headers["location"] == "/login?next=%2Flogout"
    assert (await visitor.get("/logout")).headers["location"] == "/home"


async def test_log_in_form_is_kept_by_no_cache(visitor, section):
    assert (await visitor.get("/login")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("/me/sessions", "/me/sessions"),
        ("/@lille/desk?x=1", "/@lille/desk?x=1"),
        ("", "/home"),
        ("//far.test", "/home"),
        ("/\\far.test", "/home"),
        ("https://far.test", "/home"),
        ("javascript:alert(1)", "/home"),
        ("/a b", "/home"),
        ("/a\r\nX: y", "/home"),
        ("/" + "a" * 5000, "/home"),
    ],
)
def test_only_addresses_of_ours_are_gone_to(typed, address):
    assert own_address(typed) == address


@given(st.text(alphabet="/\\@:.?#a \t\n\x00é", max_size=12) | st.text())
def test_no_typed_address_leads_elsewhere(typed):
    for spelling in (typed, "/" + typed, "//" + typed):
        reached = urlsplit(urljoin(ORIGIN + "/login", own_address(spelling)))
        assert f"{reached.scheme}://{reached.netloc}" == ORIGIN
        assert "\\" not in own_address(spelling)
