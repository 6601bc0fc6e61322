"""What arrives and what is looked at has the rest of its conversation fetched, later."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient

from federation.context import Context, Work
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.post import Post, Visibility
from server.posts import actions as posts
from server.posts.actions import Draft
from server.threads.actions import LOOKED, look_further
from server.threads.reactions import REPLIES_AFTER
from tests import factories
from tests.federation.submitting import submit
from tests.server.api import app, log_in, public, zoe
from tests.world import World

__all__ = ["app", "log_in", "public", "zoe"]

ABOVE = "https://elsewhere.test/notes/1"


@pytest.fixture
async def author(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


async def asked() -> set[tuple[ErrandType, str]]:
    """What is to be fetched."""
    return {(row.type, row.uri) for row in await Errand.all()}


async def test_what_a_post_answers_is_asked_for_without_fetching_anything(
    author: Actor, ctx: Context, world: World
) -> None:
    await submit(factories.create(author.uri, 1, inReplyTo=ABOVE), author, ctx)
    assert await asked() == {(ErrandType.ANCESTORS, ABOVE)}
    assert world.fetched == []


async def test_what_an_announced_post_answers_is_asked_for(
    author: Actor, stranger: Actor, ctx: Context, world: World
) -> None:
    note = factories.note(stranger.uri, 1, inReplyTo=ABOVE)
    world.serve(note)
    await submit(factories.activity("Announce", author.uri, note["id"]), author, ctx)
    assert await asked() == {(ErrandType.ANCESTORS, ABOVE)}


async def test_nothing_is_asked_for_where_all_is_here(author: Actor, ctx: Context) -> None:
    await submit(factories.create(author.uri, 1), author, ctx)
    await submit(factories.create(author.uri, 2, inReplyTo=f"{author.uri}/notes/1"), author, ctx)
    assert await asked() == set()


async def test_a_post_that_arrives_after_its_answers_is_linked_and_counts_them(author: Actor, ctx: Context) -> None:
    above = f"{author.uri}/notes/0"
    for number in (1, 2):
        await submit(factories.create(author.uri, number, inReplyTo=above), author, ctx)
    await submit(factories.create(author.uri, 0), author, ctx)
    post = await Post.get(uri=above)
    assert post.replies_count == 2
    assert await Post.filter(in_reply_to_id=post.id).count() == 2


async def test_answers_to_what_answers_us_are_asked_for_a_little_later(
    author: Actor, member: Actor, ctx: Context
) -> None:
    ours = await posts.publish(member, Draft("Bonjour"), ctx)
    published = ctx.now() - timedelta(minutes=1)
    await submit(factories.create(author.uri, 1, inReplyTo=ours.uri, published=published.isoformat()), author, ctx)
    [errand] = await Errand.all()
    assert (errand.type, errand.uri) == (ErrandType.REPLIES, f"{author.uri}/notes/1")
    assert errand.due_at == published + REPLIES_AFTER


async def test_a_private_answer_is_not_asked_about(author: Actor, member: Actor, ctx: Context) -> None:
    ours = await posts.publish(member, Draft("Bonjour"), ctx)
    await submit(factories.create(author.uri, 1, inReplyTo=ours.uri, to=[member.uri], cc=[]), author, ctx)
    assert await asked() == set()


class TestLooking:
    async def test_a_look_at_another_servers_post_has_its_conversation_fetched(
        self, author: Actor, ctx: Context, world: World
    ) -> None:
        top = await factories.post(author, in_reply_to_uri=ABOVE)
        post = await factories.post(author, in_reply_to_uri=top.uri, in_reply_to=top)
        await look_further(post, top, ctx)
        assert await asked() == {(ErrandType.REPLIES, post.uri), (ErrandType.ANCESTORS, ABOVE)}
        assert world.woken == [Work.ERRANDS]

    async def test_a_second_look_changes_nothing_for_a_while(self, author: Actor, ctx: Context, world: World) -> None:
        post = await factories.post(author)
        for _ in range(2):
            await look_further(post, post, ctx)
        assert world.woken == [Work.ERRANDS]
        assert LOOKED.get(post.id)

    @pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
    async def test_nobody_is_asked_about_what_is_not_for_everybody(
        self, author: Actor, ctx: Context, visibility: Visibility
    ) -> None:
        post = await factories.post(author, visibility=visibility)
        await look_further(post, post, ctx)
        assert await asked() == set()

    async def test_our_own_posts_are_all_here(self, member: Actor, ctx: Context) -> None:
        post = await factories.post(member)
        await look_further(post, post, ctx)
        assert await asked() == set()

    async def test_a_member_who_asks_for_a_conversation_looks_at_it_and_the_public_does_not(
        self, author: Actor, zoe: AsyncClient, public: AsyncClient
    ) -> None:
        post = await factories.post(author)
        for client, expected in ((public, set()), (zoe, {(ErrandType.REPLIES, post.uri)})):
            assert (await client.get(f"/api/v1/statuses/{post.id}/context")).status_code == 200
            assert await asked() == expected
