"""The line of those who wait: in order, a large party before those behind it, and through as soon as there is room."""

from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.participation import Participation, ParticipationState
from models.post import Post
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit
from tests.world import World

ACCEPTED, WAITING = ParticipationState.ACCEPTED, ParticipationState.WAITING


async def join(actor: Actor, event: Post, ctx: Context, number: int = 1, **more: Any) -> dict[str, Any]:
    """Ask to come by a Join; the activity."""
    asked = factories.activity("Join", actor.uri, event.uri, number) | more
    if actor.is_local:
        asked["id"] = ctx.names.new_activity()
    await submit(asked, actor, ctx)
    return asked


async def states(*actors: Actor) -> list[ParticipationState]:
    """What became of the wishes of these."""
    return [(await Participation.get(actor_id=actor.id)).state for actor in actors]


async def answers(section: Actor, actor: Actor) -> list[str]:
    """How somebody was answered, by the types of the activities."""
    return [sent["type"] for sent in await sent_by(section) if sent["to"] == [actor.uri]]


@pytest.mark.parametrize("end", ["leave", "undo", "no", "sent away"])
async def test_a_large_party_that_gives_up_lets_those_behind_it_through(
    section: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context, end: str
) -> None:
    event = await factories.event(section, capacity=2, most_guests=3)
    await join(remote_actor, event, ctx)
    party = await join(stranger, event, ctx, guests=2)
    await join(member, event, ctx)
    assert await states(remote_actor, stranger, member) == [ACCEPTED, WAITING, WAITING]
    ends = {
        "leave": (stranger, factories.activity("Leave", stranger.uri, event.uri)),
        "undo": (stranger, factories.activity("Undo", stranger.uri, party["id"])),
        "no": (stranger, factories.activity("Reject", stranger.uri, event.uri)),
        "sent away": (section, factories.activity("Reject", section.uri, party) | {"id": ctx.names.new_activity()}),
    }
    by, said = ends[end]

    await submit(said, by, ctx)

    assert await states(remote_actor, member) == [ACCEPTED, ACCEPTED]


async def test_a_party_that_becomes_small_enough_comes_at_once(
    section: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context
) -> None:
    event = await factories.event(section, capacity=2, most_guests=3)
    await join(remote_actor, event, ctx)
    await join(stranger, event, ctx, guests=2)
    await join(member, event, ctx)

    await join(stranger, event, ctx, 2, guests=1)
    assert await states(stranger, member) == [WAITING, WAITING]
    await join(stranger, event, ctx, 3, guests=0)

    assert await states(stranger, member) == [ACCEPTED, WAITING]
    assert await answers(section, stranger) == ["TentativeAccept", "TentativeAccept", "Accept"]


async def test_whoever_stands_behind_a_party_does_not_go_before_it_by_asking_again(
    section: Actor, remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context
) -> None:
    event = await factories.event(section, capacity=2, most_guests=3)
    await join(remote_actor, event, ctx)
    await join(stranger, event, ctx, guests=2)
    for number in (1, 2):
        await join(member, event, ctx, number)
    assert await states(stranger, member) == [WAITING, WAITING]


async def test_to_what_is_over_nobody_moves_up(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    event = await factories.event(section, capacity=1)
    for actor in (remote_actor, stranger):
        await join(actor, event, ctx)
    world.pass_time(days=4)

    await submit(factories.activity("Leave", remote_actor.uri, event.uri), remote_actor, ctx)

    assert await states(stranger) == [WAITING]
    assert await answers(section, stranger) == ["TentativeAccept"]
