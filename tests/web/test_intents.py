"""Answering, liking and sharing from one's own server, with the pages that it says it has."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import FederationError
from federation.webfinger import fill, read_jrd
from tests.web.pages import read, text, texts

SUBSCRIBE = {"rel": "http://ostatus.org/schema/1.0/subscribe", "template": "https://home.test/authorize?uri={uri}"}
SELF = {"rel": "self", "type": "application/activity+json", "href": "https://home.test/users/camille"}


def intent(name: str, template: str, *, as_: str = "href") -> dict[str, str]:
    return {"rel": f"https://w3id.org/fep/3b86/{name}", as_: f"https://home.test/{template}"}


EVERY = [
    SUBSCRIBE,
    intent("Follow", "follow?who={object}&back={on-success}", as_="template"),
    intent("Create", "new?to={inReplyTo}&text={content}&kind={type}"),
    intent("like", "like/{object}"),
    intent("Announce", "share?it={object}&no={on-cancel}"),
    intent("Object", "show?it={object}"),
]


@pytest.fixture
def home(world):
    """The visitor's own server, whose pages a test chooses."""

    def serve(*links: dict[str, str]) -> None:
        url = "https://home.test/.well-known/webfinger?resource=acct:camille@home.test"
        document = {"subject": "acct:camille@home.test", "links": [SELF, *links]}
        world.serve(document, url=url, content_type="application/jrd+json")

    return serve


async def sent_to(visitor, **form: str) -> str:
    """Where a visitor is sent."""
    answer = await visitor.post("/follow", data=form | {"address": "camille@home.test"})
    assert answer.status_code == 303, text(read(answer, answer.status_code), ".error")
    return str(answer.headers["location"])


async def test_a_visitor_is_sent_to_the_page_made_for_it(visitor, section, say, home):
    home(*EVERY)
    post = await say(section, "Bonjour")
    uri, page = quote(post.uri, safe=""), quote(post.url, safe="")

    found = {act: await sent_to(visitor, post=str(post.id), act=act) for act in ("reply", "like", "share")}
    found["follow"] = await sent_to(visitor, of="lille")

    assert found == {
        "reply": f"https://home.test/new?to={uri}&text=&kind=",
        "like": f"https://home.test/like/{uri}",
        "share": f"https://home.test/share?it={uri}&no={page}",
        "follow": f"https://home.test/follow?who={quote(section.uri, safe='')}&back={quote(section.url, safe='')}",
    }


@pytest.mark.parametrize("act", ["reply", "like", "share"])
async def test_without_such_a_page_the_post_is_opened(visitor, section, say, home, act):
    home(SUBSCRIBE, intent("Object", "show?it={object}"), intent("Create", "new?text={content}"))
    post = await say(section, "Bonjour")

    assert await sent_to(visitor, post=str(post.id), act=act) == f"https://home.test/show?it={quote(post.uri, safe='')}"


@pytest.mark.parametrize("act", ["reply", "like", "share"])
async def test_of_old_the_page_for_following_opens_posts_too(visitor, section, say, home, act):
    home(SUBSCRIBE)
    post = await say(section, "Bonjour")

    assert await sent_to(visitor, post=str(post.id), act=act) == (
        f"https://home.test/authorize?uri={quote(post.uri, safe='')}"
    )


async def test_a_server_with_none_of_these_pages_is_said(visitor, section, say, home):
    home(intent("Object", "show?it={object}"), {"rel": "https://w3id.org/fep/3b86/Follow", "href": "javascript:1"})

    answer = await visitor.post("/follow", data={"of": "lille", "address": "camille@home.test"})

    assert "ne propose pas" in text(read(answer, 422), ".error")


@pytest.mark.parametrize(
    ("act", "heading"),
    [
        ("", "Répondre depuis votre serveur"),
        ("reply", "Répondre depuis votre serveur"),
        ("like", "Aimer depuis votre serveur"),
        ("share", "Partager depuis votre serveur"),
        ("follow", "Répondre depuis votre serveur"),
        ("<b>", "Répondre depuis votre serveur"),
    ],
)
async def test_the_form_says_what_is_about_to_be_done(visitor, section, say, act, heading):
    post = await say(section, "Bonjour")

    page = read(await visitor.get("/follow", params={"post": str(post.id), "act": act}))

    assert text(page, "h1") == heading
    assert page.select_one("input[name=act]")["value"] in ("reply", "like", "share")


async def test_the_page_of_a_post_offers_all_three(visitor, section, say):
    post = await say(section, "Bonjour")

    page = read(await visitor.get(f"/@lille/{post.id}"))

    assert texts(page, ".post-foot > a") == [
        "Répondre depuis votre serveur", "Aimer depuis votre serveur", "Partager depuis votre serveur",
    ]  # fmt: skip
    assert page.select(".post-foot script") == []


JOIN = intent("Join", "join?who={object}&back={on-success}")


async def test_a_visitor_is_sent_home_to_join(visitor, section, home):
    home(*EVERY, JOIN)

    place = await sent_to(visitor, of="lille", act="join")

    back = quote(f"{section.url}/join", safe="")
    assert place == f"https://home.test/join?who={quote(section.uri, safe='')}&back={back}"


async def test_a_server_that_cannot_join_is_not_made_to_follow_in_its_stead(visitor, section, home):
    home(SUBSCRIBE, intent("Follow", "follow?who={object}"))

    answer = await visitor.post("/follow", data={"of": "lille", "act": "join", "address": "camille@home.test"})
    page = read(answer)

    assert text(page, "h1") == "Rejoindre Section de Lille"
    assert "home.test" in text(page, ".lead")
    assert text(page, ".copy-block") == "@lille@lille.test"
    [link] = page.select("a[href^='https://home.test']")
    assert link["href"] == f"https://home.test/authorize?uri={quote(section.uri, safe='')}"
    assert "noreferrer" in link["rel"]
    assert answer.headers["set-cookie"].startswith("coopole_home=home.test;")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("links", [[], [{"rel": "https://w3id.org/fep/3b86/Join", "href": "javascript:1"}]])
async def test_without_any_page_there_is_the_address_to_copy(visitor, section, home, links):
    home(*links)

    page = read(await visitor.post("/follow", data={"of": "lille", "act": "join", "address": "camille@home.test"}))

    assert text(page, ".copy-block") == "@lille@lille.test"
    assert page.select("main a[href^='http']") == []
    assert page.select_one('a[href="/@lille/contact"]') is not None


async def test_what_is_no_address_is_kept_and_still_joins(visitor, section):
    page = read(await visitor.post("/follow", data={"of": "lille", "act": "join", "address": "camille"}), 422)

    assert text(page, "h1") == "Rejoindre Section de Lille"
    assert page.select_one("input[name=act]")["value"] == "join"
    assert page.select_one("#address")["value"] == "camille"


async def test_members_of_this_server_log_in_and_join_here(visitor, section):
    answer = await visitor.post("/follow", data={"of": "lille", "act": "join", "address": "zoe@lille.test"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F%40lille%2Fjoin")


@pytest.mark.parametrize("of", ["zoe", "instance", "nobody", ""])
async def test_only_sections_are_joined(visitor, section, member, of):
    form = {"of": of, "act": "join"}

    assert (await visitor.get("/follow", params=form)).status_code == 404
    assert (await visitor.post("/follow", data=form | {"address": "camille@home.test"})).status_code == 404


def test_names_that_mean_nothing_become_nothing() -> None:
    assert (
        fill("https://a.test/{x}?{object}={object}&{}", {"object": "é/&"})
        == "https://a.test/?%C3%A9%2F%26=%C3%A9%2F%26&"
    )


@settings(max_examples=40)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["rel", "href", "template"]),
            st.none() | st.integers() | st.text() | st.text().map(lambda end: f"https://w3id.org/fep/3b86/{end}"),
        )
    )
)
def test_any_links_are_read_and_lead_to_the_web(links: list[dict[str, Any]]) -> None:
    try:
        jrd = read_jrd({"links": [SELF, *links]})
    except FederationError:
        return
    for template in jrd.intents.values():
        assert fill(template, {}).startswith(("http://", "https://"))
