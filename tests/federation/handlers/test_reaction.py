"""Likes and announces, and taking them back."""

from datetime import timedelta
from typing import Any

import pytest

from federation import pipeline
from federation.activities import embed, parse
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Announced, AnnounceEnded, Liked
from models.activity import ActivityRecord
from models.actor import Actor
from models.ids import unix_ms_of
from models.notification import Notification
from models.post import Mention, Post, Visibility
from models.reaction import Announce, Like
from models.timeline import HomeRow
from tests import factories
from tests.federation.submitting import submit

CLOSED = [Visibility.FOLLOWERS, Visibility.DIRECT, Visibility.SECTION]


@pytest.fixture
async def ours(member: Actor) -> Post:
    """A public post of a member here."""
    return await factories.post(member)


# Like


async def test_a_like_is_recorded_and_counted(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    like = factories.activity("Like", remote_actor.uri, ours.uri)
    outcome = await submit(like, remote_actor, ctx)
    assert (await Like.get()).uri == like["id"]
    assert (await Post.get(id=ours.id)).likes_count == 1
    assert [type(fact) for fact in outcome.facts] == [Liked]


async def test_liked_twice_it_counts_once(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    for number in (1, 2):
        await submit(factories.activity("Like", remote_actor.uri, ours.uri, number), remote_actor, ctx)
    assert (await Post.get(id=ours.id)).likes_count == 1
    assert await Notification.filter(type="like").count() == 1


async def test_the_post_may_be_embedded_in_the_like(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    await submit(factories.activity("Like", remote_actor.uri, {"id": ours.uri, "type": "Note"}), remote_actor, ctx)
    assert (await Post.get(id=ours.id)).likes_count == 1


@pytest.mark.parametrize("visibility", CLOSED)
async def test_whoever_may_not_read_a_post_may_not_like_it(
    member: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility
) -> None:
    post = await factories.post(member, visibility=visibility)
    with pytest.raises(NotAuthorised, match="is not for"):
        await submit(factories.activity("Like", remote_actor.uri, post.uri), remote_actor, ctx)
    assert await Like.all().count() + await ActivityRecord.all().count() == 0


async def test_a_follower_may_like_what_is_for_followers(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(member, visibility=Visibility.FOLLOWERS)
    await factories.follow(remote_actor, member)
    await submit(factories.activity("Like", remote_actor.uri, post.uri), remote_actor, ctx)
    assert await Like.all().count() == 1


async def test_whoever_is_named_may_like_what_is_for_them(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(member, visibility=Visibility.DIRECT)
    await Mention.create(post=post, actor=remote_actor)
    await submit(factories.activity("Like", remote_actor.uri, post.uri), remote_actor, ctx)
    assert await Like.all().count() == 1


async def test_what_is_not_here_is_not_liked(remote_actor: Actor, ctx: Context) -> None:
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Like", remote_actor.uri, ctx.names.post(7)), remote_actor, ctx)
    note = {"id": ctx.names.post(7), "type": "Note"}
    with pytest.raises(NotAuthorised, match="no post this server has"):
        await submit(factories.activity("Like", remote_actor.uri, note, 2), remote_actor, ctx)


# Undo


@pytest.mark.parametrize("kind", ["Like", "Announce"])
@pytest.mark.parametrize("shape", ["by uri", "embedded", "embedded under another id", "embedded without an id"])
async def test_it_is_taken_back_in_any_shape(
    ours: Post, remote_actor: Actor, ctx: Context, kind: str, shape: str
) -> None:
    done = factories.activity(kind, remote_actor.uri, ours.uri)
    await submit(done, remote_actor, ctx)
    embedded = embed(parse(done))
    shapes: dict[str, Any] = {
        "by uri": done["id"],
        "embedded": embedded,
        "embedded under another id": embedded | {"id": f"{remote_actor.uri}/odd"},
        "embedded without an id": {name: value for name, value in embedded.items() if name != "id"},
    }
    for number in (1, 2):
        undo = factories.activity("Undo", remote_actor.uri, shapes[shape], number)
        if number == 1:
            await submit(undo, remote_actor, ctx)
            continue
        with pytest.raises(UnsupportedActivity):
            await submit(undo, remote_actor, ctx)
    post = await Post.get(id=ours.id)
    assert (post.likes_count, post.announces_count) == (0, 0)
    assert await Like.all().count() + await Announce.all().count() == 0


@pytest.mark.parametrize("kind", ["Like", "Announce"])
async def test_nobody_else_takes_it_back(
    ours: Post, remote_actor: Actor, stranger: Actor, ctx: Context, kind: str
) -> None:
    done = factories.activity(kind, remote_actor.uri, ours.uri)
    await submit(done, remote_actor, ctx)
    for number, object_ in enumerate((done["id"], embed(parse(done)))):
        with pytest.raises(NotAuthorised, match="is not by"):
            await submit(factories.activity("Undo", stranger.uri, object_, number), stranger, ctx)
    post = await Post.get(id=ours.id)
    assert post.likes_count + post.announces_count == 1


async def test_nobody_takes_back_in_anothers_name_under_a_name_of_their_own(
    ours: Post, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    await submit(factories.activity("Like", remote_actor.uri, ours.uri), remote_actor, ctx)
    lie = {"type": "Like", "id": f"{stranger.uri}/likes/1", "actor": remote_actor.uri, "object": ours.uri}
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Undo", stranger.uri, lie), stranger, ctx)
    assert await Like.all().count() == 1


@pytest.mark.parametrize("kind", ["Like", "Announce"])
async def test_what_was_not_done_is_not_taken_back(ours: Post, remote_actor: Actor, ctx: Context, kind: str) -> None:
    never = {"type": kind, "id": f"{remote_actor.uri}/1", "actor": remote_actor.uri, "object": ours.uri}
    with pytest.raises(UnsupportedActivity, match="is not here"):
        await submit(factories.activity("Undo", remote_actor.uri, never), remote_actor, ctx)


async def test_an_undo_that_calls_an_announce_a_like_undoes_neither(
    ours: Post, remote_actor: Actor, ctx: Context
) -> None:
    announce = factories.activity("Announce", remote_actor.uri, ours.uri)
    await submit(announce, remote_actor, ctx)
    lie = {"type": "Like", "id": announce["id"], "actor": remote_actor.uri}
    await submit(factories.activity("Undo", remote_actor.uri, lie), remote_actor, ctx)
    post = await Post.get(id=ours.id)
    assert (post.likes_count, post.announces_count) == (0, 1)


# Announce


async def test_an_announce_is_recorded_and_counted(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    announce = factories.activity("Announce", remote_actor.uri, ours.uri)
    outcome = await submit(announce, remote_actor, ctx)
    assert (await Announce.get()).uri == announce["id"]
    assert (await Post.get(id=ours.id)).announces_count == 1
    assert [type(fact) for fact in outcome.facts] == [Announced]


async def test_announced_twice_it_counts_once(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    for number in (1, 2):
        await submit(factories.activity("Announce", remote_actor.uri, ours.uri, number), remote_actor, ctx)
    assert (await Post.get(id=ours.id)).announces_count == 1


async def test_an_old_announce_sorts_where_it_belongs(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    when = ctx.now() - timedelta(days=3)
    announce = factories.activity("Announce", remote_actor.uri, ours.uri, published=when.isoformat())
    await submit(announce, remote_actor, ctx)
    row = await Announce.get()
    assert (row.published_at, unix_ms_of(row.id)) == (when, int(when.timestamp() * 1000))


async def test_no_announce_comes_from_the_future(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    announce = factories.activity("Announce", remote_actor.uri, ours.uri, published="2999-01-01T00:00:00Z")
    await submit(announce, remote_actor, ctx)
    assert (await Announce.get()).published_at == ctx.now()


@pytest.mark.parametrize("visibility", CLOSED)
async def test_a_post_that_is_not_open_is_announced_by_nobody(
    member: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility
) -> None:
    post = await factories.post(member, visibility=visibility)
    await Mention.create(post=post, actor=remote_actor)
    await factories.follow(remote_actor, member)
    with pytest.raises(NotAuthorised, match="may not be shown"):
        await submit(factories.activity("Announce", remote_actor.uri, post.uri), remote_actor, ctx)
    assert await Announce.all().count() == 0


async def test_taken_back_it_leaves_the_timelines_it_came_to(
    ours: Post, member: Actor, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(other_member, remote_actor)
    announce = factories.activity("Announce", remote_actor.uri, ours.uri)
    await submit(announce, remote_actor, ctx)
    assert [row.owner_id for row in await HomeRow.all()] == [other_member.id]

    outcome = await submit(factories.activity("Undo", remote_actor.uri, announce["id"]), remote_actor, ctx)

    assert await HomeRow.all().count() == 0
    assert [type(fact) for fact in outcome.facts] == [AnnounceEnded]


async def test_announced_taken_back_and_announced_again_in_one_batch_it_is_there(
    ours: Post, other_member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    await factories.follow(other_member, remote_actor)
    first, second = (factories.activity("Announce", remote_actor.uri, ours.uri, number) for number in (1, 2))
    undo = factories.activity("Undo", remote_actor.uri, embed(parse(first)))
    batch = [pipeline.Submission(parse(item), remote_actor.uri) for item in (first, undo, second)]

    assert [outcome.error for outcome in await pipeline.submit_many(batch, ctx)] == [None, None, None]

    announce = await Announce.get()
    assert announce.uri == second["id"]
    assert [row.item_id for row in await HomeRow.all()] == [announce.id]
    assert (await Post.get(id=ours.id)).announces_count == 1
