"""Which form of a URI a request gets, and whether it has it already."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.vocabulary import ACCEPT_OBJECT, ACTIVITY_JSON, LD_JSON
from models.actor import Actor
from server.activitypub.negotiation import (
    ACTIVITY_JSON_UTF8,
    preferred_type,
    read_accept,
    wants_activitypub,
)
from server.kept_answers import has_already
from tests.server.activitypub.asker import Asker

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
MASTODON = (
    'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1'
)
MISSKEY = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams", application/activity+json'

TYPES = ["text/html", "*/*", "application/json", "text/plain", "application/activity+json", "application/ld+json"]
ELEMENTS = st.builds("{};q=0.{}".format, st.sampled_from(TYPES), st.integers(0, 9))


@pytest.mark.parametrize(
    "accept",
    [
        "application/activity+json",
        "Application/Activity+JSON",
        "application/activity+json; charset=utf-8",
        LD_JSON,
        'application/ld+json; profile="http://www.w3.org/ns/activitystreams"',
        "application/ld+json; profile=https://www.w3.org/ns/activitystreams",
        'application/ld+json; profile="https://example.org/x https://www.w3.org/ns/activitystreams"',
        "application/ld+json",
        "application/json",
        ACCEPT_OBJECT,
        MASTODON,
        MISSKEY,
        "text/html, application/activity+json",
        "application/activity+json, */*",
        "application/activity+json;q=0.5, text/html;q=0.4",
        "text/*;q=0.2, text/html;q=0.9, */*, application/activity+json;q=0.95",
    ],
)
def test_a_server_that_names_activitypub_gets_it(accept: str):
    assert wants_activitypub(accept)


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/*",
        FIREFOX,
        CHROME,
        "text/html",
        "application/xml",
        "application/rss+xml",
        "application/activity+json;q=0",
        "application/activity+json;q=0.5, text/html",
        "application/activity+json;q=0.5, text/*",
        "application/activity+json;q=0.5, */*",
        'application/ld+json; profile="http://iiif.io/api/presentation/3/context.json"',
        "application/activity+jsonx",
        'text/plain; x="application/activity+json"',
        'text/plain; x=", application/activity+json, "',
        "application/activity+json;q=much",
        "a" * 600 + ", application/activity+json",
    ],
)
def test_everybody_else_gets_the_page(accept: str):
    assert not wants_activitypub(accept)


@pytest.mark.parametrize(
    ("accept", "type_"),
    [
        ("application/activity+json", ACTIVITY_JSON_UTF8),
        ("application/json", ACTIVITY_JSON_UTF8),
        (MASTODON, ACTIVITY_JSON_UTF8),
        (LD_JSON, LD_JSON),
        ("application/ld+json", LD_JSON),
        (ACCEPT_OBJECT, LD_JSON),
        (f"{LD_JSON};q=0.5, {ACTIVITY_JSON}", ACTIVITY_JSON_UTF8),
    ],
)
def test_the_type_is_the_one_preferred(accept: str, type_: str):
    assert preferred_type(accept) == type_


@given(st.text())
def test_any_accept_header_can_be_read(accept: str):
    assert preferred_type(accept) in (None, ACTIVITY_JSON_UTF8, LD_JSON)
    assert all(0 <= item.quality <= 1 for item in read_accept(accept))


@given(st.text(alphabet='",;=\\/*q01. applicationactivity+json'))
def test_a_header_made_of_its_own_marks_can_be_read(accept: str):
    assert preferred_type(accept) in (None, ACTIVITY_JSON_UTF8, LD_JSON)


@given(st.lists(ELEMENTS, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_header_changes_nothing(elements: list[str], chance):
    shuffled = list(elements)
    chance.shuffle(shuffled)

    assert preferred_type(",".join(shuffled)) == preferred_type(",".join(elements))


@given(st.lists(ELEMENTS, max_size=8))
def test_activitypub_named_without_reserve_wins(elements: list[str]):
    assert wants_activitypub(", ".join([*elements, ACTIVITY_JSON]))


@given(st.lists(ELEMENTS, max_size=8))
def test_a_page_named_without_reserve_wins_over_the_lesser_wish(elements: list[str]):
    assert not wants_activitypub(", ".join([*elements, "text/html"]))


@given(st.lists(st.sampled_from(["text/html", "*/*", "application/*", "text/plain;q=0.3", "image/png"])))
def test_activitypub_is_never_served_to_those_who_did_not_name_it(elements: list[str]):
    assert not wants_activitypub(",".join(elements))


@pytest.mark.parametrize("header", ['"a"', 'W/"a"', '"b", "a"', '"b",W/"a"', "*"])
def test_an_etag_that_is_named_is_had_already(header: str):
    assert has_already(header, '"a"')


@pytest.mark.parametrize("header", ["", "a", '"b"', '"aa"', '*, "b"', '"a'])
def test_any_other_etag_is_not(header: str):
    assert not has_already(header, '"a"')


@given(st.text())
def test_any_if_none_match_can_be_read(header: str):
    assert has_already(header, '"0123"') in (True, False)


async def test_one_uri_gives_the_document_or_the_page(asker: Asker, member: Actor):
    document = await asker.get(member.uri)
    shown = await asker.get(member.uri, accept=FIREFOX)

    assert document.headers["content-type"] == ACTIVITY_JSON_UTF8
    assert (shown.status, shown.headers["location"]) == (302, member.url)
    assert shown.headers["vary"] == "Accept"


async def test_without_an_accept_header_there_is_the_page(asker: Asker, member: Actor):
    assert (await asker.get(member.uri, accept=None)).status == 302


async def test_the_address_of_a_page_gives_the_document_too(asker: Asker, member: Actor):
    document = await asker.get(member.url, accept=MASTODON)

    assert document.json["id"] == member.uri
    assert document.headers["content-type"] == ACTIVITY_JSON_UTF8


async def test_the_address_of_a_page_gives_people_the_page(asker: Asker, member: Actor):
    shown = await asker.get(member.url, accept=FIREFOX)

    assert (shown.status, shown.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "Accept" in shown.headers["vary"].split(", ")


async def test_a_document_says_that_it_depends_on_accept(asker: Asker, member: Actor):
    assert (await asker.get(member.uri)).headers["vary"] == "Accept"


async def test_the_type_of_the_answer_is_the_one_asked_for(asker: Asker, member: Actor):
    assert (await asker.get(member.uri, accept=LD_JSON)).headers["content-type"] == LD_JSON


async def test_a_document_that_is_known_already_is_not_sent_again(asker: Asker, member: Actor):
    first = await asker.get(member.uri)
    again = await asker.get(member.uri, if_none_match=first.headers["etag"])

    assert again.status == 304
    assert again.body == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept"
    assert again.headers["cache-control"] == "public, max-age=60"
    assert "content-type" not in again.headers


async def test_a_document_that_changed_is_sent_under_another_etag(asker: Asker, member: Actor):
    first = await asker.get(member.uri)
    await Actor.filter(id=member.id).update(display_name="Zoé B.")
    again = await asker.get(member.uri, if_none_match=first.headers["etag"])

    assert again.status == 200
    assert again.headers["etag"] != first.headers["etag"]


async def test_an_etag_is_strong(asker: Asker, member: Actor):
    assert (await asker.get(member.uri)).headers["etag"].startswith('"')


async def test_other_methods_are_refused_by_the_document(asker: Asker, member: Actor):
    refused = await asker.ask("DELETE", member.uri, accept=ACTIVITY_JSON)

    assert refused.status == 405
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
