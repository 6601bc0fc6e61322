"""Members put posts of their own in front of the others."""

import pytest

from federation.context import Context
from models.actor import Actor
from models.featured import FeaturedPost
from models.post import Post, Visibility
from server.errors import Forbidden, Invalid
from server.posts import featured
from server.posts.featured import MAX_FEATURED
from tests import factories
from tests.federation.sending import sent_by


@pytest.fixture
async def ours(member: Actor) -> Post:
    """A public post of a member here."""
    return await factories.post(member)


async def test_the_followers_are_told_and_only_they(
    member: Actor, remote_actor: Actor, ours: Post, ctx: Context
) -> None:
    await factories.follow(remote_actor, member)
    for _ in range(2):
        await featured.pin(member, ours, ctx)
    for _ in range(2):
        await featured.unpin(member, ours, ctx)
    sent = await sent_by(member)
    assert [item["type"] for item in sent] == ["Add", "Remove"]
    for item in sent:
        assert (item["object"], item["target"], item["to"]) == (ours.uri, member.featured_uri, [member.followers_uri])
    assert not await FeaturedPost.exists()


async def test_there_is_room_for_five(member: Actor, ctx: Context) -> None:
    posts = [await factories.post(member, str(number)) for number in range(MAX_FEATURED + 1)]
    for post in posts[:-1]:
        await featured.pin(member, post, ctx)
    with pytest.raises(Invalid, match="No more than 5"):
        await featured.pin(member, posts[-1], ctx)
    await featured.unpin(member, posts[0], ctx)
    await featured.pin(member, posts[-1], ctx)
    shown = await featured.by_actor(member, None)
    assert [view.post.id for view in shown] == [post.id for post in reversed(posts[1:])]


async def test_nobody_pins_anothers_post(member: Actor, other_member: Actor, ours: Post, ctx: Context) -> None:
    for change in (featured.pin, featured.unpin):
        with pytest.raises(Forbidden):
            await change(other_member, ours, ctx)


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_only_what_everybody_may_read_is_pinned(member: Actor, ctx: Context, visibility: Visibility) -> None:
    with pytest.raises(Invalid):
        await featured.pin(member, await factories.post(member, visibility=visibility), ctx)
