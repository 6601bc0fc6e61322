"""In which language and colours pages are read: chosen on a page, told by a cookie, never mixed up among readers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request

from models.member import Member
from server.config import read_settings
from server.front_door import Repeats
from tests.web.conftest import browser
from tests.web.pages import fill, form_of, read, text
from tests.world import ORIGIN
from web.shared.languages import LANGUAGES
from web.shared.reading import THEMES, Reading, language_of, reading_of

ADDRESS = "/me/language"
COOKIE = "__Host-coopole_reading"
PUBLIC = ["/", "/@lille", "/agenda", "/@lille/agenda", "/about", "/login", "/nothing-here"]


@pytest.fixture
async def zoe(enter, section, member):
    return await enter(member)


async def test_choice_is_for_its_owner(visitor, zoe, section):
    assert (await visitor.get(ADDRESS)).headers["location"].startswith("/login")
    assert (await visitor.post(ADDRESS, data={})).headers["location"].startswith("/login")
    assert (await zoe.post(ADDRESS, data={"do": "keep"})).status_code == 403


async def test_language_is_chosen_for_all_pages(zoe, member):
    response = await fill(zoe, ADDRESS, "keep", language="en", theme="dark", timezone="Indian/Reunion")

    assert response.headers["location"] == f"{ADDRESS}?said=kept"
    login = await Member.get(actor_id=member.id)
    assert (login.reads_in, login.timezone) == ("en", "Indian/Reunion")
    for address in (*PUBLIC, "/me"):
        answer = await zoe.get(address, follow_redirects=True)
        page = read(answer, 404 if "nothing" in address else 200)
        assert (page.html["lang"], page.html["data-theme"]) == ("en", "dark"), address
        assert page.select_one('meta[name="color-scheme"]')["content"] == "dark"


async def test_a_new_browser_learns_it_from_the_own_pages(zoe, enter, member):
    await fill(zoe, ADDRESS, "keep", language="en", theme="dark")
    other = await enter(member)
    assert read(await other.get("/")).html["lang"] == "fr"

    page = read(await other.get("/me"))

    assert page.html["lang"] == "en"
    assert "data-theme" not in page.html.attrs
    assert read(await other.get("/")).html["lang"] == "en"


async def test_it_is_given_back_to_the_browser(zoe, member):
    await fill(zoe, ADDRESS, "keep", language="en", theme="dark")
    await fill(zoe, ADDRESS, "keep", language="", theme="")

    assert COOKIE not in zoe.cookies
    assert read(await zoe.get("/")).html["lang"] == "fr"
    assert "data-theme" not in read(await zoe.get("/")).html.attrs


@pytest.mark.parametrize("typed", [{"language": "de"}, {"theme": "red"}, {"timezone": "Europe/Lille"}, {"do": "x"}])
async def test_made_up_choices_are_refused(zoe, member, typed):
    sent = form_of(read(await zoe.get(ADDRESS)), ADDRESS) | {"language": "en"} | typed
    answer = await zoe.post(ADDRESS, data=sent)

    assert text(read(answer, 422), ".summary")
    assert COOKIE not in zoe.cookies
    assert (await Member.get(actor_id=member.id)).reads_in == ""


async def test_times_are_those_of_the_zone_that_was_chosen(zoe, member):
    await fill(zoe, ADDRESS, "keep", timezone="Pacific/Noumea")
    here = text(read(await zoe.get("/me/sessions")), ".rows .note")
    await fill(zoe, ADDRESS, "keep", timezone="")

    assert text(read(await zoe.get("/me/sessions")), ".rows .note") != here


async def test_readers_are_never_given_the_pages_of_others(app: Starlette, section, ctx):
    """Whoever comes next is given their own language and colours, whatever is kept of the page already."""
    app.state.repeats = Repeats(lambda: ctx.now().timestamp())
    readers = [
        (f"{language}.{theme}", accept)
        for language in ("", *LANGUAGES)
        for theme in ("", *THEMES)
        for accept in LANGUAGES
    ]
    for _ in range(2):
        for cookie, accept in readers:
            async with browser(app, language=accept) as reader:
                if cookie != ".":
                    reader.cookies.set(COOKIE, cookie)
                for address in PUBLIC[:4]:
                    answer = await reader.get(address)
                    page = read(answer)
                    language, _, theme = cookie.partition(".")
                    assert page.html["lang"] == answer.headers["content-language"] == (language or accept)
                    assert page.html.attrs.get("data-theme", "") == theme
                    assert "Cookie" in answer.headers["vary"]


async def test_a_tag_of_one_language_is_no_tag_of_another(app, visitor, section):
    tag = (await visitor.get("/")).headers["etag"]
    visitor.cookies.set(COOKIE, "en.")

    assert read(await visitor.get("/", headers={"If-None-Match": tag})).html["lang"] == "en"


async def test_visitors_are_given_no_cookie(visitor, section):
    assert "set-cookie" not in (await visitor.get("/")).headers


@given(st.text() | st.from_regex(r"(fr|en|de)?[.:]?(light|dark|x)?", fullmatch=True))
def test_any_cookie_is_read_as_one_of_nine(value):
    app = Starlette()
    app.state.settings = read_settings({"COOPOLE_DATA": "/nowhere", "COOPOLE_ORIGIN": ORIGIN})
    header = f"{COOKIE}={value}".encode("utf-8", "surrogateescape")
    request = Request({"type": "http", "app": app, "headers": [(b"cookie", header)], "state": {}})

    found = reading_of(request)

    assert found.language in ("", *LANGUAGES)
    assert found.theme in ("", *THEMES)
    assert language_of(request) in LANGUAGES
    assert Reading(found.language, found.theme).written.count(".") == 1
