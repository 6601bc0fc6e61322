"""Members answer posts with emojis: the author alone is told, and everybody else sees how many."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.delivery import Delivery
from models.post import Post, Visibility
from models.reaction import EmojiReaction
from server.errors import Forbidden, Invalid
from server.posts import queries, reactions
from server.posts.reactions import EmojiTotal
from tests import factories
from tests.federation.sending import sent_by
from tests.federation.submitting import submit

ROSE = {"type": "Emoji", "name": ":rose:", "icon": {"type": "Image", "url": "https://far.test/rose.png"}}


@pytest.fixture
async def theirs(remote_actor: Actor) -> Post:
    """A public post of another server."""
    return await factories.post(remote_actor)


async def test_an_emoji_goes_to_the_author_and_to_nobody_else(
    member: Actor, remote_actor: Actor, stranger: Actor, theirs: Post, ctx: Context
) -> None:
    await factories.follow(stranger, member)
    for _ in range(2):
        await reactions.react(member, theirs, "🎉", ctx)
    [sent] = await sent_by(member)
    assert (sent["type"], sent["content"], sent["to"], sent.get("cc")) == (
        "EmojiReact",
        "🎉",
        [remote_actor.uri],
        None,
    )
    assert [row.inbox_uri for row in await Delivery.all()] == [remote_actor.delivery_uri]
    assert await EmojiReaction.all().count() == 1


async def test_it_is_taken_back_once(member: Actor, remote_actor: Actor, theirs: Post, ctx: Context) -> None:
    await reactions.react(member, theirs, "☕", ctx)
    for _ in range(2):
        await reactions.unreact(member, theirs, "☕️", ctx)
    given, undo = await sent_by(member)
    assert (undo["type"], undo["object"]["id"], undo["to"]) == ("Undo", given["id"], [remote_actor.uri])
    assert not await EmojiReaction.exists()


@pytest.mark.parametrize("text", ["bravo", "", ":rose:", "🎉🎉"])
async def test_what_is_no_emoji_is_not_given(member: Actor, theirs: Post, ctx: Context, text: str) -> None:
    for change in (reactions.react, reactions.unreact):
        with pytest.raises(Invalid):
            await change(member, theirs, text, ctx)


async def test_an_emoji_of_another_server_can_be_given_where_it_is_already(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    post = await factories.post(member)
    react = factories.activity("EmojiReact", remote_actor.uri, post.uri, content=":rose:", tag=[ROSE])
    await submit(react, remote_actor, ctx)
    await reactions.react(member, post, "rose", ctx)
    [total] = (await reactions.totals([post.id], member))[post.id]
    assert total == EmojiTotal(":rose:", "https://far.test/rose.png", 2, is_mine=True)


async def test_too_many_are_refused_in_words(member: Actor, theirs: Post, ctx: Context) -> None:
    for number in range(10):
        await reactions.react(member, theirs, chr(0x1F600 + number), ctx)
    with pytest.raises(Forbidden):
        await reactions.react(member, theirs, "🎉", ctx)


async def test_what_is_not_for_them_is_not_answered(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    post = await factories.post(remote_actor, visibility=Visibility.DIRECT)
    with pytest.raises(Forbidden):
        await reactions.react(member, post, "🎉", ctx)


async def test_totals_say_how_many_and_which_is_ones_own(
    member: Actor, other_member: Actor, theirs: Post, ctx: Context
) -> None:
    other = await factories.post(member)
    for actor, text in ((member, "🎉"), (other_member, "🎉"), (other_member, "☕")):
        await reactions.react(actor, theirs, text, ctx)
    found = await reactions.totals([theirs.id, other.id], member)
    assert found == {theirs.id: [EmojiTotal("🎉", None, 2, is_mine=True), EmojiTotal("☕", None, 1, is_mine=False)]}
    [view] = await queries.views([await Post.get(id=theirs.id).select_related("actor")], None)
    assert [(item.total, item.is_mine) for item in view.emojis] == [(2, False), (1, False)]
    assert await reactions.totals([], member) == {}
