"""Which Moves are of a membership, and what a group says of the one that ends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import transfers
from federation.activities import parse
from federation.transfers import Belonged, Named
from models.membership import MembershipStatus
from tests import factories
from tests.world import World

ZOE, LILLE, BREST = "https://far.test/zoe", "https://lille.test/actors/1", "https://brest.test/actors/1"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([ZOE, LILLE, BREST]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "href"]), inner),
)
NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)


def move(**more: Any) -> dict[str, Any]:
    return factories.activity("Move", ZOE, ZOE) | {"origin": LILLE, "target": BREST} | more


def test_names_who_moves_from_where_to_where() -> None:
    assert transfers.named(parse(move())) == Named(ZOE, LILLE, BREST)
    assert transfers.named(parse(move(origin={"id": LILLE, "type": "Group"}))) == Named(ZOE, LILLE, BREST)


@pytest.mark.parametrize(
    "other",
    [
        {"origin": None},
        {"origin": ZOE},
        {"target": None},
        {"target": ZOE},
        {"object": "https://far.test/max"},
        {"type": "Add"},
    ],
)
def test_no_other_activity_is_one(other: dict[str, Any]) -> None:
    assert transfers.named(parse(move(**other))) is None


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("origin", "target", "to", "cc"), JSON)))
def test_whatever_is_named_is_three_uris_of_which_one_is_the_actor(more: dict[str, Any]) -> None:
    three = transfers.named(parse(factories.activity("Move", ZOE, ZOE) | more))
    if three is not None:
        assert three.member == ZOE
        assert all(uri.startswith("https://") and uri != ZOE for uri in three.groups)


@pytest.mark.parametrize(
    ("result", "read"),
    [
        ({"type": "Member", "role": "sympathiser"}, Belonged(MembershipStatus.SYMPATHISER)),
        (
            {"type": "Member", "role": "member", "published": "2019-05-01T00:00:00Z"},
            Belonged(since=datetime(2019, 5, 1, tzinfo=UTC)),
        ),
        ({"type": "Member", "published": "2099-05-01T00:00:00Z"}, Belonged()),
        ({"type": "Note", "role": "sympathiser"}, Belonged()),
        ("https://far.test/1", Belonged()),
        (None, Belonged()),
    ],
)
def test_reads_how_somebody_belonged(result: Any, read: Belonged) -> None:
    assert transfers.belonged(parse(answer(result)), World(now=NOW).context(NOW)) == read


@given(JSON | st.fixed_dictionaries({"type": st.just("Member")}, optional={"role": JSON, "published": JSON}))
def test_whatever_a_group_says_is_a_status_and_a_moment_gone_by_or_none(result: Any) -> None:
    read = transfers.belonged(parse(answer(result)), World(now=NOW).context(NOW))
    assert isinstance(read.status, MembershipStatus)
    assert read.since is None or read.since <= NOW


def answer(result: Any) -> dict[str, Any]:
    return factories.activity("Accept", LILLE, move(), result=result)
