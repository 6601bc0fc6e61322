"""What facts members are told about, once each."""

import pytest

from federation.context import Context
from federation.facts import FollowAccepted
from models.actor import Actor
from models.moderation import Block
from models.notification import Notification, NotificationType
from models.post import Post
from server.follows import actions as follows
from server.notifications.reactions import on_follow_accepted
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit
from tests.world import World


async def told(recipient: Actor) -> list[tuple[NotificationType, str]]:
    """What somebody was told, oldest first: (why, by whom)."""
    rows = await Notification.filter(recipient_id=recipient.id).select_related("actor").order_by("id")
    return [(row.type, row.actor.username) for row in rows]


@pytest.fixture
async def ours(member: Actor) -> Post:
    """A public post of a member here."""
    return await factories.post(member)


async def reserve(member: Actor) -> None:
    member.approves_followers = True
    await member.save(update_fields=["approves_followers"])


async def test_a_new_follower(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)
    assert await told(member) == [(NotificationType.FOLLOW, "noor")]


async def test_of_many_new_followers_once_each(member: Actor, ctx: Context, world: World) -> None:
    uris = {name: f"https://far.test/users/{name}" for name in ("told", "new", "apart", "silenced")}
    actors = {name: await factories.remote_actor(ctx, world, uri) for name, uri in uris.items()}
    await Block.create(uri="https://far.test/blocks/1", blocker_id=actors["apart"].id, blocked_id=member.id)
    actors["silenced"].is_silenced = True
    await Notification.create(recipient_id=member.id, type=NotificationType.FOLLOW, actor_id=actors["told"].id)
    facts = [FollowAccepted(actor, member) for actor in actors.values()]

    await on_follow_accepted([*facts, facts[1]])

    assert await told(member) == [(NotificationType.FOLLOW, "told"), (NotificationType.FOLLOW, "new")]


async def test_somebody_who_asks_to_follow(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await reserve(member)
    for number in (1, 2):
        await submit(factories.activity("Follow", remote_actor.uri, member.uri, number), remote_actor, ctx)
    assert await told(member) == [(NotificationType.FOLLOW_REQUEST, "noor")]


async def test_a_request_that_was_accepted_is_a_follower(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await reserve(member)
    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)
    await follows.decide(member, remote_actor, ctx, accept=True)
    assert await told(member) == [(NotificationType.FOLLOW, "noor")]


@pytest.mark.parametrize("end", ["refused", "taken back"])
async def test_a_request_that_is_no_more(member: Actor, remote_actor: Actor, ctx: Context, end: str) -> None:
    await reserve(member)
    follow = factories.activity("Follow", remote_actor.uri, member.uri)
    await submit(follow, remote_actor, ctx)
    if end == "refused":
        await follows.decide(member, remote_actor, ctx, accept=False)
    else:
        await submit(factories.activity("Undo", remote_actor.uri, follow), remote_actor, ctx)
    assert await told(member) == []


async def test_those_elsewhere_are_told_by_their_own_server(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = await follows.follow(member, remote_actor, ctx)
    await submit(factories.activity("Accept", remote_actor.uri, follow.uri), remote_actor, ctx)
    post = await factories.post(remote_actor)
    await actions.like(member, post, ctx)
    await actions.announce(member, post, ctx)
    await actions.publish(member, Draft("Salut @noor@far.test"), ctx)
    assert await Notification.all().count() == 0


async def test_being_named(member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context) -> None:
    create = factories.create(
        remote_actor.uri, to=[PUBLIC], cc=[member.uri], tag=[{"type": "Mention", "href": member.uri}]
    )
    await submit(create, remote_actor, ctx)
    assert await told(member) == [(NotificationType.MENTION, "noor")]
    assert await told(other_member) == []


async def test_being_answered(member: Actor, other_member: Actor, ours: Post, ctx: Context) -> None:
    await actions.publish(other_member, Draft("D'accord", in_reply_to=ours), ctx)
    assert await told(member) == [(NotificationType.MENTION, "ali")]


async def test_a_like_and_an_announce(member: Actor, remote_actor: Actor, ours: Post, ctx: Context) -> None:
    for number in (1, 2):
        await submit(factories.activity("Like", remote_actor.uri, ours.uri, number), remote_actor, ctx)
        await submit(factories.activity("Announce", remote_actor.uri, ours.uri, number), remote_actor, ctx)
    assert await told(member) == [(NotificationType.LIKE, "noor"), (NotificationType.ANNOUNCE, "noor")]
    assert {row.post_id for row in await Notification.all()} == {ours.id}


async def test_liked_unliked_and_liked_again(member: Actor, other_member: Actor, ours: Post, ctx: Context) -> None:
    for _ in range(2):
        await actions.like(other_member, ours, ctx)
        await actions.unlike(other_member, ours, ctx)
    await actions.like(other_member, ours, ctx)
    assert await told(member) == [(NotificationType.LIKE, "ali")]


async def test_nobody_is_told_of_themselves(member: Actor, ours: Post, ctx: Context) -> None:
    await actions.like(member, ours, ctx)
    await actions.announce(member, ours, ctx)
    await actions.publish(member, Draft("Moi, @zoe", in_reply_to=ours), ctx)
    assert await told(member) == []


async def test_what_was_told_goes_with_the_post(member: Actor, other_member: Actor, ours: Post, ctx: Context) -> None:
    await actions.like(other_member, ours, ctx)
    await actions.delete(member, ours, ctx)
    assert await told(member) == []


async def test_the_posts_of_others_are_no_business_of_a_member(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    create = factories.create(remote_actor.uri)
    await submit(create, remote_actor, ctx)
    await submit(factories.activity("Like", stranger.uri, create["object"]["id"]), stranger, ctx)
    assert await told(member) == []
