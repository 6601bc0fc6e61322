"""Posts as other servers write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings

from federation import sanitise
from federation.errors import FederationError, MalformedActivity, NotAuthorised
from federation.jsonld import is_uri
from federation.objects import note
from federation.objects.note import ReadPost
from models.actor import Actor
from models.post import Post, Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation import hostile

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
NOOR = Actor(uri="https://far.test/users/noor", followers_uri="https://far.test/users/noor/followers")
ZOE = "https://lille.test/actors/1"
VIDEO = {"href": "https://far.test/v", "mediaType": "video/mp4"}
PICTURE = {
    "type": "Document", "mediaType": "image/png", "url": "https://media.far.test/1.png", "name": "Un <b>chat</b>",
    "width": 640, "height": 480, "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj", "focalPoint": [0.5, -2],
}  # fmt: skip
FULL = factories.note(
    NOOR.uri,
    url=[{"type": "Link", "mediaType": "text/html", "href": "https://far.test/@noor/1"}],
    content="<p>Salut <script>alert(1)</script><b>Zoé</b></p>",
    contentMap={"fr": "<p>Salut</p>"},
    summary="Chat",
    published="2026-11-22T17:00:00Z",
    updated="2026-11-22T17:30:00Z",
    inReplyTo="https://elsewhere.test/1",
    conversation="tag:far.test,2026:1",
    source={"content": "Salut Zoé", "mediaType": "text/plain"},
    tag=[
        {"type": "Mention", "href": ZOE, "name": "@zoe@lille.test"},
        {"type": "Hashtag", "name": "#Santé", "href": "https://far.test/tags/sante"},
        {"type": "Emoji", "name": ":chat:"},
    ],
    attachment=[PICTURE],
)


def read(
    document: dict[str, Any], author: Actor = NOOR, to: tuple[str, ...] = (), cc: tuple[str, ...] = ()
) -> ReadPost:
    return note.read(document, author, activity_to=to, activity_cc=cc, now=NOW)


def test_a_post_is_read_into_its_columns() -> None:
    columns = read(FULL).columns
    assert (columns["uri"], columns["url"], columns["type"]) == (
        f"{NOOR.uri}/notes/1",
        "https://far.test/@noor/1",
        "Note",
    )
    assert columns["content_html"] == "<p>Salut <b>Zoé</b></p>"
    assert (columns["source_text"], columns["language"]) == ("Salut Zoé", "fr")
    assert (columns["content_warning"], columns["is_sensitive"]) == ("Chat", True)
    assert (columns["in_reply_to_uri"], columns["conversation_uri"]) == (
        "https://elsewhere.test/1",
        "tag:far.test,2026:1",
    )
    assert (columns["published_at"], columns["edited_at"]) == (NOW - timedelta(hours=1), NOW - timedelta(minutes=30))
    assert columns["visibility"] is Visibility.PUBLIC
    assert (columns["to_uris"], columns["cc_uris"]) == ([PUBLIC], [NOOR.followers_uri])


def test_what_hangs_on_a_post_is_read() -> None:
    found = read(FULL)
    assert found.mentioned_uris == (ZOE, NOOR.followers_uri)
    assert found.tags == (("santé", "Santé"),)
    [picture] = found.attachments
    assert picture == {
        "position": 0, "media_type": "image/png", "url": "https://media.far.test/1.png", "description": "Un chat",
        "width": 640, "height": 480, "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj", "focal_x": 0.5, "focal_y": -1.0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["Note", "Article", "Page", "Event"])
def test_four_types_are_posts(kind: str) -> None:
    assert read(FULL | {"type": kind, "name": "Un <i>titre</i>"}).columns["title"] == "Un titre"


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"id": "1"}, {"id": 3}, {"type": "Story"}, {"type": None}, {"type": "Person"}, {"type": []}],
)
def test_anything_else_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedActivity):
        read(FULL | change)


@pytest.mark.parametrize(
    "author",
    [NOOR.uri, [NOOR.uri], [{"type": "Group", "id": "https://far.test/g"}, {"type": "Person", "id": NOOR.uri}], None],
)
def test_the_author_is_named_in_any_shape(author: Any) -> None:
    assert read(FULL | {"attributedTo": author}).columns["uri"] == f"{NOOR.uri}/notes/1"


@pytest.mark.parametrize("author", ["https://far.test/users/max", {"id": "https://far.test/users/max"}, ["me"], "noor"])
def test_the_post_of_another_is_refused(author: Any) -> None:
    with pytest.raises(NotAuthorised, match="is not by"):
        read(FULL | {"attributedTo": author})


@pytest.mark.parametrize("uri", ["https://elsewhere.test/1", "http://far.test/1", "https://far.test:8443/1"])
def test_a_post_named_by_another_server_is_refused(uri: str) -> None:
    with pytest.raises(NotAuthorised, match="author's server"):
        read(FULL | {"id": uri})


def test_the_activitys_addressing_counts_where_the_object_has_none() -> None:
    bare = {name: value for name, value in FULL.items() if name not in ("to", "cc")}
    assert read(bare, to=(ZOE,)).columns["visibility"] is Visibility.DIRECT
    assert read(bare, cc=("as:Public",)).columns["visibility"] is Visibility.UNLISTED
    assert read(bare).columns["visibility"] is Visibility.DIRECT


def test_the_activity_cannot_open_what_the_object_closes() -> None:
    assert read(FULL | {"to": [ZOE], "cc": []}, to=(PUBLIC,)).columns["visibility"] is Visibility.DIRECT


def test_whoever_is_addressed_is_named() -> None:
    found = read(FULL | {"tag": None, "to": [PUBLIC, "as:Public", "Public", ZOE], "cc": [ZOE]})
    assert found.mentioned_uris == (ZOE,)


@pytest.mark.parametrize("name", ["published", "updated"])
def test_no_post_comes_from_the_future(name: str) -> None:
    columns = read(FULL | {name: "2999-01-01T00:00:00Z"}).columns
    assert columns["published_at"] <= NOW
    assert columns["edited_at"] <= NOW


def test_without_a_time_it_is_of_now() -> None:
    assert read(FULL | {"published": "yesterday"}).columns["published_at"] == NOW


@pytest.mark.parametrize(
    ("change", "html"),
    [
        ({"content": None}, "<p>Salut</p>"),
        ({"content": None, "contentMap": None}, ""),
        ({"content": None, "contentMap": {"fr": 3, "en": "Hello"}}, "Hello"),
        ({"content": ["<p>a</p>", "b"]}, "<p>a</p>"),
        ({"content": "a\x00b"}, "ab"),
    ],
)
def test_text_is_found_where_it_is(change: dict[str, Any], html: str) -> None:
    assert read(FULL | change).columns["content_html"] == html


@pytest.mark.parametrize(
    ("change", "language"),
    [
        ({"contentMap": {"pt-BR": "x"}}, "pt-BR"),
        ({"contentMap": {"fr": "x", "en": "y"}}, None),
        ({"contentMap": {"und": "x"}}, None),
        ({"contentMap": {"a\x00b": "x"}}, None),
        ({"contentMap": {"x" * 36: "x"}}, None),
        ({"contentMap": None, "language": "fr"}, "fr"),
        ({"contentMap": None, "language": {"identifier": "fr", "name": "Français"}}, "fr"),
        ({"contentMap": {}}, None),
        ({"contentMap": None, "language": 3}, None),
    ],
)
def test_the_language_is_known_when_there_is_one(change: dict[str, Any], language: str | None) -> None:
    assert read(FULL | change).columns["language"] == language


@pytest.mark.parametrize(
    "source",
    [
        None,
        "Salut",
        {"content": "Salut"},
        {"content": 3, "mediaType": "text/plain"},
        {"content": "*", "mediaType": "text/markdown"},
    ],
)
def test_a_source_that_is_no_plain_text_is_left_out(source: Any) -> None:
    assert read(FULL | {"source": source}).columns["source_text"] is None


@pytest.mark.parametrize("name", ["conversation", "context"])
def test_a_conversation_has_a_name_that_a_row_can_hold(name: str) -> None:
    assert read(FULL | {name: "tag:\x00"}).columns["conversation_uri"] != "tag:\x00"
    assert read(FULL | {"conversation": None, name: "a" * 3000}).columns["conversation_uri"] is None
    assert read(FULL | {"conversation": None, name: {"id": "https://far.test/c"}}).columns["conversation_uri"] is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://far.test/1", "https://far.test/1"),
        (["https://far.test/1", "https://far.test/2"], "https://far.test/1"),
        ([VIDEO, {"href": "https://far.test/w", "mediaType": "text/html"}], "https://far.test/w"),
        ([VIDEO], f"{NOOR.uri}/notes/1"),
        ("javascript:alert(1)", f"{NOOR.uri}/notes/1"),
        (None, f"{NOOR.uri}/notes/1"),
    ],
)  # fmt: skip
def test_the_page_for_people_is_chosen(url: Any, shown: str) -> None:
    assert read(FULL | {"url": url}).columns["url"] == shown


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ({"type": "Hashtag", "name": "Sante"}, (("sante", "Sante"),)),
        ({"type": "Hashtag", "name": "##Sante "}, (("sante", "Sante"),)),
        ([{"type": "Hashtag", "name": "#a"}, {"type": "Hashtag", "name": "#A"}], (("a", "a"),)),
        ({"type": "Hashtag", "name": "#"}, ()),
        ({"type": "Hashtag"}, ()),
        ({"type": "Hashtag", "name": "#" + "a" * 300}, (("a" * 128, "a" * 128),)),
        ([{"type": "Hashtag", "name": f"#t{n}"} for n in range(100)], tuple((f"t{n}", f"t{n}") for n in range(64))),
        ("#sante", ()),
        ([None, 3, []], ()),
    ],
)
def test_hashtags_are_read_once_each(tag: Any, found: tuple[tuple[str, str], ...]) -> None:
    assert read(FULL | {"tag": tag}).tags == found


@settings(deadline=None)
@given(hostile.damaged(FULL) | hostile.objects)
def test_any_document_is_read_or_refused(document: dict[str, Any]) -> None:
    try:
        found = read(document)
    except FederationError:
        return
    columns = found.columns
    assert set(columns) <= set(Post._meta.fields_map)
    assert columns["content_html"] == sanitise.post_html(columns["content_html"])
    for value in (
        *columns.values(),
        *columns["to_uris"],
        *columns["cc_uris"],
        *(v for i in found.attachments for v in i.values()),
    ):
        assert not isinstance(value, str) or "\x00" not in value
    assert all(is_uri(uri) for uri in found.mentioned_uris)
    assert columns["published_at"] <= NOW
    assert len(columns["title"]) <= 500
    assert len(columns["content_warning"]) <= 500
    assert all(len(name) <= 128 and len(shown) <= 128 for name, shown in found.tags)


@pytest.mark.parametrize("name", sorted(FULL))
def test_depth_is_no_matter(name: str) -> None:
    try:
        read(FULL | {name: hostile.nested(5000)})
    except FederationError:
        return
