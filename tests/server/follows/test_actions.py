"""What a member does with follows: ask, take back, answer."""

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.errors import NotAuthorised
from models.actor import Actor
from models.follow import Follow, FollowState
from server.errors import Conflict, NotFound
from server.follows import actions
from tests import factories
from tests.federation.sending import sent_by


@pytest.fixture
async def asked(member: Actor, remote_actor: Actor, ctx: Context) -> Follow:
    """Somebody elsewhere asks to follow a member who approves followers."""
    member.approves_followers = True
    await member.save(update_fields=["approves_followers"])
    follow = factories.activity("Follow", remote_actor.uri, member.uri)
    await pipeline.submit(parse(follow), acting=remote_actor, ctx=ctx)
    return await Follow.get()


async def test_a_follow_is_asked_of_the_followed(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = await actions.follow(member, remote_actor, ctx)
    assert follow.state is FollowState.REQUESTED
    [sent] = await sent_by(member)
    assert (sent["id"], sent["type"], sent["object"], sent["to"]) == (
        follow.uri, "Follow", remote_actor.uri, [remote_actor.uri],
    )  # fmt: skip


async def test_asked_already_nothing_is_sent(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    first = await actions.follow(member, remote_actor, ctx)
    assert (await actions.follow(member, remote_actor, ctx)).id == first.id
    assert len(await sent_by(member)) == 1


async def test_nobody_follows_themselves(member: Actor, ctx: Context) -> None:
    with pytest.raises(Conflict, match="yourself"):
        await actions.follow(member, member, ctx)


async def test_nobody_follows_the_gone(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await Actor.filter(id=remote_actor.id).update(gone_at=ctx.now())
    with pytest.raises(NotAuthorised, match="no more"):
        await actions.follow(member, remote_actor, ctx)


async def test_a_follow_taken_back_is_undone_with_the_follow_inside(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    follow = await actions.follow(member, remote_actor, ctx)
    await actions.unfollow(member, remote_actor, ctx)
    assert await Follow.all().count() == 0
    undo = (await sent_by(member))[-1]
    assert (undo["type"], undo["object"]["id"], undo["to"]) == ("Undo", follow.uri, [remote_actor.uri])


async def test_what_one_does_not_follow_one_does_not_unfollow(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await actions.unfollow(member, remote_actor, ctx)
    assert await sent_by(member) == []


async def test_an_accepted_request_is_answered_with_the_follow_as_it_came(
    asked: Follow, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await actions.decide(member, remote_actor, ctx, accept=True)
    assert (await Follow.get()).state is FollowState.ACCEPTED
    [accept] = await sent_by(member)
    assert (accept["type"], accept["object"]["id"], accept["to"]) == ("Accept", asked.uri, [remote_actor.uri])
    assert (await Actor.get(id=member.id)).followers_count == 1


async def test_a_refused_request_is_gone(asked: Follow, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await actions.decide(member, remote_actor, ctx, accept=False)
    assert await Follow.all().count() == 0
    assert [sent["type"] for sent in await sent_by(member)] == ["Reject"]


async def test_a_follower_may_be_dismissed_later(
    asked: Follow, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await actions.decide(member, remote_actor, ctx, accept=True)
    await actions.decide(member, remote_actor, ctx, accept=False)
    assert await Follow.all().count() == 0
    assert (await Actor.get(id=member.id)).followers_count == 0


async def test_a_request_is_accepted_once(asked: Follow, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await actions.decide(member, remote_actor, ctx, accept=True)
    with pytest.raises(NotFound, match="no such request"):
        await actions.decide(member, remote_actor, ctx, accept=True)


@pytest.mark.parametrize("accept", [True, False])
async def test_nobody_answers_what_was_not_asked(member: Actor, stranger: Actor, ctx: Context, accept: bool) -> None:
    with pytest.raises(NotFound):
        await actions.decide(member, stranger, ctx, accept=accept)
    assert await sent_by(member) == []


async def test_asked_again_the_newest_request_is_answered(
    asked: Follow, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    again = factories.activity("Follow", remote_actor.uri, member.uri, 2)
    await pipeline.submit(parse(again), acting=remote_actor, ctx=ctx)
    await actions.decide(member, remote_actor, ctx, accept=True)
    assert [sent["object"]["id"] for sent in await sent_by(member)] == [again["id"]]
