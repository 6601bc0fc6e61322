"""Keeping two apart: what ends, what is refused, what is not seen, and how it is taken back."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from models.actor import Actor
from models.follow import Follow
from models.membership import Membership, MembershipState
from models.moderation import Block
from models.notification import Notification
from models.post import Post, Visibility
from models.timeline import HomeRow
from server.posts import actions, queries
from server.posts.actions import Draft
from tests import factories
from tests.federation.sending import inboxes
from tests.federation.submitting import submit
from tests.world import World

Blocks = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture
def block(remote_actor: Actor, member: Actor, ctx: Context) -> Blocks:
    """Have the remote actor block the member."""

    async def said() -> dict[str, Any]:
        activity = factories.activity("Block", remote_actor.uri, member.uri)
        await submit(activity, remote_actor, ctx)
        return activity

    return said


async def test_follows_end_both_ways_and_the_totals_know(
    member: Actor, remote_actor: Actor, block: Blocks, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    await factories.follow(remote_actor, member)
    await block()
    assert not await Follow.exists()
    assert await Block.exists(blocker_id=remote_actor.id, blocked_id=member.id)


async def test_said_twice_it_is_one_block(member: Actor, remote_actor: Actor, block: Blocks, ctx: Context) -> None:
    await block()
    again = factories.activity("Block", remote_actor.uri, member.uri, 2)
    await submit(again, remote_actor, ctx)
    assert (await Block.get()).uri == again["id"]


async def test_strangers_may_block_each_other_elsewhere(remote_actor: Actor, stranger: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised):
        await submit(factories.activity("Block", remote_actor.uri, stranger.uri), remote_actor, ctx)


@pytest.fixture
async def group(ctx: Context, world: World, member: Actor) -> Actor:
    """A group on the remote actor's server, which a member follows and belongs to."""
    group = await factories.remote_actor(ctx, world, "https://far.test/c/nord", kind="Group")
    await factories.follow(member, group)
    await Membership.create(group=group, member=member, state=MembershipState.ACCEPTED)
    return group


async def test_a_ban_from_a_group_ends_follow_and_membership_and_is_no_block(
    group: Actor, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    ban = factories.activity("Block", remote_actor.uri, member.uri, target=group.uri)
    await submit(ban, remote_actor, ctx)
    assert not await Follow.exists()
    assert not await Membership.exists()
    assert not await Block.exists()

    await submit(factories.activity("Undo", remote_actor.uri, ban), remote_actor, ctx)
    assert not await Follow.exists()


async def test_nobody_bans_from_a_group_of_another_server(
    group: Actor, member: Actor, stranger: Actor, ctx: Context
) -> None:
    ban = factories.activity("Block", stranger.uri, member.uri, target=group.uri)
    with pytest.raises(NotAuthorised, match="does not speak for"):
        await submit(ban, stranger, ctx)
    with pytest.raises(NotAuthorised, match="does not speak for"):
        await submit(factories.activity("Undo", stranger.uri, ban), stranger, ctx)
    assert await Follow.exists()


async def test_a_ban_of_somebody_elsewhere_changes_nothing_here(
    group: Actor, stranger: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Block", remote_actor.uri, stranger.uri, target=group.uri), remote_actor, ctx)
    assert await Membership.all().count() == 1
    assert not await Block.exists()


@pytest.mark.parametrize("kind", ["Like", "Announce", "EmojiReact"])
async def test_what_either_would_do_to_the_others_post_is_refused(
    member: Actor, remote_actor: Actor, block: Blocks, ctx: Context, kind: str
) -> None:
    await block()
    ours, theirs = await factories.post(member), await factories.post(remote_actor)
    for actor, post in ((member, theirs), (remote_actor, ours)):
        activity = factories.activity(kind, actor.uri, post.uri, 7, content="🎉" if kind == "EmojiReact" else None)
        with pytest.raises(NotAuthorised, match="kept apart"):
            await submit(activity, actor, ctx)


async def test_neither_follows_the_other(member: Actor, remote_actor: Actor, block: Blocks, ctx: Context) -> None:
    await block()
    for actor, other in ((member, remote_actor), (remote_actor, member)):
        with pytest.raises(NotAuthorised, match="kept apart"):
            await submit(factories.activity("Follow", actor.uri, other.uri), actor, ctx)


async def test_neither_answers_the_other(member: Actor, remote_actor: Actor, block: Blocks, ctx: Context) -> None:
    await block()
    ours = await factories.post(member)
    with pytest.raises(NotAuthorised, match="kept apart"):
        await submit(factories.create(remote_actor.uri, inReplyTo=ours.uri), remote_actor, ctx)


async def test_whoever_named_them_is_neither_heard_nor_delivered(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, block: Blocks
) -> None:
    await block()
    await actions.publish(member, Draft("Dis, @noor@far.test"), ctx)
    assert await inboxes("Create") == []
    await submit(factories.activity("Block", other_member.uri, remote_actor.uri), other_member, ctx)
    tag = [{"type": "Mention", "href": other_member.uri}]
    await submit(factories.create(remote_actor.uri, tag=tag, cc=[other_member.uri]), remote_actor, ctx)
    assert not await Notification.exists()
    assert not await HomeRow.filter(owner_id=other_member.id).exists()


async def test_the_blocked_no_longer_sees_the_blocker(member: Actor, remote_actor: Actor, block: Blocks) -> None:
    post = await factories.post(remote_actor)
    assert await queries.one(post.id, member) is not None
    await block()
    assert await queries.one(post.id, member) is None
    assert await queries.public(member, limit=9) == []
    assert await queries.by_actor(remote_actor, member, limit=9) == []
    assert await queries.one(post.id, None) is not None


async def test_even_a_post_that_names_the_blocked_is_not_for_them(
    member: Actor, remote_actor: Actor, block: Blocks, ctx: Context
) -> None:
    await submit(factories.create(remote_actor.uri, to=[member.uri], cc=[]), remote_actor, ctx)
    post = await Post.get(visibility=Visibility.DIRECT)
    assert await Post.visible_to(member).filter(id=post.id).exists()
    await block()
    assert not await Post.visible_to(member).filter(id=post.id).exists()


async def test_what_was_brought_to_either_goes_and_no_more_comes(
    member: Actor, other_member: Actor, remote_actor: Actor, block: Blocks, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    await factories.follow(member, other_member)
    create = factories.create(remote_actor.uri)
    await submit(create, remote_actor, ctx)
    assert await HomeRow.filter(owner_id=member.id).count() == 1
    await block()
    assert not await HomeRow.filter(owner_id=member.id).exists()

    await actions.announce(other_member, await Post.get(uri=create["object"]["id"]), ctx)

    assert not await HomeRow.filter(owner_id=member.id).exists()


async def test_what_they_were_told_of_each_other_goes(
    member: Actor, remote_actor: Actor, block: Blocks, ctx: Context
) -> None:
    ours = await factories.post(member)
    await submit(factories.activity("Like", remote_actor.uri, ours.uri), remote_actor, ctx)
    assert await Notification.all().count() == 1
    await block()
    assert not await Notification.exists()


@pytest.mark.parametrize("shape", ["by uri", "embedded", "embedded under another id"])
async def test_taken_back_they_may_meet_again(
    member: Actor, remote_actor: Actor, block: Blocks, ctx: Context, shape: str
) -> None:
    said = await block()
    shapes = {"by uri": said["id"], "embedded": said}
    undo = factories.activity("Undo", remote_actor.uri, shapes.get(shape, said | {"id": f"{remote_actor.uri}/odd"}))
    await submit(undo, remote_actor, ctx)
    assert not await Block.exists()
    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)
    assert await Follow.all().count() == 1
    with pytest.raises(UnsupportedActivity):
        await submit(undo | {"id": f"{remote_actor.uri}/undo/2"}, remote_actor, ctx)


async def test_nobody_else_takes_a_block_back(
    remote_actor: Actor, stranger: Actor, block: Blocks, ctx: Context
) -> None:
    said = await block()
    with pytest.raises(NotAuthorised, match="is not by"):
        await submit(factories.activity("Undo", stranger.uri, said["id"]), stranger, ctx)
    assert await Block.exists()
