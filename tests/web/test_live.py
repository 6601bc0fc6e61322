"""What is new, told to open pages by the cookie of their session: who hears what, and who may not listen."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from httpx2 import AsyncClient

from models.actor import Actor
from models.lists import Listed, ReadingList
from models.member import Member
from models.post import Post
from models.session import Session
from server.posts import actions
from server.posts.actions import Draft
from server.sessions.actions import open_session
from server.streaming.connections import Connection
from tests import factories
from tests.server.mastodon.live import SECONDS, Live, live

__all__ = ["live"]

Listen = Callable[..., AbstractAsyncContextManager[AsyncIterator[str]]]


@pytest.fixture
async def client(live: Live) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(base_url=f"http://{live.netloc}", timeout=SECONDS) as client:
        yield client


async def cookie(live: Live, actor: Actor) -> dict[str, str]:
    token = await open_session(await Member.get(actor_id=actor.id), live.ctx)
    return {"Cookie": f"__Host-coopole_session={token}"}


@pytest.fixture
def listen(live: Live, client: AsyncClient) -> Listen:
    @asynccontextmanager
    async def opened(actor: Actor, stream: str, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
        address = f"/home/live?stream={stream}"
        async with client.stream("GET", address, headers=await cookie(live, actor) | headers) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "private, no-store"
            lines = answer.aiter_lines()
            assert await anext(lines) == ":)"
            yield lines

    return opened


async def heard(lines: AsyncIterator[str]) -> tuple[str, str]:
    async with asyncio.timeout(SECONDS):
        async for line in lines:
            if line.startswith("event: "):
                return line.removeprefix("event: "), (await anext(lines)).removeprefix("data: ")
    raise AssertionError("the stream has ended")


async def test_home_hears_that_something_came_or_went_and_how_much_is_unread(
    live: Live, listen: Listen, member: Actor, other_member: Actor
):
    await factories.follow(member, other_member)
    async with listen(member, "home", **{"Sec-Fetch-Site": "same-origin"}) as lines:
        post = await actions.publish(other_member, Draft("Entre nous"), live.ctx)
        assert await heard(lines) == ("new", str(post.id))
        await actions.delete(other_member, await Post.get(id=post.id), live.ctx)
        assert await heard(lines) == ("gone", str(post.id))
        mine = await actions.publish(member, Draft("Moi"), live.ctx)
        assert await heard(lines) == ("new", str(mine.id))
        await actions.like(other_member, await Post.get(id=mine.id), live.ctx)
        assert await heard(lines) == ("unread", "1")
    async with asyncio.timeout(SECONDS):
        while len(live.hub.connections):
            await asyncio.sleep(0.01)


async def test_local_and_lists_hear_what_is_theirs(live: Live, listen: Listen, member: Actor, other_member: Actor):
    row = await ReadingList.create(owner=member, title="Voisins")
    await Listed.create(list=row, actor=other_member)
    await factories.follow(member, other_member)
    async with listen(member, "local") as local, listen(member, f"list&list={row.id}") as listed:
        mine = await actions.publish(member, Draft("Moi"), live.ctx)
        theirs = await actions.publish(other_member, Draft("Ali"), live.ctx)
        assert [await heard(local), await heard(local)] == [("new", str(mine.id)), ("new", str(theirs.id))]
        assert await heard(listed) == ("new", str(theirs.id))


async def test_a_page_without_a_timeline_hears_of_notifications_alone(
    live: Live, listen: Listen, member: Actor, other_member: Actor
):
    post = await actions.publish(member, Draft("Moi"), live.ctx)
    async with listen(member, "notifications") as lines:
        await actions.publish(member, Draft("Encore"), live.ctx)
        await actions.announce(other_member, await Post.get(id=post.id), live.ctx)
        assert await heard(lines) == ("unread", "1")


async def test_a_session_that_ends_hears_no_more(live: Live, listen: Listen, member: Actor, other_member: Actor):
    async with listen(member, "home") as lines, listen(other_member, "home") as others:
        await Session.filter(member__actor_id=member.id).delete()
        post = await actions.publish(member, Draft("Moi"), live.ctx)
        await factories.follow(other_member, member)
        again = await actions.publish(member, Draft("Encore"), live.ctx)
        assert await heard(others) == ("new", str(again.id))
        rest = [line async for line in lines]
        assert not any(str(post.id) in line for line in rest)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
async def test_other_sites_cannot_listen(live: Live, client: AsyncClient, member: Actor, headers, status):
    sent = await cookie(live, member) | headers

    assert (await client.get("/home/live?stream=home", headers=sent)).status_code == status
    assert not len(live.hub.connections)


async def test_who_is_not_logged_in_and_what_is_not_there_is_refused(
    live: Live, client: AsyncClient, member: Actor, other_member: Actor
):
    row = await ReadingList.create(owner=other_member, title="À Ali")
    own = await cookie(live, member)
    token = await live.token(member)

    assert (await client.get("/home/live?stream=home")).status_code == 401
    bearer = {"Authorization": f"Bearer {token}"}
    assert (await client.get("/home/live?stream=home", headers=bearer)).status_code == 401
    for stream, status in (
        ("", 422),
        ("direct", 422),
        ("list", 422),
        (f"list&list={row.id}", 404),
        ("list&list=x", 422),
    ):
        assert (await client.get(f"/home/live?stream={stream}", headers=own)).status_code == status
    assert not len(live.hub.connections)


async def test_one_session_has_so_many_streams_and_no_more(live: Live, client: AsyncClient, member: Actor):
    own = await cookie(live, member)
    session = await Session.get(member__actor_id=member.id)
    for _ in range(400):
        live.hub.add(Connection(member, None, ("read",), "192.0.2.1", session_id=session.id))

    assert (await client.get("/home/live?stream=home", headers=own)).status_code == 429
