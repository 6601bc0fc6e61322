"""An activity as it travels: read from JSON, or built to be sent."""

from typing import Any

import pytest
from hypothesis import given

from federation.activities import MAX_ADDRESSES, build, embed, parse
from federation.errors import FederationError, MalformedActivity
from federation.jsonld import is_uri
from models.actor import Actor
from tests import factories
from tests.federation import hostile

FAR = "https://far.test/users/noor"
LIKE = factories.activity(
    "Like", FAR, "https://lille.test/posts/1", to=[FAR], cc=["as:Public"], published="2026-11-22T18:00:00Z"
)
CREATE = factories.create(FAR, tag=[{"type": "Mention", "href": "https://lille.test/actors/1"}])


def test_an_activity_is_read_with_what_every_handler_asks_for() -> None:
    activity = parse(LIKE)
    assert (activity.uri, activity.type, activity.actor_uri) == (f"{FAR}/like/1", "Like", FAR)
    assert (activity.object_uri, activity.object, activity.object_type) == ("https://lille.test/posts/1", None, None)
    assert (activity.to, activity.cc) == ((FAR,), ("as:Public",))
    assert activity.published_at is not None
    assert activity.document is LIKE


def test_an_embedded_object_is_there_with_its_id_and_type() -> None:
    activity = parse(CREATE)
    assert activity.object == CREATE["object"]
    assert (activity.object_uri, activity.object_type) == (f"{FAR}/notes/1", "Note")


@pytest.mark.parametrize("actor", [FAR, [FAR], {"id": FAR}, [{"id": FAR, "type": "Person"}], [FAR, FAR], [FAR, "me"]])
def test_the_actor_may_be_written_in_any_shape(actor: Any) -> None:
    assert parse(LIKE | {"actor": actor}).actor_uri == FAR


@pytest.mark.parametrize("object_", [[{"id": FAR, "type": "Person"}], {"id": FAR, "type": "Person"}])
def test_the_object_may_stand_alone_in_a_list(object_: Any) -> None:
    activity = parse(LIKE | {"object": object_})
    assert activity.object == {"id": FAR, "type": "Person"}


def test_an_object_without_an_id_is_kept() -> None:
    activity = parse(LIKE | {"object": {"type": "Note"}})
    assert (activity.object_uri, activity.object) == (None, {"type": "Note"})


@pytest.mark.parametrize(
    "change",
    [
        {"id": None}, {"id": ""}, {"id": "urn:uuid:1"}, {"id": 3}, {"id": [f"{FAR}/1"]},
        {"type": None}, {"type": []}, {"type": {}},
        {"actor": None}, {"actor": []}, {"actor": "me"}, {"actor": [FAR, "https://evil.test/users/eve"]},
        {"object": None}, {"object": []}, {"object": "nothing"}, {"object": 3}, {"object": ["a", "b"]},
    ],
)  # fmt: skip
def test_an_activity_that_lacks_what_it_needs_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedActivity):
        parse(LIKE | change)


def test_no_more_addresses_are_read_than_anybody_honest_writes() -> None:
    many = [f"https://far.test/users/{number}" for number in range(900)]
    activity = parse(LIKE | {"to": many, "cc": many})
    assert (len(activity.to), len(activity.cc)) == (MAX_ADDRESSES, MAX_ADDRESSES)


@given(hostile.objects)
def test_any_json_is_read_or_refused(document: dict[str, Any]) -> None:
    _read_or_refuse(document)


@given(hostile.damaged(CREATE))
def test_a_damaged_activity_is_read_or_refused(document: dict[str, Any]) -> None:
    _read_or_refuse(document)


@pytest.mark.parametrize("name", ["id", "type", "actor", "object", "to", "published"])
def test_depth_is_no_matter(name: str) -> None:
    _read_or_refuse(LIKE | {name: hostile.nested(10_000)})


def _read_or_refuse(document: dict[str, Any]) -> None:
    try:
        activity = parse(document)
    except FederationError:
        return
    assert is_uri(activity.uri)
    assert is_uri(activity.actor_uri)
    assert activity.object is not None or activity.object_uri is not None
    assert len(activity.to) + len(activity.cc) <= 2 * MAX_ADDRESSES


def test_an_activity_of_ours_says_what_it_must() -> None:
    activity = build(
        "Follow", Actor(uri=FAR), "https://elsewhere.test/users/max", uri=f"{FAR}/1", to=["https://a.test"]
    )
    assert activity.document == {
        "@context": ["https://www.w3.org/ns/activitystreams"],
        "id": f"{FAR}/1",
        "type": "Follow",
        "actor": FAR,
        "object": "https://elsewhere.test/users/max",
        "to": ["https://a.test"],
    }


def test_one_context_serves_an_activity_and_its_object() -> None:
    note = {"@context": ["https://one.test", {"b": "c"}], "id": f"{FAR}/2", "type": "Note"}
    activity = build(
        "Create", Actor(uri=FAR), note, uri=f"{FAR}/1", to=[], cc=["https://a.test"], published="2026-11-22T18:00:00Z"
    )
    assert activity.document["@context"] == ["https://one.test", {"b": "c"}]
    assert activity.document["object"] == {"id": f"{FAR}/2", "type": "Note"}
    assert "to" not in activity.document
    assert activity.published_at is not None


def test_an_embedded_activity_is_as_it_came_but_for_its_context() -> None:
    assert embed(parse(LIKE)) == {name: value for name, value in LIKE.items() if name != "@context"}


def test_an_activity_takes_the_object_that_its_home_gives() -> None:
    activity = parse(LIKE).about({"id": f"{FAR}/notes/2", "type": "Note"})
    assert (activity.object_uri, activity.object_type) == (f"{FAR}/notes/2", "Note")
    assert activity.document == LIKE
