"""What an actor says of itself: its profile changes, it goes."""

from typing import Any

import pytest

from federation import pipeline
from federation.activities import build, parse
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import ActorGone, FollowEnded
from federation.objects import actor as actor_object
from models.actor import Actor, ActorKey
from models.delivery import Delivery
from models.follow import Follow
from models.notification import Notification
from models.post import Post
from models.reaction import Announce, Like
from models.timeline import HomeRow
from server.follows import actions
from tests import factories
from tests.federation.sending import inboxes
from tests.federation.submitting import submit
from tests.world import World, key_pair


def changed(actor: Actor, **more: Any) -> dict[str, Any]:
    return factories.actor_document(actor.uri, **({"name": "Noor N."} | more))


# Update


async def test_a_new_profile_is_kept(remote_actor: Actor, ctx: Context, world: World) -> None:
    world.pass_time(minutes=5)
    document = changed(remote_actor, summary="<p>Nouveau</p>", key=1, manuallyApprovesFollowers=True)
    await submit(factories.activity("Update", remote_actor.uri, document), remote_actor, ctx)
    found = await Actor.get(id=remote_actor.id)
    assert (found.display_name, found.note_html, found.approves_followers) == ("Noor N.", "<p>Nouveau</p>", True)
    assert (found.public_key_pem, found.fetched_at) == (key_pair(1)[1], ctx.now())


async def test_a_profile_by_reference_is_fetched(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(member, remote_actor)
    world.serve(changed(remote_actor))
    await submit(factories.activity("Update", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert (await Actor.get(id=remote_actor.id)).display_name == "Noor N."


async def test_for_an_actor_nobody_follows_no_profile_is_fetched(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Update", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert world.fetched == []


async def test_what_we_know_better_is_not_overwritten(remote_actor: Actor, ctx: Context) -> None:
    """The host of the handle was checked by WebFinger, and the totals are ours."""
    await Actor.filter(id=remote_actor.id).update(handle_host="noor.test", posts_count=7, followers_count=1)
    before = await Actor.get(id=remote_actor.id)
    document = changed(remote_actor, published="2001-01-01T00:00:00Z")
    await submit(factories.activity("Update", remote_actor.uri, document), remote_actor, ctx)
    after = await Actor.get(id=remote_actor.id)
    for name in ("handle_host", "posts_count", "followers_count", "published_at", "id", "uri"):
        assert getattr(after, name) == getattr(before, name), name


async def test_nobody_changes_anothers_profile(
    remote_actor: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    neighbour = await factories.remote_actor(ctx, world, "https://far.test/users/eve")
    for actor in (neighbour, stranger):
        world.serve(changed(remote_actor))
        with pytest.raises((NotAuthorised, UnsupportedActivity)):
            await submit(factories.activity("Update", actor.uri, changed(remote_actor, name="Volé")), actor, ctx)
    assert (await Actor.get(id=remote_actor.id)).display_name == "Noor"


async def test_nobody_changes_a_member_of_ours(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(NotAuthorised, match="may not change"):
        await submit(factories.activity("Update", remote_actor.uri, changed(member)), remote_actor, ctx)
    assert (await Actor.get(id=member.id)).display_name == "Zoé"


@pytest.mark.parametrize("change", [{"inbox": None}, {"preferredUsername": ""}, {"type": "Note"}])
async def test_a_profile_that_cannot_be_read_changes_nothing(
    remote_actor: Actor, ctx: Context, change: dict[str, Any]
) -> None:
    with pytest.raises(MalformedActivity):
        await submit(factories.activity("Update", remote_actor.uri, changed(remote_actor) | change), remote_actor, ctx)
    assert (await Actor.get(id=remote_actor.id)).display_name == "Noor"


async def test_our_own_change_is_sent_as_it_is(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, member)
    member.display_name = "Zoé L."
    await member.save(update_fields=["display_name"])
    document = actor_object.write(member, await ActorKey.filter(actor_id=member.id), ctx.names)
    update = build(
        "Update", member, document, uri=ctx.names.new_activity(), to=[factories.PUBLIC], cc=[str(member.followers_uri)]
    )
    await pipeline.submit(update, acting=member, ctx=ctx)
    found = await Actor.get(id=member.id)
    assert (found.display_name, found.is_local, found.handle_host, found.local_name) == ("Zoé L.", True, "", "zoe")
    assert await inboxes("Update") == [remote_actor.delivery_uri]


async def test_our_own_change_is_not_told_by_its_name_alone(member: Actor, ctx: Context) -> None:
    update = build("Update", member, member.uri, uri=ctx.names.new_activity(), to=[factories.PUBLIC])
    with pytest.raises(MalformedActivity):
        await pipeline.submit(update, acting=member, ctx=ctx)


# Delete


@pytest.fixture
async def known(member: Actor, other_member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> Actor:
    """A remote actor who has done here everything one can do."""
    await actions.follow(member, remote_actor, ctx)
    await submit(factories.activity("Accept", remote_actor.uri, (await Follow.get()).uri), remote_actor, ctx)
    for followed in (member, other_member):
        await submit(factories.activity("Follow", remote_actor.uri, followed.uri, followed.id), remote_actor, ctx)
    post = await factories.post(member)
    tag = [{"type": "Mention", "href": other_member.uri}]
    await submit(factories.create(remote_actor.uri, 1, inReplyTo=post.uri, tag=tag), remote_actor, ctx)
    await submit(factories.create(remote_actor.uri, 2, inReplyTo=post.uri), remote_actor, ctx)
    await submit(factories.activity("Like", remote_actor.uri, post.uri), remote_actor, ctx)
    await submit(factories.activity("Announce", remote_actor.uri, post.uri), remote_actor, ctx)
    await submit(factories.activity("Like", stranger.uri, post.uri), stranger, ctx)
    return remote_actor


@pytest.mark.parametrize("is_embedded", [True, False])
async def test_whoever_goes_takes_everything_along(
    known: Actor, member: Actor, ctx: Context, is_embedded: bool
) -> None:
    object_ = changed(known) if is_embedded else known.uri

    outcome = await submit(factories.activity("Delete", known.uri, object_), known, ctx)

    assert await Follow.all().count() == 0
    assert await Post.filter(actor_id=known.id).count() == 0
    assert await HomeRow.filter(actor_id=known.id).count() == 0
    assert await Like.filter(actor_id=known.id).count() + await Announce.filter(actor_id=known.id).count() == 0
    assert await Notification.filter(actor_id=known.id).count() == 0
    *ended, gone = outcome.facts
    assert [type(fact) for fact in ended] == [FollowEnded] * 3
    assert isinstance(gone, ActorGone)
    assert f"{known.uri}/notes/1" in gone.uris


async def test_what_it_counted_for_counts_no_more(
    known: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Delete", known.uri, known.uri), known, ctx)
    post = await Post.get(actor_id=member.id)
    assert (post.likes_count, post.announces_count, post.replies_count) == (1, 0, 0)
    for actor in (member, other_member, known):
        found = await Actor.get(id=actor.id)
        assert (found.followers_count, found.following_count) == (0, 0)


async def test_its_name_is_never_given_again(known: Actor, ctx: Context) -> None:
    await submit(factories.activity("Delete", known.uri, known.uri), known, ctx)
    found = await Actor.get(uri=known.uri)
    assert (found.gone_at, found.posts_count, found.public_key_pem, found.key_uri) == (ctx.now(), 0, "", None)


async def test_what_it_sends_after_that_is_refused(known: Actor, ctx: Context) -> None:
    await submit(factories.activity("Delete", known.uri, known.uri), known, ctx)
    with pytest.raises(NotAuthorised, match="no more"):
        await submit(factories.create(known.uri, 9), known, ctx)


async def test_gone_twice_is_gone(known: Actor, ctx: Context) -> None:
    await submit(factories.activity("Delete", known.uri, known.uri, 1), known, ctx)
    with pytest.raises(NotAuthorised, match="no more"):
        await submit(factories.activity("Delete", known.uri, known.uri, 2), known, ctx)


async def test_nobody_buries_another(remote_actor: Actor, stranger: Actor, member: Actor, ctx: Context) -> None:
    for number, victim in enumerate((stranger, member)):
        with pytest.raises(NotAuthorised, match="may not change"):
            await submit(factories.activity("Delete", remote_actor.uri, victim.uri, number), remote_actor, ctx)
        assert (await Actor.get(id=victim.id)).gone_at is None


async def test_a_member_of_ours_who_goes_tells_its_followers(
    member: Actor, remote_actor: Actor, other_member: Actor, ctx: Context
) -> None:
    await factories.follow(remote_actor, member)
    await factories.follow(other_member, member)
    delete = build(
        "Delete",
        member,
        member.uri,
        uri=ctx.names.new_activity(),
        to=[factories.PUBLIC],
        cc=[str(member.followers_uri)],
    )
    await pipeline.submit(delete, acting=member, ctx=ctx)
    assert (await Actor.get(id=member.id)).gone_at == ctx.now()
    assert await inboxes("Delete") == [remote_actor.delivery_uri]
    assert (await Delivery.get()).sender_id == member.id


async def test_created_and_gone_in_one_batch_nothing_is_left(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(member, remote_actor)
    batch = [
        pipeline.Submission(parse(item), remote_actor.uri)
        for item in (
            factories.create(remote_actor.uri),
            factories.activity("Delete", remote_actor.uri, remote_actor.uri),
        )
    ]
    assert [outcome.error for outcome in await pipeline.submit_many(batch, ctx)] == [None, None]
    assert await Post.all().count() + await HomeRow.all().count() == 0
