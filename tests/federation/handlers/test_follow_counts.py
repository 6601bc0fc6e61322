"""Totals of followers and followed: right after every path, and the same however often it is taken."""

import asyncio

from tortoise.expressions import Q

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import UnsupportedActivity
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow
from server.follows import actions
from tests import factories
from tests.federation.submitting import submit


async def counts(follower: Actor, followed: Actor) -> tuple[int, int]:
    """(how many the follower follows, how many follow the followed)"""
    return (await Actor.get(id=follower.id)).following_count, (await Actor.get(id=followed.id)).followers_count


async def asked_by_us(member: Actor, remote_actor: Actor, ctx: Context) -> Follow:
    return await actions.follow(member, remote_actor, ctx)


# Counting


async def test_counts_never_drift_on_repeats(
    section: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Follow", stranger.uri, section.uri), stranger, ctx)
    for number in range(3):
        follow = factories.activity("Follow", remote_actor.uri, section.uri, number)
        for _ in range(2):
            await submit(follow, remote_actor, ctx)
        undo = factories.activity("Undo", remote_actor.uri, follow, number)
        for _ in range(2):
            await submit(undo, remote_actor, ctx)
    assert await counts(remote_actor, section) == (0, 1)
    assert await counts(stranger, section) == (1, 1)


async def test_of_two_acceptances_at_once_one_counts(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    """Two workers that read the row at the same moment must not both add to the totals."""
    follow = await asked_by_us(member, remote_actor, ctx)
    accepts = [factories.activity("Accept", remote_actor.uri, follow.uri, number) for number in range(4)]
    await asyncio.gather(*(submit(accept, remote_actor, ctx) for accept in accepts))
    assert await counts(member, remote_actor) == (1, 1)


async def test_what_the_followed_posts_in_the_same_batch_as_its_answer_is_kept(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    follow = await asked_by_us(member, remote_actor, ctx)
    accept, create = factories.activity("Accept", remote_actor.uri, follow.uri), factories.create(remote_actor.uri)
    outcomes = await pipeline.submit_many(
        [pipeline.Submission(parse(item), remote_actor.uri) for item in (accept, create)], ctx
    )
    assert [outcome.error for outcome in outcomes] == [None, None]


async def test_what_a_new_follower_posts_is_not_asked_for_by_that(
    section: Actor, remote_actor: Actor, ctx: Context
) -> None:
    follow, create = factories.activity("Follow", remote_actor.uri, section.uri), factories.create(remote_actor.uri)
    outcomes = await pipeline.submit_many(
        [pipeline.Submission(parse(item), remote_actor.uri) for item in (follow, create)], ctx
    )
    assert [type(outcome.error) for outcome in outcomes] == [type(None), UnsupportedActivity]


async def test_a_whole_life_in_one_batch(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = factories.activity("Follow", remote_actor.uri, section.uri, 1)
    again = factories.activity("Follow", remote_actor.uri, section.uri, 2)
    undo = factories.activity("Undo", remote_actor.uri, follow)

    outcomes = await pipeline.submit_many(
        [pipeline.Submission(parse(item), remote_actor.uri) for item in (follow, undo, again)], ctx
    )

    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert (await Follow.get()).uri == again["id"]
    assert await counts(remote_actor, section) == (1, 1)
    assert await ActivityRecord.filter(Q(type="Follow") | Q(type="Undo")).count() == 3
