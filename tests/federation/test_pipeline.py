"""The one path: what every activity goes through."""

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context, Work
from federation.errors import NotAuthorised, RejectedByPolicy, UnsupportedActivity
from federation.pipeline import Submission
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.follow import Follow, FollowState
from models.post import Post
from tests import factories
from tests.world import World


async def test_open_section_accepts_a_follow_at_once(section: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = parse(factories.activity("Follow", remote_actor.uri, section.uri))

    await pipeline.submit(follow, acting=remote_actor, ctx=ctx)

    assert (await Follow.get(uri=follow.uri)).state is FollowState.ACCEPTED
    sent = await Delivery.get(inbox_uri=remote_actor.delivery_uri).prefetch_related("activity")
    assert sent.activity.type == "Accept"


async def test_workers_are_woken_only_when_something_is_owed(
    section: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await pipeline.submit(
        parse(factories.activity("Follow", remote_actor.uri, section.uri)), acting=remote_actor, ctx=ctx
    )
    assert world.woken == [Work.DELIVERY]


async def test_an_activity_that_is_here_already_does_nothing(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(member, remote_actor)
    create = parse(factories.create(remote_actor.uri))
    await pipeline.submit(create, acting=remote_actor, ctx=ctx)
    await Post.all().delete()

    outcome = await pipeline.submit(create, acting=remote_actor, ctx=ctx)

    assert not outcome.is_new
    assert await Post.all().count() == 0


async def test_one_bad_activity_of_a_batch_fails_alone(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(member, remote_actor)
    good, other = factories.create(remote_actor.uri, 1), factories.create(remote_actor.uri, 3)
    anothers = factories.note(stranger.uri, 2)
    world.serve(anothers)
    forged = factories.create(remote_actor.uri, 2) | {"object": anothers}

    outcomes = await pipeline.submit_many(
        [Submission(parse(document), remote_actor.uri) for document in (good, forged, other)], ctx
    )

    assert [type(outcome.error) for outcome in outcomes] == [type(None), NotAuthorised, type(None)]
    assert await Post.all().count() == 2
    assert await ActivityRecord.all().count() == 2


async def test_nobody_acts_in_anothers_name(remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="may not act as"):
        await pipeline.submit(parse(factories.create(remote_actor.uri)), acting=stranger, ctx=ctx)


async def test_a_blocked_domain_is_refused(ctx: Context, world: World, blocked_origin: str) -> None:
    actor = await factories.remote_actor(ctx, world, f"{blocked_origin}/users/troll")
    with pytest.raises(RejectedByPolicy, match="blocked"):
        await pipeline.submit(parse(factories.create(actor.uri)), acting=actor, ctx=ctx)


async def test_what_nobody_asked_for_is_not_kept(remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity, match="nobody here follows"):
        await pipeline.submit(parse(factories.create(remote_actor.uri)), acting=remote_actor, ctx=ctx)
    assert await ActivityRecord.all().count() == 0
