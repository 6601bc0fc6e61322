"""Closing an account: others are told, everything here goes, and the keys go last."""

import pytest

from federation import delivery
from federation.context import Context
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey, ActorType
from models.delivery import Delivery
from models.follow import Follow
from models.member import Member
from models.membership import Membership, MembershipHistory, MembershipStep, Transfer
from models.moderation import Block
from models.notification import Notification
from models.oauth import AccessToken
from models.post import Mention, Post, Visibility
from models.reaction import EmojiReaction
from models.section import Section
from models.timeline import HomeRow
from server.activitypub.wellknown import jrd_of
from server.errors import Conflict, Forbidden
from server.follows import actions as follows
from server.members.leaving import delete, destroy_keys
from server.members.queries import by_login
from server.oauth.tokens import create_token
from server.posts.actions import Draft, like, publish
from tests import factories
from tests.federation.sending import inboxes, sent_by
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.conftest import app, asker
from tests.world import World

__all__ = ["app", "asker"]


async def test_everything_here_goes(
    member: Actor, other_member: Actor, remote_actor: Actor, section: Actor, ctx: Context
) -> None:
    await follows.follow(other_member, member, ctx)
    await follows.follow(member, section, ctx)
    post = await publish(member, Draft("Bonjour @ali"), ctx)
    theirs = await publish(other_member, Draft("Salut"), ctx)
    await like(member, theirs, ctx)
    await EmojiReaction.create(uri="https://lille.test/r/1", actor=member, post=theirs, emoji="🎉")
    await Membership.create(group=section, member=member)
    await Block.create(uri="https://lille.test/b/1", blocker=member, blocked=remote_actor)
    await create_token(await Member.get(actor_id=member.id), ["read"])

    await delete(member, ctx)

    found = await Actor.get(id=member.id)
    assert (found.gone_at, found.display_name, found.local_name) == (ctx.now(), "", "zoe")
    assert await Post.filter(actor_id=member.id).count() == 0
    assert not await Post.exists(id=post.id)
    assert (await Post.get(id=theirs.id)).likes_count == 0
    for rows in (Membership, Block, EmojiReaction, AccessToken, Follow):
        assert await rows.all().count() == 0, rows
    assert await HomeRow.filter(owner_id=member.id).count() + await HomeRow.filter(actor_id=member.id).count() == 0
    assert await Notification.filter(actor_id=member.id).count() == 0
    assert not await Member.exists(actor_id=member.id)
    assert await by_login("zoe") is None
    assert {row.type for row in await ActivityRecord.filter(actor_uri=member.uri)} == {"Delete"}


async def test_everybody_who_has_something_of_it_is_told(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    """A follower, one it follows, one it named, one it answered, one whose post it likes; on five servers."""
    followed, named, answered, liked = [
        await factories.remote_actor(ctx, world, f"https://{host}.test/users/a")
        for host in ("followed", "named", "answered", "liked")
    ]
    await factories.follow(remote_actor, member)
    await factories.follow(member, followed)
    post = await factories.post(member, visibility=Visibility.DIRECT)
    await Mention.create(post=post, actor=named)
    await factories.post(member, in_reply_to=await factories.post(answered))
    await like(member, await factories.post(liked), ctx)

    await delete(member, ctx)

    assert await inboxes("Delete") == sorted(
        actor.delivery_uri for actor in (remote_actor, followed, named, answered, liked)
    )
    sent = (await sent_by(member))[-1]
    assert (sent["type"], sent["object"]) == ("Delete", member.uri)
    assert sent["to"] == [factories.PUBLIC]
    assert sent["cc"] == [member.followers_uri]  # nobody else is named to the others


async def test_the_sections_are_told_to_which_it_belonged_or_wants_to(
    member: Actor, section: Actor, ctx: Context, world: World
) -> None:
    left, asked, reached = [
        await factories.remote_actor(ctx, world, f"https://{host}.test/actors/1", kind="Group")
        for host in ("left", "asked", "reached")
    ]
    await MembershipHistory.create(group=left, member=member, step=MembershipStep.LEFT)
    await Membership.create(group=asked, member=member)
    await Transfer.create(uri=f"{member.uri}/move", member=member, origin=section, target=reached)

    await delete(member, ctx)

    assert await inboxes("Delete") == sorted(actor.delivery_uri for actor in (left, asked, reached))
    assert not await MembershipHistory.exists()
    assert not await Transfer.exists()


async def test_its_addresses_say_that_it_is_gone(member: Actor, asker: Asker, ctx: Context) -> None:
    await delete(member, ctx)
    reply = await asker.get(member.uri)
    assert (reply.status, reply.json["type"]) == (410, "Tombstone")
    for target in ("/.well-known/webfinger?resource=acct:zoe@lille.test", f"{member.uri}/outbox"):
        assert (await asker.get(target)).status == 410
    assert jrd_of(member, ctx.names, [])["subject"] == "acct:zoe@lille.test"


async def test_the_keys_go_when_the_last_server_was_told(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    await delete(member, ctx)
    assert await destroy_keys() == 0

    owed = await Delivery.get().prefetch_related("activity")
    await delivery.send(owed, ctx)
    assert world.sent[0].document["type"] == "Delete"
    assert "proof" in world.sent[0].document
    await owed.delete()
    assert await destroy_keys() == 1
    assert not await ActorKey.exists(actor_id=member.id)


async def test_a_server_that_was_given_up_keeps_no_key_alive(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(remote_actor, member)
    await delete(member, ctx)
    await Delivery.all().update(due_at=None)
    assert await destroy_keys() == 1
    assert await ActorKey.filter(actor_id=other_member.id).count() == 2


async def test_a_section_closes_too_but_not_the_main_one(section: Actor, ctx: Context) -> None:
    other = await factories.section(ctx, "amiens", "Section d’Amiens", is_main=False)
    await delete(other, ctx)
    assert not await Section.exists(actor_id=other.id)
    with pytest.raises(Conflict, match="main section"):
        await delete(section, ctx)
    assert (await Actor.get(id=section.id)).gone_at is None


async def test_the_server_itself_stays(ctx: Context) -> None:
    with pytest.raises(Forbidden):
        await delete(Actor(type=ActorType.APPLICATION), ctx)
