"""Clients answer statuses with emojis, and see how many did: never who."""

from urllib.parse import quote

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from server.posts import reactions
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import OWN_STATUS, assert_shape


@pytest.fixture
async def theirs(other_member: Actor) -> Post:
    """A public post of Ali."""
    return await factories.post(other_member)


def path(post: Post, emoji: str = "") -> str:
    """The endpoint of a post's emojis, or of one of them."""
    return f"/api/v1/pleroma/statuses/{post.id}/reactions" + (f"/{quote(emoji)}" if emoji else "")


async def test_an_emoji_is_given_and_taken_back(zoe: AsyncClient, theirs: Post):
    for _ in range(2):
        found = (await zoe.put(path(theirs, "☕"))).json()
        assert_shape(found, OWN_STATUS)
        [total] = found["emoji_reactions"]
        assert (total["name"], total["count"], total["me"]) == ("☕", 1, True)
        assert found["pleroma"]["emoji_reactions"] == found["emoji_reactions"]
        assert (found["favourited"], found["favourites_count"]) == (False, 0)
    for _ in range(2):
        assert (await zoe.delete(path(theirs, "☕"))).json()["emoji_reactions"] == []


async def test_totals_name_nobody(public: AsyncClient, ali: AsyncClient, member: Actor, theirs: Post, ctx: Context):
    for text in ("☕", "🎉"):
        await reactions.react(member, theirs, text, ctx)

    for client in (public, ali):
        answer = await client.get(path(theirs))
        assert [(row["name"], row["count"], row["me"]) for row in answer.json()] == [("☕", 1, False), ("🎉", 1, False)]
        assert all(row["accounts"] == row["account_ids"] == [] for row in answer.json())
        assert member.username not in answer.text
        assert str(member.id) not in answer.text


async def test_one_emoji_can_be_asked_for(public: AsyncClient, member: Actor, theirs: Post, ctx: Context):
    await reactions.react(member, theirs, "☕", ctx)
    assert [row["name"] for row in (await public.get(path(theirs, "☕"))).json()] == ["☕"]
    assert (await public.get(path(theirs, "🎉"))).json() == []


async def test_what_is_no_emoji_is_refused(zoe: AsyncClient, theirs: Post):
    for method in ("PUT", "DELETE", "GET"):
        assert (await zoe.request(method, path(theirs, "bravo"))).status_code == 422


async def test_what_is_not_for_the_reader_is_not_there(zoe: AsyncClient, public: AsyncClient, other_member: Actor):
    post = await factories.post(other_member, visibility=Visibility.DIRECT)
    assert (await zoe.put(path(post, "☕"))).status_code == 404
    assert (await public.get(path(post))).status_code == 404


async def test_a_token_is_needed_and_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor, theirs: Post):
    reader = await log_in(member, "read")
    for method in ("PUT", "DELETE"):
        assert (await public.request(method, path(theirs, "☕"))).status_code == 401
        assert (await reader.request(method, path(theirs, "☕"))).status_code == 403
