"""What we owe to whom: one delivery for each activity and inbox, never to Public, never to ourselves."""

from dataclasses import replace

import pytest
from tortoise.exceptions import IntegrityError

from federation import pipeline
from federation.activities import build, parse
from federation.context import Context, Work
from federation.errors import FederationError
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from models.follow import Follow
from models.post import Post, Visibility
from server.follows import actions as follows
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.factories import PUBLIC
from tests.federation.sending import inboxes
from tests.world import World


@pytest.fixture
async def neighbours(ctx: Context, world: World, member: Actor) -> list[Actor]:
    """Three followers of the member on one server with a shared inbox."""
    actors = [await factories.remote_actor(ctx, world, f"https://far.test/users/{number}") for number in range(3)]
    for actor in actors:
        await factories.follow(actor, member)
    return actors


async def lone_follower(ctx: Context, world: World, member: Actor, host: str, name: str) -> Actor:
    """A follower on a server without a shared inbox."""
    actor = await factories.remote_actor(ctx, world, f"https://{host}/users/{name}", endpoints=None)
    await factories.follow(actor, member)
    return actor


async def test_a_shared_inbox_gets_it_once_for_everybody_there(
    member: Actor, neighbours: list[Actor], ctx: Context
) -> None:
    await actions.publish(member, Draft("Bonjour"), ctx)
    delivery = await Delivery.get()
    assert (delivery.inbox_uri, delivery.host, delivery.sender_id) == ("https://far.test/inbox", "far.test", member.id)
    assert (delivery.due_at, delivery.attempts, delivery.leased_until) == (ctx.now(), 0, None)


async def test_without_one_each_inbox_gets_it(member: Actor, ctx: Context, world: World) -> None:
    for name in ("max", "eve"):
        await lone_follower(ctx, world, member, "small.test", name)
    await actions.publish(member, Draft("Bonjour"), ctx)
    assert await inboxes("Create") == ["https://small.test/users/eve/inbox", "https://small.test/users/max/inbox"]


async def test_whoever_is_named_gets_it_follower_or_not(
    member: Actor, neighbours: list[Actor], stranger: Actor, ctx: Context
) -> None:
    await actions.publish(member, Draft("Salut @max@elsewhere.test et @0@far.test"), ctx)
    assert await inboxes("Create") == ["https://elsewhere.test/inbox", "https://far.test/inbox"]


async def test_nobody_here_gets_a_delivery(member: Actor, other_member: Actor, ctx: Context, world: World) -> None:
    await factories.follow(other_member, member)
    await actions.publish(member, Draft("Salut @ali"), ctx)
    assert await Delivery.all().count() == 0
    assert world.woken == []


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        (Visibility.PUBLIC, ["https://elsewhere.test/inbox", "https://far.test/inbox"]),
        (Visibility.UNLISTED, ["https://elsewhere.test/inbox", "https://far.test/inbox"]),
        (Visibility.FOLLOWERS, ["https://elsewhere.test/inbox", "https://far.test/inbox"]),
        (Visibility.DIRECT, ["https://elsewhere.test/inbox"]),
    ],
)
async def test_it_goes_only_to_those_it_is_for(
    member: Actor, neighbours: list[Actor], stranger: Actor, ctx: Context, visibility: Visibility, expected: list[str]
) -> None:
    await actions.publish(member, Draft("Salut @max@elsewhere.test", visibility), ctx)
    assert await inboxes("Create") == expected


async def test_followers_who_were_not_accepted_get_nothing(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    follow = await factories.follow(remote_actor, member)
    follow.state = follow.state.REQUESTED
    await follow.save()
    await actions.publish(member, Draft("Bonjour"), ctx)
    assert await Delivery.all().count() == 0


async def test_the_gone_get_nothing(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, member)
    await Actor.filter(id=remote_actor.id).update(gone_at=ctx.now())
    await actions.publish(member, Draft("Bonjour"), ctx)
    assert await Delivery.all().count() == 0


@pytest.mark.parametrize("public", ["as:Public", "Public", PUBLIC])
async def test_public_is_no_inbox(member: Actor, ctx: Context, public: str) -> None:
    document = factories.note(member.uri) | {"id": ctx.names.post(7), "to": [public], "cc": []}
    create = build("Create", member, document, uri=ctx.names.new_activity(), to=[public])
    await pipeline.submit(create, acting=member, ctx=ctx)
    assert await Delivery.all().count() == 0


@pytest.mark.parametrize("act", ["edit", "delete"])
async def test_what_follows_goes_to_the_same_places(
    member: Actor, neighbours: list[Actor], stranger: Actor, ctx: Context, act: str
) -> None:
    post = await actions.publish(member, Draft("Salut @max@elsewhere.test"), ctx)
    if act == "edit":
        await actions.edit(member, post, Draft("Pardon @max@elsewhere.test"), ctx)
    else:
        await actions.delete(member, post, ctx)
    assert await inboxes("Update" if act == "edit" else "Delete") == await inboxes("Create") != []


async def test_a_like_goes_to_the_author_and_its_undo_too(member: Actor, stranger: Actor, ctx: Context) -> None:
    post = await factories.post(stranger)
    await actions.like(member, post, ctx)
    await actions.unlike(member, post, ctx)
    assert await inboxes("Like") == await inboxes("Undo") == ["https://elsewhere.test/inbox"]


async def test_an_announce_goes_to_author_and_followers_and_its_undo_too(
    member: Actor, neighbours: list[Actor], stranger: Actor, ctx: Context
) -> None:
    post = await factories.post(stranger)
    await actions.announce(member, post, ctx)
    await actions.unannounce(member, post, ctx)
    assert await inboxes("Announce") == ["https://elsewhere.test/inbox", "https://far.test/inbox"]
    assert await inboxes("Undo") == await inboxes("Announce")


async def test_a_follow_and_its_undo_go_to_the_followed(member: Actor, stranger: Actor, ctx: Context) -> None:
    await follows.follow(member, stranger, ctx)
    await follows.unfollow(member, stranger, ctx)
    assert await inboxes("Follow") == await inboxes("Undo") == ["https://elsewhere.test/inbox"]


async def test_what_others_send_we_do_not_pass_on(
    member: Actor, neighbours: list[Actor], remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    create = factories.create(remote_actor.uri, to=[PUBLIC], cc=[stranger.uri, str(member.followers_uri)])
    await pipeline.submit(parse(create), acting=remote_actor, ctx=ctx)
    assert await Delivery.all().count() == 0


async def test_the_same_activity_is_owed_once_to_an_inbox(member: Actor, neighbours: list[Actor], ctx: Context) -> None:
    await actions.publish(member, Draft("Bonjour"), ctx)
    record = await ActivityRecord.get(type="Create")
    await Delivery.plan_to_followers(record, member.id, ctx.now())
    await Delivery.plan_to_actors(record, member.id, [actor.uri for actor in neighbours], ctx.now())
    assert await Delivery.all().count() == 1
    with pytest.raises(IntegrityError):
        await Delivery.create(activity=record, sender_id=member.id, inbox_uri="https://far.test/inbox", host="far.test")


async def test_what_is_owed_is_what_was_kept(member: Actor, neighbours: list[Actor], ctx: Context) -> None:
    post = await actions.publish(member, Draft("Bonjour"), ctx)
    delivery = await Delivery.get().prefetch_related("activity")
    activity = delivery.activity
    assert (activity.type, activity.is_local, activity.object_uri, activity.actor_uri) == (
        "Create",
        True,
        post.uri,
        member.uri,
    )


async def test_workers_are_woken_after_the_rows_are_there(
    member: Actor, neighbours: list[Actor], ctx: Context, world: World
) -> None:
    await actions.publish(member, Draft("Bonjour"), ctx)
    assert world.woken == [Work.DELIVERY]


async def test_what_is_refused_owes_nothing(section: Actor, remote_actor: Actor, ctx: Context, world: World) -> None:
    follow = parse(factories.activity("Follow", remote_actor.uri, section.uri))
    await factories.follow(remote_actor, section)
    await Follow.all().update(uri=f"{remote_actor.uri}/other")
    await Actor.filter(id=section.id).update(gone_at=ctx.now())
    with pytest.raises(FederationError):
        await pipeline.submit(follow, acting=remote_actor, ctx=ctx)
    assert await Delivery.all().count() + await ActivityRecord.all().count() == 0
    assert world.woken == []


async def test_when_a_reaction_fails_nothing_was_done(
    member: Actor, neighbours: list[Actor], ctx: Context, world: World
) -> None:
    async def fail(facts: object) -> None:
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        await actions.publish(member, Draft("Bonjour"), replace(ctx, react=fail))
    assert await Post.all().count() + await ActivityRecord.all().count() + await Delivery.all().count() == 0
    assert (await Actor.get(id=member.id)).posts_count == 0
    assert world.woken == []
