"""What facts do to home timelines."""

import pytest

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from models.timeline import HomeRow
from server.follows import actions as follows
from server.posts import actions
from server.posts.actions import Draft
from server.timelines import queries
from server.timelines.reactions import BACKFILL
from tests import factories
from tests.factories import PUBLIC
from tests.federation.submitting import submit


async def home(owner: Actor) -> list[str]:
    """What the owner's home timeline shows, newest first: a text, or who announced it."""
    shown = await queries.home(owner, limit=40)
    return [
        f"{view.announce.actor.username}: {view.post.source_text}" if view.announce else view.post.content_html
        for view in shown
    ]


async def test_a_post_comes_home_to_its_author_and_followers_here(
    member: Actor, other_member: Actor, section: Actor, ctx: Context
) -> None:
    await factories.follow(other_member, member)
    await actions.publish(member, Draft("Bonjour"), ctx)
    assert await home(member) == await home(other_member) == ["<p>Bonjour</p>"]
    assert await home(section) == []


async def test_a_post_of_another_server_comes_home_to_its_followers_here(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    await submit(factories.create(remote_actor.uri), remote_actor, ctx)
    assert await home(member) == ["<p>Note 1</p>"]
    assert await home(other_member) == []


async def test_whoever_is_named_has_it_at_home(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await submit(factories.create(remote_actor.uri, to=[PUBLIC, member.uri]), remote_actor, ctx)
    assert await home(member) == ["<p>Note 1</p>"]
    assert await home(other_member) == []


async def test_a_direct_post_comes_home_to_those_it_is_for(
    member: Actor, other_member: Actor, section: Actor, ctx: Context
) -> None:
    for follower in (other_member, section):
        await factories.follow(follower, member)
    await actions.publish(member, Draft("@ali entre nous", Visibility.DIRECT), ctx)
    assert len(await home(member)) == len(await home(other_member)) == 1
    assert await home(section) == []


async def test_an_announce_comes_home_with_whoever_announced_it(
    member: Actor, other_member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await factories.follow(member, remote_actor)
    post = await factories.post(stranger, "À lire")
    await submit(factories.activity("Announce", remote_actor.uri, post.uri), remote_actor, ctx)
    assert await home(member) == ["noor: À lire"]
    assert await home(other_member) == []


async def test_what_is_at_home_is_not_brought_again(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for followed in (remote_actor, stranger):
        await factories.follow(member, followed)
    create = factories.create(stranger.uri)
    await submit(create, stranger, ctx)
    await submit(factories.activity("Announce", remote_actor.uri, create["object"]["id"]), remote_actor, ctx)
    assert await home(member) == ["<p>Note 1</p>"]


async def test_an_announce_taken_back_leaves_what_others_brought(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for followed in (remote_actor, stranger):
        await factories.follow(member, followed)
    create = factories.create(stranger.uri)
    await submit(create, stranger, ctx)
    announce = factories.activity("Announce", remote_actor.uri, create["object"]["id"])
    await submit(announce, remote_actor, ctx)
    await submit(factories.activity("Undo", remote_actor.uri, announce["id"]), remote_actor, ctx)
    assert await home(member) == ["<p>Note 1</p>"]


async def test_a_new_follower_finds_the_newest_posts_at_home(member: Actor, other_member: Actor, ctx: Context) -> None:
    posts = [await factories.post(other_member, str(number)) for number in range(BACKFILL + 5)]
    await factories.post(other_member, "réponse", in_reply_to_uri=posts[0].uri)
    await factories.post(other_member, "direct", Visibility.DIRECT)
    await factories.post(other_member, "abonnés", Visibility.FOLLOWERS)

    await follows.follow(member, other_member, ctx)

    newest = ["<p>abonnés</p>", *(f"<p>{number}</p>" for number in range(BACKFILL + 4, 5, -1))]
    assert await home(member) == newest


async def test_a_follower_elsewhere_has_no_home_here(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.post(member)
    await submit(factories.activity("Follow", remote_actor.uri, member.uri), remote_actor, ctx)
    assert await HomeRow.all().count() == 0


@pytest.mark.parametrize("end", ["unfollow", "reject"])
async def test_with_the_follow_goes_what_it_brought(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context, end: str
) -> None:
    follow = await follows.follow(member, remote_actor, ctx)
    await submit(factories.activity("Accept", remote_actor.uri, follow.uri), remote_actor, ctx)
    await submit(factories.create(remote_actor.uri), remote_actor, ctx)
    post = await factories.post(other_member, "À lire")
    await submit(factories.activity("Announce", remote_actor.uri, post.uri), remote_actor, ctx)
    await actions.publish(member, Draft("À moi"), ctx)
    assert len(await home(member)) == 3

    if end == "unfollow":
        await follows.unfollow(member, remote_actor, ctx)
    else:
        await submit(factories.activity("Reject", remote_actor.uri, follow.uri), remote_actor, ctx)

    assert await home(member) == ["<p>À moi</p>"]


async def test_a_follower_lost_here_takes_nothing_from_others(
    member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    for follower in (member, other_member):
        await factories.follow(follower, remote_actor)
    await submit(factories.create(remote_actor.uri), remote_actor, ctx)
    await factories.follow(remote_actor, member)
    follow = await member.follows_out.all().first()  # type: ignore[attr-defined]
    await submit(factories.activity("Reject", remote_actor.uri, follow.uri), remote_actor, ctx)
    assert await home(member) == []
    assert await home(other_member) == ["<p>Note 1</p>"]


async def test_a_batch_brings_everything_home_in_order(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(member, remote_actor)
    batch = [
        pipeline.Submission(parse(factories.create(remote_actor.uri, number)), remote_actor.uri) for number in range(5)
    ]
    await pipeline.submit_many(batch, ctx)
    assert await home(member) == [f"<p>Note {number}</p>" for number in range(4, -1, -1)]
    assert await Post.all().count() == 5
