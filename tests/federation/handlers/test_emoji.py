"""Answering a post with an emoji: EmojiReact, a Like that bears one, and taking either back."""

from typing import Any

import pytest

from federation.activities import embed, parse
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import Reacted
from federation.handlers.emoji import MAX_PER_ACTOR
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post, Visibility
from models.reaction import EmojiReaction, Like
from server.posts.reactions import totals
from tests import factories
from tests.federation.submitting import submit


@pytest.fixture
async def ours(member: Actor) -> Post:
    """A public post of a member here."""
    return await factories.post(member)


def react(actor: Actor, post: Post, content: str = "🎉", number: int = 1, **more: Any) -> dict[str, Any]:
    """An EmojiReact of another server."""
    return factories.activity("EmojiReact", actor.uri, post.uri, number, content=content, **more)


async def test_an_emoji_is_recorded_and_the_author_told(
    ours: Post, member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    outcome = await submit(react(remote_actor, ours), remote_actor, ctx)
    row = await EmojiReaction.get()
    assert (row.emoji, row.emoji_url, row.actor_id, row.post_id) == ("🎉", None, remote_actor.id, ours.id)
    assert [type(fact) for fact in outcome.facts] == [Reacted]
    told = await Notification.get()
    assert (told.recipient_id, told.type) == (member.id, NotificationType.EMOJI_REACTION)
    assert (await Post.get(id=ours.id)).likes_count == 0


async def test_the_same_emoji_counts_once_and_another_counts_too(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    for number, content in enumerate(("☕", "☕️", "🎉")):
        await submit(react(remote_actor, ours, content, number), remote_actor, ctx)
    assert [(item.emoji, item.total) for item in (await totals([ours.id], None))[ours.id]] == [("☕", 1), ("🎉", 1)]


@pytest.mark.parametrize("content", ["~", "bravo", ":rose:", ""])
async def test_what_is_no_emoji_is_refused(ours: Post, remote_actor: Actor, ctx: Context, content: str) -> None:
    with pytest.raises(MalformedActivity, match="no emoji"):
        await submit(react(remote_actor, ours, content), remote_actor, ctx)
    assert not await EmojiReaction.exists()


async def test_whoever_may_not_read_a_post_may_not_answer_it(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(member, visibility=Visibility.DIRECT)
    with pytest.raises(NotAuthorised, match="is not for"):
        await submit(react(remote_actor, post), remote_actor, ctx)


async def test_nobody_answers_one_post_without_end(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    for number in range(MAX_PER_ACTOR):
        await submit(react(remote_actor, ours, chr(0x1F600 + number), number), remote_actor, ctx)
    with pytest.raises(NotAuthorised, match="already"):
        await submit(react(remote_actor, ours, "🎉", 99), remote_actor, ctx)
    await submit(factories.activity("Like", remote_actor.uri, ours.uri, content="❤"), remote_actor, ctx)
    assert await Like.all().count() == 1


async def test_a_like_with_an_emoji_is_that_emoji(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    await submit(factories.activity("Like", remote_actor.uri, ours.uri, content="🍮"), remote_actor, ctx)
    assert (await EmojiReaction.get()).emoji == "🍮"
    assert not await Like.exists()


@pytest.mark.parametrize("content", ["❤", "❤️", "👍", "pudding", "", None])
async def test_a_like_with_a_heart_a_thumb_or_nothing_that_can_be_shown_is_a_like(
    ours: Post, remote_actor: Actor, ctx: Context, content: str | None
) -> None:
    await submit(factories.activity("Like", remote_actor.uri, ours.uri, _misskey_reaction=content), remote_actor, ctx)
    assert (await Post.get(id=ours.id)).likes_count == 1
    assert not await EmojiReaction.exists()


@pytest.mark.parametrize("kind", ["EmojiReact", "Like"])
@pytest.mark.parametrize("shape", ["by uri", "embedded", "embedded under another id"])
async def test_it_is_taken_back_in_any_shape(
    ours: Post, remote_actor: Actor, ctx: Context, kind: str, shape: str
) -> None:
    done = factories.activity(kind, remote_actor.uri, ours.uri, content="🎉")
    await submit(done, remote_actor, ctx)
    embedded = embed(parse(done))
    shapes = {"by uri": done["id"], "embedded": embedded}
    undo = shapes.get(shape, embedded | {"id": f"{remote_actor.uri}/odd"})
    await submit(factories.activity("Undo", remote_actor.uri, undo), remote_actor, ctx)
    assert not await EmojiReaction.exists()
    with pytest.raises(UnsupportedActivity):
        await submit(factories.activity("Undo", remote_actor.uri, undo, 2), remote_actor, ctx)


async def test_taking_back_a_like_leaves_the_emoji(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    like = factories.activity("Like", remote_actor.uri, ours.uri)
    await submit(like, remote_actor, ctx)
    await submit(react(remote_actor, ours, "❤"), remote_actor, ctx)
    await submit(factories.activity("Undo", remote_actor.uri, like), remote_actor, ctx)
    assert (await EmojiReaction.get()).emoji == "❤️"
    assert not await Like.exists()


@pytest.mark.parametrize("kind", ["EmojiReact", "Like"])
async def test_nobody_else_takes_it_back(
    ours: Post, remote_actor: Actor, stranger: Actor, ctx: Context, kind: str
) -> None:
    done = factories.activity(kind, remote_actor.uri, ours.uri, content="🎉")
    await submit(done, remote_actor, ctx)
    for number, named in enumerate((done["id"], embed(parse(done)))):
        with pytest.raises(NotAuthorised, match="is not by"):
            await submit(factories.activity("Undo", stranger.uri, named, number), stranger, ctx)
    assert await EmojiReaction.all().count() == 1


async def test_it_goes_with_its_actor(ours: Post, remote_actor: Actor, ctx: Context) -> None:
    await submit(react(remote_actor, ours), remote_actor, ctx)
    await submit(factories.activity("Delete", remote_actor.uri, remote_actor.uri), remote_actor, ctx)
    assert not await EmojiReaction.exists()
