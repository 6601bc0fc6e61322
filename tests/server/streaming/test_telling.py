"""Telling many: the database is asked as often for forty readers as for five, and nobody who is quick is closed."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from federation.context import Context
from models.actor import Actor
from models.filters import Filter, FilterKeyword
from models.lists import Listed, ReadingList
from models.member import Member
from models.oauth import AccessToken, token_hash
from models.post import Post, Visibility
from models.reaction import Announce
from models.timeline import HomeRow
from server.streaming.connections import Connection, EventKind, Stream, StreamName
from server.streaming.hub import Hub
from server.streaming.news import News
from tests import factories
from tests.web.test_queries import needs_sqlite, statements

ANY = [Stream(StreamName.USER), Stream(StreamName.PUBLIC), Stream(StreamName.DIRECT)]

Read = Callable[[int], Awaitable[Connection]]


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def read(hub: Hub, ctx: Context, other_member: Actor) -> Read:
    """Make readers of Ali who filter something, have a list, and listen to everything."""

    async def make(number: int) -> Connection:
        actor = await factories.member(ctx, f"reader{number}", "Reader")
        await factories.follow(actor, other_member)
        row = await Filter.create(owner=actor, title="x", contexts=["home"])
        await FilterKeyword.create(part_of=row, keyword="foot")
        reading_list = await ReadingList.create(owner=actor, title="x")
        await Listed.create(list=reading_list, actor=other_member)
        login = await Member.get(actor_id=actor.id)
        token = await AccessToken.create(hash=token_hash(str(number)), member=login, scopes="read")
        connection = Connection(actor, token.id, ("read",), f"192.0.2.{number}")
        connection.streams = {*ANY, Stream(StreamName.LIST, list_id=reading_list.id)}
        hub.add(connection)
        return connection

    return make


async def said(author: Actor, visibility: Visibility, *, is_fresh: bool) -> News:
    """Write a post with its rows; the news of it, or that it was edited."""
    post = await factories.post(author, "Du foot", visibility)
    await HomeRow.bring_posts([post.id])
    return News(posts=(post.id,)) if is_fresh else News(edited=(post.id,))


async def boosted(by: Actor, author: Actor) -> News:
    """Write a boost with its rows; the news of it."""
    post = await factories.post(author)
    announce = await Announce.create(uri=f"{by.uri}/announces/{post.id}", actor=by, post=post)
    await HomeRow.bring_to_followers(announce.id, post.id, by.id, is_announce=True)
    return News(announces=((announce.id, post.id),))


async def times_asked(hub: Hub, news: News) -> int:
    with statements() as seen:
        await hub.tell(news)
    return len(seen)


@needs_sqlite
@pytest.mark.parametrize("what", ["post", "edit", "boost"])
async def test_forty_readers_cost_as_many_questions_as_five(
    what: str, hub: Hub, read: Read, other_member: Actor, member: Actor
):
    async def news() -> News:
        if what == "boost":
            return await boosted(other_member, member)
        return await said(other_member, Visibility.PUBLIC, is_fresh=what == "post")

    readers = [await read(number) for number in range(5)]
    few = await times_asked(hub, await news())
    readers += [await read(number) for number in range(5, 40)]
    many = await times_asked(hub, await news())

    assert many <= few
    assert few < 30
    assert {reader.waiting.qsize() for reader in readers[5:]} == {2 if what == "boost" else 3}


@needs_sqlite
async def test_what_is_for_followers_asks_once_more_for_each(hub: Hub, read: Read, other_member: Actor):
    await read(0)
    one = await times_asked(hub, await said(other_member, Visibility.FOLLOWERS, is_fresh=True))
    for number in range(1, 11):
        await read(number)
    eleven = await times_asked(hub, await said(other_member, Visibility.FOLLOWERS, is_fresh=True))

    assert eleven - one <= 2 * 10  # at home and in the list


async def test_more_posts_at_once_than_may_wait_close_nobody_who_takes_them(hub: Hub, read: Read, other_member: Actor):
    reader = await read(0)
    taken = []

    async def take() -> None:
        while (event := await reader.waiting.get()) is not None:
            taken.append(event)

    taking = asyncio.create_task(take())
    posts = [await factories.post(other_member, str(number)) for number in range(100)]
    await HomeRow.bring_posts([post.id for post in posts])

    await hub.tell(News(posts=tuple(post.id for post in posts)))
    await asyncio.sleep(0)
    taking.cancel()

    assert not reader.closing.is_set()
    at_home = [event for event in taken if event.stream.name is StreamName.USER and event.kind is EventKind.UPDATE]
    assert [event.item.post.id for event in at_home] == [post.id for post in posts]
    assert await Post.all().count() == 100
