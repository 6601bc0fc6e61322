"""The table of what follows from each fact."""

import pytest

from federation import facts
from federation.facts import Fact, FollowAccepted, FollowEnded
from models.actor import Actor
from server import reactions


def all_facts() -> set[type[Fact]]:
    return {
        kind for kind in vars(facts).values() if isinstance(kind, type) and issubclass(kind, Fact) and kind is not Fact
    }


def test_only_facts_have_consequences() -> None:
    assert set(reactions.REACTIONS) <= all_facts()


async def test_reactions_get_the_facts_of_their_type_together_and_in_order(
    member: Actor, remote_actor: Actor, stranger: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, list[Fact]]] = []

    async def on_accepted(items: list[Fact]) -> None:
        heard.append(("accepted", list(items)))

    async def on_ended(items: list[Fact]) -> None:
        heard.append(("ended", list(items)))

    table = {FollowAccepted: [on_accepted, on_accepted], FollowEnded: [on_ended]}
    monkeypatch.setattr(reactions, "REACTIONS", table)
    one, two = FollowAccepted(remote_actor, member), FollowAccepted(stranger, member)
    end = FollowEnded(remote_actor, member)

    await reactions.react([one, end, two])

    assert heard == [("accepted", [one, two]), ("accepted", [one, two]), ("ended", [end])]


async def test_without_facts_nothing_happens() -> None:
    await reactions.react([])
