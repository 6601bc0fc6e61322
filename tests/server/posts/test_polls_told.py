"""Telling how polls stand, at most once a minute, and closing them."""

import asyncio
from datetime import timedelta

from federation.context import Context
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.membership import Membership, MembershipState
from models.notification import Notification, NotificationType
from models.poll import Poll, PollOption, PollVote
from models.post import Post, Visibility
from server.posts import actions, polls
from server.posts.polls import DraftPoll
from tests import factories
from tests.federation.handlers.test_poll import vote
from tests.federation.submitting import submit
from tests.server.posts.test_polls import ask, counts, deliveries, sent, view_of
from tests.world import World

# Telling


async def test_counts_are_told_once_a_minute_and_not_for_each_vote(
    member: Actor, remote_actor: Actor, stranger: Actor, other_member: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await submit(vote(remote_actor, poll.post.uri, "Non"), remote_actor, ctx)
    await polls.sweep(ctx)
    assert await sent("Update") == []

    world.pass_time(seconds=60)
    for _ in range(2):
        await polls.sweep(ctx)

    [told] = await sent("Update")
    assert [option["replies"]["totalItems"] for option in told["object"]["oneOf"]] == [1, 1]
    assert (told["object"]["votersCount"], "updated" in told["object"]) == (2, False)
    assert await deliveries(told) == {remote_actor.delivery_uri}
    assert (await Post.get()).edited_at is None

    await submit(vote(stranger, poll.post.uri, "Non"), stranger, ctx)
    await polls.sweep(ctx)
    assert len(await sent("Update")) == 1
    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    assert len(await sent("Update")) == 2


async def test_two_workers_that_look_at_once_tell_and_close_once(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    world.pass_time(seconds=60)
    await asyncio.gather(polls.sweep(ctx), polls.sweep(ctx), polls.sweep(ctx))
    assert len(await sent("Update")) == 1

    world.pass_time(seconds=7 * 24 * 3600)
    await asyncio.gather(polls.sweep(ctx), polls.sweep(ctx), polls.sweep(ctx))

    assert len(await sent("Update")) == 2
    told = Notification.filter(type=NotificationType.POLL, recipient_id=other_member.id)
    assert await told.count() == 1


async def test_whoever_votes_without_following_is_told_and_not_named(
    member: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    await submit(vote(stranger, poll.post.uri), stranger, ctx)
    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    [told] = await sent("Update")
    assert await deliveries(told) == {stranger.delivery_uri}
    assert stranger.uri not in str(told)


async def test_a_vote_that_came_while_the_counts_were_written_is_told_next_time(
    member: Actor, remote_actor: Actor, other_member: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    await submit(vote(remote_actor, poll.post.uri), remote_actor, ctx)
    world.pass_time(seconds=60)
    await PollOption.filter(poll_id=poll.id, title="Non").update(votes_count=4)
    await polls.tell(await Post.get().select_related("actor"), ctx)
    assert (await Poll.get()).untold_since is None

    stale = (await sent("Update"))[0] | {"id": ctx.names.new_activity()}
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await submit(stale, member, ctx)
    assert (await Poll.get()).untold_since == ctx.now()
    assert await counts(poll) == [2, 4]


async def test_hidden_totals_are_told_when_it_closes(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx, DraftPoll(("Oui", "Non"), 300, hides_totals=True))
    await submit(vote(remote_actor, poll.post.uri), remote_actor, ctx)
    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    world.pass_time(seconds=240)
    await polls.sweep(ctx)
    during, after = await sent("Update")
    assert "totalItems" not in during["object"]["oneOf"][0]["replies"]
    assert after["object"]["oneOf"][0]["replies"]["totalItems"] == 1
    assert (await Poll.get()).hides_totals


# Closing


async def test_when_its_time_has_come_it_closes_and_those_concerned_are_told(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    poll = await ask(member, ctx)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    world.pass_time(hours=1)
    for _ in range(3):
        await polls.sweep(ctx)

    [told] = await sent("Update")
    closed = await Poll.get()
    assert closed.closed_at == closed.closes_at
    assert load((await ActivityRecord.get(uri=told["id"])).document)["object"]["closed"] == told["object"]["endTime"]
    assert await deliveries(told) == {remote_actor.delivery_uri}
    rows = await Notification.filter(type=NotificationType.POLL).order_by("recipient_id")
    assert {(row.recipient_id, row.actor_id) for row in rows} == {(member.id, member.id), (other_member.id, member.id)}
    assert len(rows) == 2


async def test_a_poll_of_another_server_closes_here_too(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    poll = await factories.poll(remote_actor, closes_at=ctx.now() + timedelta(minutes=5))
    await polls.vote(member, await view_of(poll, member), [0], ctx)
    world.pass_time(minutes=5)
    for _ in range(2):
        await polls.sweep(ctx)
    assert (await Poll.get()).closed_at == ctx.now()
    assert await sent("Update") == []
    assert [row.recipient_id for row in await Notification.all()] == [member.id]


async def test_a_post_that_is_gone_has_no_poll_to_tell_of(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    poll = await ask(member, ctx)
    await submit(vote(remote_actor, poll.post.uri), remote_actor, ctx)
    await actions.delete(member, poll.post, ctx)
    world.pass_time(hours=1)
    await polls.sweep(ctx)
    assert await sent("Update") == []
    assert await Poll.all().count() + await PollVote.all().count() == 0


async def test_a_poll_for_members_whose_author_has_left_closes_and_nobody_is_told(
    section: Actor, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    for who in (member, other_member, remote_actor):
        await Membership.create(group=section, member=who, state=MembershipState.ACCEPTED)
    poll = await ask(member, ctx, visibility=Visibility.SECTION, section=section)
    await polls.vote(other_member, await view_of(poll, other_member), [0], ctx)
    await Membership.filter(member_id=member.id).delete()

    world.pass_time(seconds=60)
    await polls.sweep(ctx)
    assert (await Poll.get()).untold_since is None
    assert (await Poll.get()).closed_at is None
    closes_at = (await Poll.get()).closes_at
    assert closes_at is not None
    world.now = closes_at
    await polls.sweep(ctx)

    assert (await Poll.get()).closed_at == closes_at
    assert await sent("Update") == []
