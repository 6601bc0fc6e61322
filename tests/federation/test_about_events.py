"""Which activities are about coming to an event, through whatever they are wrapped in."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import about_events
from federation.activities import parse
from federation.errors import MalformedActivity
from federation.known import Known
from federation.naming import Names
from tests.world import ORIGIN, World

ACTOR, EVENT = "https://far.test/noor", {"type": "Event", "id": "https://far.test/events/1"}


def of(kind: str, object_: Any) -> dict[str, Any]:
    """An activity about something, embedded."""
    return {"type": kind, "id": f"https://far.test/{kind}/1", "actor": ACTOR, "object": object_}


def kind_of(document: Any) -> str | None:
    """Name what it is about, with nothing loaded."""
    world = World()
    ctx = replace(world.context(world.now), names=Names(ORIGIN), known=Known())
    return about_events.kind(parse(document), ctx)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (of("Join", EVENT), "Event"),
        (of("Leave", [EVENT]), "Event"),
        (of("Undo", of("Join", EVENT)), "EventJoin"),
        (of("Accept", of("Join", EVENT)), "EventJoin"),
        (of("Ignore", of("Join", EVENT)), "EventJoin"),
        (of("Reject", of("Invite", EVENT)), "EventInvite"),
        (of("Undo", of("TentativeAccept", EVENT)), "EventAnswer"),
        (of("Undo", of("Accept", of("Invite", EVENT))), "EventAnswer"),
        (of("Undo", of("Accept", of("Accept", of("Invite", EVENT)))), None),
        (of("Accept", of("Accept", EVENT)), None),
        (of("Undo", EVENT), None),
        (of("Create", EVENT), None),
        (of("Like", EVENT), None),
        (of("Join", {"type": "Group", "id": "https://far.test/groups/1"}), None),
        (of("Accept", of("Join", {"type": "Group", "id": "https://far.test/groups/1"})), None),
        (of("Accept", of("Follow", ACTOR)), None),
        (of("Accept", "https://far.test/follows/1"), None),
        (of("Undo", of("Leave", EVENT)), None),
    ],
)
def test_it_is_known_by_where_it_leads(document: dict[str, Any], kind: str | None) -> None:
    assert kind_of(document) == kind


words = st.sampled_from(["Accept", "Undo", "Join", "Invite", "Event", "Follow", "https://far.test/1", "x"])
documents = st.recursive(
    st.none() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "id", "object"]), inner),
)


@settings(max_examples=50)
@given(st.sampled_from(["Undo", "Accept", "Join", "Ignore"]), documents)
def test_whatever_it_is_wrapped_in_it_has_a_kind_or_none(verb: str, object_: Any) -> None:
    try:
        found = kind_of(of(verb, object_))
    except MalformedActivity:
        return
    assert found in (None, "Event", "EventJoin", "EventInvite", "EventAnswer")
