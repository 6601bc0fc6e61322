"""Several steps as one: all of them are kept, or none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from federation.context import Context, Work
from federation.facts import Fact, PostDeleted
from models.actor import Actor
from models.delivery import Delivery
from server.atomically import atomically
from server.members.profiles import ProfileChanges, edit


class PowerCutError(Exception):
    """What ends a process in these tests."""


async def cut(facts: Sequence[Fact]) -> None:
    raise PowerCutError


async def test_workers_are_woken_after_the_commit_and_once(ctx: Context):
    order: list[str] = []

    async def wake(work: Work) -> None:
        order.append(f"woken for {work}")

    async with atomically(replace(ctx, wake=wake)) as whole:
        await whole.wake(Work.DELIVERY)
        await whole.wake(Work.DELIVERY)
        order.append("done")

    assert order == ["done", "woken for delivery"]


async def test_news_are_published_after_the_commit_and_not_of_what_failed(ctx: Context):
    told: list[Sequence[Fact]] = []

    async def publish(facts: Sequence[Fact]) -> None:
        told.append(facts)

    fact = PostDeleted(1, True, ())
    async with atomically(replace(ctx, publish=publish)) as whole:
        await whole.publish([fact])
        await whole.publish(())
        assert told == []
    assert told == [[fact]]

    async def fail() -> None:
        async with atomically(replace(ctx, publish=publish)) as whole:
            await whole.publish([fact])
            raise PowerCutError

    with pytest.raises(PowerCutError):
        await fail()
    assert told == [[fact]]


async def test_what_fails_keeps_nothing_and_wakes_nobody(ctx: Context, member: Actor):
    woken: list[Work] = []

    async def wake(work: Work) -> None:
        woken.append(work)

    async def change() -> None:
        async with atomically(replace(ctx, wake=wake)) as whole:
            await Actor.filter(id=member.id).update(display_name="Another")
            await whole.wake(Work.DELIVERY)
            raise PowerCutError

    with pytest.raises(PowerCutError):
        await change()

    assert (await Actor.get(id=member.id)).display_name == member.display_name
    assert woken == []


async def test_a_profile_that_nobody_can_be_told_of_is_not_changed(ctx: Context, member: Actor):
    with pytest.raises(PowerCutError):
        await edit(member, ProfileChanges(display_name="Another"), replace(ctx, react=cut))

    kept = await Actor.get(id=member.id)
    assert kept.display_name != "Another"

    await edit(kept, ProfileChanges(display_name="Another"), ctx)
    assert (await Actor.get(id=member.id)).display_name == "Another"
    assert not await Delivery.exists()
