"""Home and public timelines: what is in them, how they are paged, what they cost."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.post import Attachment, Mention, Post, PostTag, Visibility
from models.reaction import Announce, Like
from models.timeline import HomeRow
from server.posts.actions import Draft, publish
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import OWN_STATUS, STATUS, Many, assert_shape
from tests.world import ORIGIN


async def in_home(owner: Actor, post: Post) -> None:
    await HomeRow.create(owner=owner, post=post, item_id=post.id, actor_id=post.actor_id)


async def test_home_shows_own_posts_and_those_of_the_followed(zoe: AsyncClient, ali: AsyncClient, other_member: Actor):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/follow")
    mine = (await zoe.post("/api/v1/statuses", json={"status": "un"})).json()
    theirs = (await ali.post("/api/v1/statuses", json={"status": "deux"})).json()

    found = (await zoe.get("/api/v1/timelines/home")).json()

    assert_shape(found, Many(OWN_STATUS))
    assert [row["id"] for row in found] == [theirs["id"], mine["id"]]


async def test_home_shows_a_boost_as_a_status_around_another(
    zoe: AsyncClient, ali: AsyncClient, other_member: Actor, remote_actor: Actor
):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/follow")
    post = await factories.post(remote_actor)
    boost = (await ali.post(f"/api/v1/statuses/{post.id}/reblog")).json()

    found = (await zoe.get("/api/v1/timelines/home")).json()

    assert_shape(found, Many(OWN_STATUS))
    assert [(row["id"], row["reblog"]["id"]) for row in found] == [(boost["id"], str(post.id))]
    assert found[0]["account"]["acct"] == "ali"


async def test_home_needs_a_token_with_the_scope(public: AsyncClient, log_in: LogIn, member: Actor):
    writer = await log_in(member, "write")

    assert (await public.get("/api/v1/timelines/home")).status_code == 401
    assert (await writer.get("/api/v1/timelines/home")).status_code == 403


async def test_home_is_paged_by_link_down_to_its_end(zoe: AsyncClient, member: Actor):
    posts = [await factories.post(member, str(number)) for number in range(7)]
    for post in posts:
        await in_home(member, post)
    seen, target = [], "/api/v1/timelines/home?limit=3"

    for _ in range(10):
        answer = await zoe.get(target)
        seen += [row["id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        target = answer.links["next"]["url"]

    assert seen == [str(post.id) for post in reversed(posts)]


async def test_the_links_of_a_page_are_absolute_and_keep_the_other_parameters(zoe: AsyncClient, member: Actor):
    posts = [await factories.post(member) for _ in range(4)]
    for post in posts:
        await in_home(member, post)

    answer = await zoe.get("/api/v1/timelines/home/", params={"limit": 2, "max_id": posts[3].id, "local": "a&b"})

    start = f"{ORIGIN}/api/v1/timelines/home?limit=2&local=a%26b"
    assert answer.links["next"]["url"] == f"{start}&max_id={posts[1].id}"
    assert answer.links["prev"]["url"] == f"{start}&min_id={posts[2].id}"


async def test_the_last_page_leads_no_further(zoe: AsyncClient, member: Actor):
    for _ in range(3):
        await in_home(member, await factories.post(member))

    full, last = await zoe.get("/api/v1/timelines/home?limit=3"), await zoe.get("/api/v1/timelines/home?limit=4")

    assert set(full.links) == {"next", "prev"}
    assert set(last.links) == {"prev"}


async def test_min_id_gives_the_page_right_above_and_since_id_the_newest(zoe: AsyncClient, member: Actor):
    posts = [await factories.post(member) for _ in range(6)]
    for post in posts:
        await in_home(member, post)
    ids = [str(post.id) for post in posts]

    async def page(**parameters: object) -> list[str]:
        return [row["id"] for row in (await zoe.get("/api/v1/timelines/home", params=parameters)).json()]

    assert await page(min_id=ids[0], limit=2) == [ids[2], ids[1]]
    assert await page(since_id=ids[0], limit=2) == [ids[5], ids[4]]
    assert await page(since_id=ids[3], limit=5) == [ids[5], ids[4]]
    assert await page(max_id=ids[3], min_id=ids[0]) == [ids[2], ids[1]]
    assert await page(since_id=ids[5]) == []


async def test_a_page_has_40_rows_at_most_and_20_unless_asked(zoe: AsyncClient, member: Actor):
    for _ in range(45):
        await in_home(member, await factories.post(member))

    assert len((await zoe.get("/api/v1/timelines/home")).json()) == 20
    assert len((await zoe.get("/api/v1/timelines/home?limit=1000")).json()) == 40
    assert len((await zoe.get("/api/v1/timelines/home?limit=0")).json()) == 1


async def test_an_empty_timeline_has_no_links(zoe: AsyncClient):
    answer = await zoe.get("/api/v1/timelines/home")

    assert answer.json() == []
    assert "link" not in answer.headers


async def test_cursors_that_are_no_ids_are_refused(zoe: AsyncClient):
    for query in ("max_id=abc", "min_id=-1", f"since_id={2**70}", "limit=ten"):
        assert (await zoe.get(f"/api/v1/timelines/home?{query}")).status_code == 422, query


async def test_the_public_timeline_is_open_and_can_be_narrowed(public: AsyncClient, member: Actor, remote_actor: Actor):
    here, there = await factories.post(member), await factories.post(remote_actor)
    await factories.post(member, visibility=Visibility.UNLISTED)

    async def ids(query: str) -> list[str]:
        found = (await public.get(f"/api/v1/timelines/public{query}")).json()
        assert_shape(found, Many(STATUS))
        return [row["id"] for row in found]

    assert await ids("") == [str(there.id), str(here.id)]
    assert await ids("?local=true") == [str(here.id)]
    assert await ids("?remote=1") == [str(there.id)]
    assert await ids("?local=false&remote=false") == [str(there.id), str(here.id)]


async def test_the_public_timeline_shows_a_member_their_own_marks(zoe: AsyncClient, other_member: Actor):
    post = await factories.post(other_member)
    await zoe.post(f"/api/v1/statuses/{post.id}/favourite")

    assert (await zoe.get("/api/v1/timelines/public")).json()[0]["favourited"] is True


Counted = Callable[[], "contextmanager[list[str]]"]


@pytest.fixture
def counted(caplog: pytest.LogCaptureFixture) -> Counted:
    """Count the statements that the database is given inside a `with counted() as statements`."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        statements: list[str] = []
        with caplog.at_level(logging.DEBUG, logger="tortoise.db_client"):
            caplog.clear()
            yield statements
        said = [record.getMessage() for record in caplog.records if record.name == "tortoise.db_client"]
        # Whose token it is is asked anew after any write, on PostgreSQL after those of the tests beside this one, too.
        statements += [
            line for line in said if not any(word in line for word in ("oauth_token", "pg_current_snapshot"))
        ]
        caplog.clear()

    return count


async def rich_post(author: Actor, named: Actor, reader: Actor) -> Post:
    """A post that answers another, with a picture, a tag, a name, a like and a boost of the reader's."""
    parent = await factories.post(named)
    post = await factories.post(author, in_reply_to=parent, in_reply_to_uri=parent.uri)
    await Attachment.create(post=post, url="https://far.test/1.png", media_type="image/png")
    await PostTag.create(post=post, name="lille", shown="Lille")
    await Mention.create(post=post, actor=named)
    await Like.create(uri=f"{post.uri}#like", actor=reader, post=post)
    return post


@pytest.mark.parametrize("target", ["timelines/home", "accounts/{author}/statuses", "timelines/public"])
async def test_a_page_of_forty_costs_as_many_queries_as_a_page_of_two(
    zoe: AsyncClient, member: Actor, other_member: Actor, remote_actor: Actor, counted: Counted, target: str
):
    for number in range(20):
        post = await rich_post(remote_actor, other_member, member)
        await in_home(member, post)
        shown = await rich_post(other_member, remote_actor, member)
        announce = await Announce.create(uri=f"https://far.test/announces/{number}", actor=remote_actor, post=shown)
        await HomeRow.create(owner=member, post=shown, item_id=announce.id, actor=remote_actor, is_announce=True)
    await Post.all().update(in_reply_to_uri=None)
    path = "/api/v1/" + target.format(author=remote_actor.id)
    await zoe.get(path)

    costs = {}
    for limit in (2, 40):
        with counted() as statements:
            found = (await zoe.get(path, params={"limit": limit})).json()
        assert len(found) == limit
        costs[limit] = len(statements)

    assert costs[40] == costs[2]
    assert 0 < costs[40] <= 11


async def test_a_thread_costs_no_more_queries_for_more_replies(zoe: AsyncClient, member: Actor, counted: Counted):
    top = await factories.post(member)
    await zoe.get(f"/api/v1/statuses/{top.id}/context")
    costs = []
    for _ in range(2):
        for _ in range(15):
            await factories.post(member, in_reply_to=top, in_reply_to_uri=top.uri)
        with counted() as statements:
            await zoe.get(f"/api/v1/statuses/{top.id}/context")
        costs.append(len(statements))

    assert costs[0] == costs[1]


async def test_a_home_timeline_is_kept_for_its_reader_until_something_is_written(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, ctx: Context
):
    first = await publish(member, Draft("Bonjour"), ctx)
    assert [row["id"] for row in (await zoe.get("/api/v1/timelines/home")).json()] == [str(first.id)]
    again = await zoe.get("/api/v1/timelines/home")
    assert [row["id"] for row in again.json()] == [str(first.id)]
    assert (await ali.get("/api/v1/timelines/home")).json() == []

    second = await publish(member, Draft("Bonsoir"), ctx)
    assert [row["id"] for row in (await zoe.get("/api/v1/timelines/home")).json()] == [str(second.id), str(first.id)]
