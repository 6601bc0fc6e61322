"""Reading what groups pass on, and the properties of groups and of posts for them, whatever stands there."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.activities import MAX_GROUPS, parse
from federation.errors import FederationError
from federation.gathering import mentioned_uris
from federation.jsonld import is_uri
from federation.objects import actor as actor_object
from federation.objects import note
from federation.passing import PASSED_ON, inner_of, is_around_activity
from models.actor import Actor
from models.post import Visibility
from tests import factories
from tests.factories import PUBLIC
from tests.federation import hostile

GROUP = "https://forum.test/c/nord"
MAX = "https://elsewhere.test/users/max"
CREATE = factories.create(MAX, audience=GROUP)
LIKE = factories.activity("Like", MAX, CREATE["object"]["id"])
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


def around(inner: Any) -> dict[str, Any]:
    return factories.activity("Announce", GROUP, inner, to=[PUBLIC])


def read(document: dict[str, Any]) -> note.ReadPost:
    author = Actor(uri=MAX, followers_uri=f"{MAX}/followers")
    return note.read(document, author, activity_to=(), activity_cc=(), now=NOW, members_uris={f"{GROUP}/members"})


@settings(max_examples=60)
@given(hostile.damaged(CREATE) | hostile.damaged(factories.activity("Undo", MAX, LIKE)) | hostile.objects)
def test_any_activity_in_an_announce_is_read_or_refused(inner: dict[str, Any]) -> None:
    try:
        announce = parse(around(inner))
        found = inner_of(announce)
    except FederationError:
        return
    assert is_around_activity(announce)
    assert found.type in PASSED_ON
    assert all(is_uri(uri) for uri in mentioned_uris(announce))


@settings(max_examples=40)
@given(hostile.values)
def test_any_audience_is_read(audience: Any) -> None:
    found = read(factories.note(MAX, audience=audience))
    assert all(is_uri(uri) for uri in found.audience_uris)
    assert len(found.audience_uris) <= MAX_GROUPS
    assert len(parse(CREATE | {"audience": audience}).audience) <= MAX_GROUPS


@settings(max_examples=40)
@given(hostile.values | st.sampled_from([f"{GROUP}/members", "https://lille.test/actors/1/members", GROUP]))
def test_a_group_names_only_its_own_servers_collection_as_its_members(members: Any) -> None:
    document = factories.actor_document(GROUP, kind="Group", members=members)
    found = actor_object.read(document, now=NOW)["members_uri"]
    assert found is None or (found.startswith("https://forum.test/") and found != GROUP)


def test_the_members_of_a_group_may_stand_under_its_endpoints() -> None:
    """Source: Mobilizon."""
    document = factories.actor_document(GROUP, kind="Group", endpoints={"members": f"{GROUP}/members"})
    assert actor_object.read(document, now=NOW)["members_uri"] == f"{GROUP}/members"


@pytest.mark.parametrize("kind", ["Person", "Application"])
def test_nobody_else_has_members(kind: str) -> None:
    document = factories.actor_document(GROUP, kind=kind, members=f"{GROUP}/members")
    assert actor_object.read(document, now=NOW)["members_uri"] is None


def test_the_followers_of_a_group_are_not_its_members() -> None:
    document = factories.actor_document(GROUP, kind="Group", members=f"{GROUP}/followers")
    assert actor_object.read(document, now=NOW)["members_uri"] is None


@pytest.mark.parametrize(
    ("to", "cc", "visibility"),
    [
        ([f"{GROUP}/members"], [], Visibility.SECTION),
        ([GROUP], [f"{GROUP}/members"], Visibility.SECTION),
        ([f"{GROUP}/members"], [PUBLIC], Visibility.UNLISTED),
        ([f"{GROUP}/members", f"{MAX}/followers"], [], Visibility.FOLLOWERS),
        (["https://forum.test/c/sud/members"], [], Visibility.DIRECT),
    ],
)
def test_visibility_of_what_is_for_members(to: list[str], cc: list[str], visibility: Visibility) -> None:
    assert read(factories.note(MAX, to=to, cc=cc)).columns["visibility"] is visibility


def test_a_group_that_is_addressed_is_not_named_in_the_post_unless_it_is() -> None:
    post = factories.note(MAX, cc=[GROUP], audience=GROUP)
    assert read(post).mentioned_uris == ()
    assert read(post | {"tag": [{"type": "Mention", "href": GROUP}]}).mentioned_uris == (GROUP,)
    assert read(post | {"to": [GROUP], "cc": []}).mentioned_uris == (GROUP,)
