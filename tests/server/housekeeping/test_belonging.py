"""Activities about belonging go when everybody has them who is to have them, and nothing waits for them."""

from datetime import timedelta

import pytest

from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.membership import Membership, MembershipState
from server.housekeeping import run
from server.housekeeping.chores import Terms
from server.sections import membership, transfer
from tests import factories
from tests.federation.submitting import submit

NAME = "activities about belonging"


async def sweep(ctx: Context, days: int = 8) -> int:
    """Do the chores so many days from now; how many such activities went."""
    return (await run.sweep(Terms(ctx.now() + timedelta(days=days), 0), seconds=3600))[NAME]


async def left() -> list[str]:
    return [row.type for row in await ActivityRecord.all().order_by("id")]


def join(actor: Actor, section: Actor, number: int = 1) -> dict[str, object]:
    return factories.activity("Join", actor.uri, section.uri, number, to=[section.uri])


@pytest.fixture
async def belonging(section: Actor, remote_actor: Actor, ctx: Context) -> Actor:
    """Somebody elsewhere who belongs to the section."""
    await submit(join(remote_actor, section), remote_actor, ctx)
    await membership.approve(section, remote_actor, None, ctx)
    return remote_actor


async def test_they_go_a_week_after_they_were_delivered(belonging: Actor, section: Actor, ctx: Context) -> None:
    await membership.remove(section, belonging, None, ctx)
    assert await left() == ["Join", "Accept", "Remove"]
    assert await sweep(ctx) == 1  # what others are still owed stays, however long that takes
    await Delivery.filter(activity__type="Accept").delete()
    await Delivery.filter(activity__type="Remove").update(due_at=None)
    assert await sweep(ctx, days=6) == 0
    assert await sweep(ctx) == 2
    assert await left() == []


async def test_a_join_stays_as_long_as_its_membership(belonging: Actor, section: Actor, ctx: Context) -> None:
    await Delivery.all().delete()
    await sweep(ctx)
    assert await left() == ["Join"]

    undo = factories.activity("Undo", belonging.uri, f"{belonging.uri}/join/1")  # which names no more than that
    await submit(undo, belonging, ctx)
    assert not await Membership.exists()
    await sweep(ctx)
    assert await left() == []


async def test_what_waits_for_an_answer_stays(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await submit(join(remote_actor, section), remote_actor, ctx)
    await membership.invite(section, stranger, None, ctx)
    await Delivery.all().delete()
    assert await sweep(ctx, days=100) == 0
    await membership.approve(section, remote_actor, None, ctx)
    assert await Membership.exists(member_id=remote_actor.id, state=MembershipState.ACCEPTED)


async def test_a_transfer_keeps_what_was_said_to_it_until_both_have_answered(
    member: Actor, section: Actor, ctx: Context
) -> None:
    brest = await factories.section(ctx, "brest", "Section de Brest", is_main=False)
    await membership.add(section, member)
    asked = await transfer.ask(member, section, brest, ctx)
    assert asked is not None
    await transfer.answer(section, asked, None, ctx, agrees=True)
    assert await sweep(ctx, days=100) == 0
    await transfer.answer(brest, asked, None, ctx, agrees=True)
    assert await Membership.is_member(member.id, brest.id)
    assert await sweep(ctx) == 3
    assert await left() == []


async def test_a_join_that_is_repeated_is_answered_as_before(belonging: Actor, section: Actor, ctx: Context) -> None:
    await Delivery.all().delete()
    await sweep(ctx)
    await submit(join(belonging, section), belonging, ctx)
    assert await left() == ["Join"]
    await submit(join(belonging, section, 2), belonging, ctx)
    assert await left() == ["Join", "Join", "Accept"]
    assert await Membership.all().count() == 1

    await submit(factories.activity("Leave", belonging.uri, section.uri), belonging, ctx)
    await Delivery.all().delete()
    await sweep(ctx)
    assert await left() == []
    await submit(join(belonging, section), belonging, ctx)
    assert (await Membership.get()).state is MembershipState.REQUESTED


async def test_others_activities_are_not_touched(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    await submit(factories.activity("Follow", remote_actor.uri, section.uri), remote_actor, ctx)
    await Delivery.all().delete()
    assert await sweep(ctx) == 0
    assert await left() == ["Follow", "Accept"]
