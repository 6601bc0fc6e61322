"""Posts as we write them, and as another server reads them."""

from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import sanitise
from federation.activities import build, parse
from federation.addressing import address
from federation.jsonld import dump, load
from federation.markup import normalise_tag
from federation.naming import Names
from federation.objects import note
from models.actor import Actor
from models.post import Attachment, Post, PostTag, Visibility
from tests.federation.test_addressing import ADDRESSED

NAMES = Names("https://lille.test")
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
ZOE = Actor(uri=NAMES.actor(1), username="zoe", followers_uri=f"{NAMES.actor(1)}/followers")
ALI = Actor(uri=NAMES.actor(2), url=NAMES.profile("ali"), username="ali")
NOOR = Actor(uri="https://far.test/users/noor", url="https://far.test/@noor", username="noor", handle_host="far.test")

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80)
words = st.from_regex(r"[a-zéèA-Z]{1,12}", fullmatch=True)


def post_of(text: str = "Bonjour", visibility: Visibility = Visibility.PUBLIC, **more: object) -> Post:
    to, cc = address(ZOE, visibility, [])
    values = {
        "id": 7, "uri": NAMES.post(7), "url": NAMES.post_page("zoe", 7), "type": "Note", "visibility": visibility,
        "content_html": sanitise.post_html(f"<p>{escape(text)}</p>"), "source_text": text, "to_uris": to, "cc_uris": cc,
        "published_at": NOW,
    }  # fmt: skip
    return Post(**(values | more))


@settings(deadline=None)
@given(
    text=texts,
    visibility=st.sampled_from(ADDRESSED),
    named=st.lists(st.sampled_from([ALI, NOOR]), unique_by=lambda actor: actor.uri),
    tags=st.lists(words, max_size=5, unique_by=normalise_tag),
    warning=words | st.just(""),
    language=st.sampled_from([None, "fr", "pt-BR"]),
    age=st.integers(0, 10_000),
)
def test_another_server_reads_what_we_wrote(
    text: str, visibility: Visibility, named: list[Actor], tags: list[str], warning: str, language: str | None, age: int
) -> None:
    to, cc = address(ZOE, visibility, [actor.uri for actor in named])
    published_at = NOW - timedelta(seconds=age)
    post = post_of(
        text, visibility, to_uris=to, cc_uris=cc, content_warning=warning, is_sensitive=bool(warning), language=language,
        published_at=published_at, in_reply_to_uri="https://far.test/1", conversation_uri="tag:far.test,2026:1",
    )  # fmt: skip
    rows = [PostTag(name=normalise_tag(tag), shown=tag) for tag in tags]
    document = note.write(post, ZOE, named, rows, [], NAMES)
    create = build("Create", ZOE, document, uri=NAMES.new_activity(), to=to, cc=cc)

    arrived = parse(load(dump(create.document)))
    found = note.read(arrived.object or {}, ZOE, activity_to=arrived.to, activity_cc=arrived.cc, now=NOW)

    same = (
        "uri", "url", "type", "visibility", "to_uris", "cc_uris", "content_html", "source_text", "content_warning",
        "is_sensitive", "language", "in_reply_to_uri", "conversation_uri", "published_at", "edited_at",
    )  # fmt: skip
    assert {name: found.columns[name] for name in same} == {name: getattr(post, name) for name in same}
    assert found.tags == tuple((row.name, row.shown) for row in rows)
    assert [uri for uri in found.mentioned_uris if uri != ZOE.followers_uri] == [actor.uri for actor in named]


def test_pictures_travel_with_all_that_is_known_of_them() -> None:
    row = {
        "position": 0, "media_type": "image/png", "url": "https://lille.test/1.png", "description": "Un chat",
        "width": 640, "height": 480, "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj", "focal_x": 0.5, "focal_y": 0.0,
    }  # fmt: skip
    bare = {"position": 1, "media_type": "audio/ogg", "url": "https://lille.test/2.ogg", "description": ""}
    rows = [Attachment(**row), Attachment(**bare)]
    found = note.read(note.write(post_of(), ZOE, [], [], rows, NAMES), ZOE, activity_to=(), activity_cc=(), now=NOW)
    unknown = dict.fromkeys(("width", "height", "blurhash", "focal_x", "focal_y"))
    assert found.attachments == (row, bare | unknown)


@pytest.mark.parametrize(("actor", "name"), [(ALI, "@ali@lille.test"), (NOOR, "@noor@far.test")])
def test_a_mention_is_written_with_the_whole_handle(actor: Actor, name: str) -> None:
    document = note.write(post_of(), ZOE, [actor], [], [], NAMES)
    assert document["tag"] == [{"type": "Mention", "href": actor.uri, "name": name}]


def test_what_there_is_not_is_not_written() -> None:
    document = note.write(post_of(source_text=None), ZOE, [], [], [], NAMES)
    absent = {"name", "summary", "inReplyTo", "context", "conversation", "updated", "contentMap", "source"}
    assert not absent & set(document)


def test_an_edited_post_says_when() -> None:
    document = note.write(post_of(edited_at=NOW), ZOE, [], [], [], NAMES)
    assert document["updated"] == "2026-11-22T18:00:00Z"


def test_a_hashtag_leads_to_its_page() -> None:
    document = note.write(post_of(), ZOE, [], [PostTag(name="santé", shown="Santé")], [], NAMES)
    assert document["tag"] == [{"type": "Hashtag", "name": "#Santé", "href": "https://lille.test/tags/sant%C3%A9"}]
