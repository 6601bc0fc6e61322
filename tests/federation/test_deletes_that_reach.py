"""A Delete reaches also those who know a post only because somebody here showed it to them."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.delivery import Delivery
from models.post import Post
from models.reaction import Announce
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.federation.sending import inboxes, sent_by
from tests.federation.submitting import submit


@pytest.fixture
async def ours(member: Actor, ctx: Context) -> Post:
    """A public post of a member here, whom nobody follows."""
    return await actions.publish(member, Draft("Bonjour"), ctx)


@pytest.fixture
async def theirs(member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context) -> Post:
    """A post of another server that a member here showed to a third one."""
    await factories.follow(stranger, member)
    post = await factories.post(remote_actor)
    await actions.announce(member, post, ctx)
    return post


async def test_a_post_that_dies_dies_for_the_followers_of_who_announced_it_here(
    ours: Post, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(remote_actor, other_member)
    await actions.announce(other_member, ours, ctx)

    await actions.delete(member, ours, ctx)

    assert await inboxes("Delete") == [remote_actor.delivery_uri]
    assert (await Delivery.get(activity__type="Delete")).sender_id == member.id


async def test_it_dies_where_somebody_announced_it_too(
    ours: Post, member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(stranger, remote_actor)
    await submit(factories.activity("Announce", remote_actor.uri, ours.uri), remote_actor, ctx)
    await actions.delete(member, ours, ctx)
    assert await inboxes("Delete") == [remote_actor.delivery_uri]


async def test_whoever_never_got_it_hears_nothing(
    ours: Post, member: Actor, other_member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    another = await actions.publish(member, Draft("Autre"), ctx)
    await factories.follow(remote_actor, other_member)
    await actions.announce(other_member, another, ctx)
    await actions.delete(member, ours, ctx)
    assert await inboxes("Delete") == []


async def test_with_its_author_everything_shown_dies(
    ours: Post, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(remote_actor, other_member)
    await actions.announce(other_member, ours, ctx)
    gone = factories.activity("Delete", member.uri, member.uri) | {"id": ctx.names.new_activity()}
    await submit(gone, member, ctx)
    assert await inboxes("Delete") == [remote_actor.delivery_uri]


async def test_an_announce_of_ours_ends_with_the_post_of_another_server(
    theirs: Post, member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    delete = factories.activity("Delete", remote_actor.uri, {"type": "Tombstone", "id": theirs.uri})
    for _ in range(2):
        await submit(delete, remote_actor, ctx)

    announce, undo = await sent_by(member)
    assert (undo["type"], undo["object"]["id"], undo["actor"]) == ("Undo", announce["id"], member.uri)
    assert (undo["to"], undo["cc"]) == (announce["to"], announce["cc"])
    assert await inboxes("Undo") == sorted([stranger.delivery_uri, remote_actor.delivery_uri])
    assert not await Announce.exists()
    assert not await Post.exists(id=theirs.id)


async def test_it_ends_with_the_author_too(theirs: Post, member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert [item["type"] for item in await sent_by(member)] == ["Undo"]  # who is gone is shown to nobody any more
    assert not await Announce.exists()


async def test_nobody_undoes_what_went_with_its_post_for_another(
    theirs: Post, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    announce = (await Announce.get()).uri
    await submit(factories.activity("Delete", remote_actor.uri, theirs.uri), remote_actor, ctx)
    before = await Delivery.all().count()
    with pytest.raises(Exception, match="is not here"):
        await submit(factories.activity("Undo", remote_actor.uri, announce), remote_actor, ctx)
    assert await Delivery.all().count() == before
