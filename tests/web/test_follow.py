"""The follow box: the way home, and every way in which it may fail."""

import json
from base64 import urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import MalformedActivity
from federation.webfinger import Jrd, parse_handle
from models.post import Visibility
from server.errors import Invalid
from tests.web.pages import read, text
from web.follow import remembering
from web.follow.home import complete, is_host

SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
TEMPLATE = "https://home.test/authorize_interaction?uri={uri}"


@pytest.fixture
def home(world):
    """The visitor's own server."""

    def serve(template=TEMPLATE, user="camille", host="home.test"):
        actor = {"rel": "self", "type": "application/activity+json", "href": f"https://{host}/users/{user}"}
        links = [actor] if template is None else [actor, {"rel": SUBSCRIBE, "template": template}]
        url = f"https://{host}/.well-known/webfinger?resource=acct:{user}@{host}"
        world.serve({"subject": f"acct:{user}@{host}", "links": links}, url=url, content_type="application/jrd+json")

    serve()
    return serve


@pytest.mark.parametrize("address", ["camille@home.test", "@camille@home.test", " acct:camille@HOME.test "])
async def test_visitor_is_sent_home_to_follow(visitor, section, home, address):
    response = await visitor.post("/follow", data={"of": "lille", "address": address})

    assert response.status_code == 303
    assert response.headers["location"] == TEMPLATE.replace("{uri}", quote(section.uri, safe=""))


async def test_visitor_is_sent_home_to_answer_a_post(visitor, section, say, home):
    post = await say(section, "Bonjour")
    page = read(await visitor.get(f"/follow?post={post.id}"))

    response = await visitor.post("/follow", data={"post": post.id, "address": "camille@home.test"})

    assert page.select_one("input[name=post]")["value"] == str(post.id)
    assert response.headers["location"] == TEMPLATE.replace("{uri}", quote(post.uri, safe=""))


async def test_only_the_name_of_the_server_is_remembered_and_only_for_the_box(visitor, section, home):
    response = await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"})

    cookie = response.headers["set-cookie"]
    assert cookie.startswith("coopole_home=home.test;")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/follow", "Max-Age=15552000"):
        assert part in cookie
    assert "camille" not in cookie


async def test_remembered_server_completes_a_bare_name(visitor, section, home):
    cookie = {"Cookie": "coopole_home=home.test"}
    page = read(await visitor.get("/follow?of=lille", headers=cookie))

    response = await visitor.post("/follow", data={"of": "lille", "address": "camille"}, headers=cookie)

    assert "home.test" in text(page, "#address-hint")
    assert response.status_code == 303


async def test_second_time_one_press_is_enough_and_no_server_is_asked(visitor, section, say, world, home):
    post = await say(section, "Bonjour")
    await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"})
    fetched = len(world.fetched)

    for query in ("of=lille", f"post={post.id}&act=like"):
        page = read(await visitor.get(f"/follow?{query}"))
        assert text(page, "form.box button") == "Continuer sur home.test"
        form = {field["name"]: field["value"] for field in page.select_one("form.box").select("input")}
        response = await visitor.post("/follow", data=form)
        uri = section.uri if query == "of=lille" else post.uri
        assert response.headers["location"] == TEMPLATE.replace("{uri}", quote(uri, safe=""))
    assert len(world.fetched) == fetched


async def test_pages_that_name_the_visitor_are_not_remembered(visitor, section, home):
    home("https://home.test/Camille/follow?uri={uri}")
    await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"})

    assert "coopole_ways" not in visitor.cookies
    assert len(read(await visitor.get("/follow?of=lille")).select("form.box")) == 1


def cookie_of(*links):
    """What a browser would remember of a server with these templates."""
    return urlsafe_b64encode(json.dumps(dict(links)).encode()).decode()


@pytest.mark.parametrize(
    "cookie",
    [
        "x", "e30=", "bm8=", "é", "A" * 4000, cookie_of(("subscribe", 1)), cookie_of(("other", "https://home.test/{uri}")),
        cookie_of(("subscribe", "javascript:alert('{uri}')")), cookie_of(("subscribe", "//home.test/{uri}")),
    ],
)  # fmt: skip
async def test_what_was_not_remembered_here_is_not_believed(visitor, section, cookie):
    headers = {"Cookie": f"coopole_ways={cookie}".encode()}
    assert len(read(await visitor.get("/follow?of=lille", headers=headers)).select("form.box")) == 1
    response = await visitor.post("/follow", data={"of": "lille", "known": "yes"}, headers=headers)
    assert text(read(response, 422), "#address-error").startswith("Ce n’est pas une adresse")


@given(
    st.text(alphabet=st.characters(max_codepoint=127)) | st.binary().map(lambda raw: urlsafe_b64encode(raw).decode())
)
def test_any_cookie_is_read_or_is_none(cookie):
    jrd = remembering.read(cookie)
    assert jrd is None or all(isinstance(text_, str) for text_ in jrd.intents.values())


@given(
    st.dictionaries(st.sampled_from(["follow", "like", "object", "other"]), st.text()), st.text(), st.text(min_size=1)
)
def test_what_is_remembered_says_nothing_of_the_visitor(intents, subscribe, user):
    value = remembering.written(Jrd(None, "", subscribe, (), intents), user)
    if (jrd := remembering.read(value)) is not None:
        assert all(
            user.lower() not in text_.lower()
            for text_ in [*jrd.intents.values(), jrd.subscribe_template or ""]
            if text_
        )
        assert "other" not in jrd.intents


@pytest.mark.parametrize("remembered", ["<b>", "a b", "home.test/x", "", "x" * 300])
async def test_cookie_that_is_no_server_is_not_believed(visitor, section, remembered):
    page = read(await visitor.get("/follow?of=lille", headers={"Cookie": f'coopole_home="{remembered}"'}))

    assert text(page, "#address-hint") == "Par exemple nom@serveur.exemple"


async def test_reading_sets_no_cookie(visitor, section):
    for address in ("/", "/@lille", "/about", "/follow?of=lille"):
        assert "set-cookie" not in (await visitor.get(address)).headers


@pytest.mark.parametrize("typed", ["", "camille", "@", "a b@home.test", "https://home.test/@camille", "x" * 400])
async def test_what_is_no_address_is_kept_and_said_so(visitor, section, typed):
    page = read(await visitor.post("/follow", data={"of": "lille", "address": typed}), 422)

    assert text(page, "#address-error").startswith("Ce n’est pas une adresse Fédivers.")
    assert page.select_one("#address")["value"] == typed
    assert text(page, ".copy-block") == "@lille@lille.test"


async def test_name_that_the_server_does_not_know_is_said_so(visitor, section, home):
    page = read(await visitor.post("/follow", data={"of": "lille", "address": "nobody@home.test"}), 422)

    assert text(page, "#address-error") == "Ce serveur ne connaît personne de ce nom."


async def test_server_that_does_not_answer_is_said_so(visitor, section, world):
    world.statuses["https://home.test/.well-known/webfinger?resource=acct:camille@home.test"] = 0

    page = read(await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"}), 503)

    assert text(page, "#address-error") == "Ce serveur ne répond pas pour le moment."
    assert page.select_one("#address")["value"] == "camille@home.test"


@pytest.mark.parametrize(
    "template", [None, "https://home.test/follow", "javascript:alert('{uri}')", "//home.test/{uri}"]
)
async def test_server_without_a_page_for_following_is_said_so(visitor, section, home, template):
    home(template)

    page = read(await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"}), 422)

    assert text(page, "#address-error") == "Ce serveur ne propose pas de page pour suivre depuis ailleurs."


async def test_our_own_members_are_told_to_follow_from_their_application(visitor, section):
    page = read(await visitor.post("/follow", data={"of": "lille", "address": "zoe@lille.test"}), 422)

    assert text(page, "#address-error").startswith("Vous êtes ici chez vous")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_form_of_another_site_is_refused(visitor, section, home, headers):
    data = {"of": "lille", "address": "camille@home.test"}

    assert (await visitor.post("/follow", data=data, headers=headers)).status_code == 403


async def test_form_of_our_own_page_is_taken(visitor, section, home):
    headers = {"Origin": "https://lille.test", "Sec-Fetch-Site": "same-origin"}

    response = await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"}, headers=headers)

    assert response.status_code == 303


@pytest.mark.parametrize("target", [{}, {"of": "nobody"}, {"of": ""}, {"post": "1"}, {"post": "x"}, {"post": "9" * 40}])
async def test_what_is_not_here_cannot_be_followed(visitor, section, target):
    assert (await visitor.get("/follow", params=target)).status_code == 404
    assert (await visitor.post("/follow", data=target | {"address": "camille@home.test"})).status_code == 404


async def test_post_that_is_not_for_everybody_cannot_be_answered_from_outside(visitor, section, say):
    post = await say(section, "Secret", Visibility.FOLLOWERS)

    assert (await visitor.get(f"/follow?post={post.id}")).status_code == 404


async def test_form_that_is_too_large_is_refused(visitor, section):
    response = await visitor.post("/follow", data={"of": "lille", "address": "x" * 70_000})

    assert response.status_code == 413


@given(st.text(), st.text())
def test_any_text_is_an_address_or_is_refused(address, remembered):
    try:
        user, host = complete(address, remembered)
    except Invalid:
        return
    assert parse_handle(f"{user}@{host}") == (user, host)


@given(st.text())
def test_remembered_host_is_never_more_than_a_host(remembered):
    if is_host(remembered):
        assert not set(remembered) & set("/?#@ <>\"'&;")
        try:
            parse_handle(f"x@{remembered}")
        except MalformedActivity:
            return


async def test_nobody_has_other_servers_asked_for_ever(visitor, section, home):
    form = {"of": "lille", "address": "camille@home.test"}
    statuses = [(await visitor.post("/follow", data=form)).status_code for _ in range(21)]
    assert statuses == [303] * 20 + [429]
    assert (await visitor.get("/follow?of=lille")).status_code == 200
