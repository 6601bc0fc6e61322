"""The network in the API: a timeline of its own, and the list by which plain apps show it."""

import asyncio
import json

import pytest
from httpx2 import AsyncClient
from websockets.exceptions import InvalidStatus

from federation.context import Context
from models.actor import Actor
from models.member import Member
from server.posts.actions import Draft, publish
from server.streaming.connections import StreamName
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.live import SECONDS, Live, heard
from tests.server.mastodon.shapes import ACCOUNT, OWN_STATUS, STATUS, Many, assert_shape
from tests.world import World

NETWORK = {"id": "1", "title": "Réseau", "replies_policy": "none", "exclusive": False}


@pytest.fixture
async def bound(section: Actor, ctx: Context, world: World) -> Actor:
    actor = await factories.remote_actor(ctx, world, "https://brest.test/actors/1", kind="Group")
    await factories.follow(section, actor)
    return actor


async def test_the_timeline_is_open_and_paged_by_link(
    public: AsyncClient, zoe: AsyncClient, section: Actor, bound: Actor
) -> None:
    posts = [await factories.post(author, "Bonjour") for author in (section, bound, bound)]
    seen, target = [], "/api/v1/timelines/network?limit=2"
    for _ in range(2):
        answer = await public.get(target)
        assert_shape(answer.json(), Many(STATUS))
        seen += [row["id"] for row in answer.json()]
        target = answer.links["next"]["url"] if "next" in answer.links else ""
    assert seen == [str(post.id) for post in reversed(posts)]
    assert target == ""

    await zoe.post(f"/api/v1/statuses/{posts[2].id}/favourite")
    found = (await zoe.get("/api/v1/timelines/network", params={"min_id": posts[1].id})).json()
    assert_shape(found, Many(OWN_STATUS))
    assert [(row["id"], row["favourited"]) for row in found] == [(str(posts[2].id), True)]


async def test_a_token_for_other_things_does_not_read_it(log_in: LogIn, member: Actor) -> None:
    writer = await log_in(member, "write")
    assert (await writer.get("/api/v1/timelines/network")).status_code == 403


async def test_plain_apps_show_it_as_a_list(zoe: AsyncClient, member: Actor, section: Actor, bound: Actor) -> None:
    own = (await zoe.post("/api/v1/lists", json={"title": "Amis"})).json()
    post = await factories.post(bound)

    assert (await zoe.get("/api/v1/lists")).json() == [NETWORK, own]
    assert (await zoe.get("/api/v1/lists/1")).json() == NETWORK
    assert [row["id"] for row in (await zoe.get("/api/v1/timelines/list/1")).json()] == [str(post.id)]
    people = await zoe.get("/api/v1/lists/1/accounts?limit=1")
    assert_shape(people.json(), Many(ACCOUNT))
    more = await zoe.get(people.links["next"]["url"])
    assert [row["acct"] for row in people.json() + more.json()] == [bound.handle, "lille"]
    assert len((await zoe.get("/api/v1/lists/1/accounts?limit=0")).json()) == 2
    await Member.filter(actor_id=member.id).update(language="en")
    assert (await zoe.get("/api/v1/lists/1")).json()["title"] == "Network"


async def test_nobody_changes_that_list(zoe: AsyncClient, public: AsyncClient, bound: Actor) -> None:
    for method, path in (
        ("PUT", "/api/v1/lists/1"), ("PATCH", "/api/v1/lists/1"), ("DELETE", "/api/v1/lists/1"),
        ("POST", "/api/v1/lists/1/accounts"), ("DELETE", "/api/v1/lists/1/accounts"),
    ):  # fmt: skip
        refused = await zoe.request(method, path, json={"title": "x", "account_ids": [str(bound.id)]})
        assert (refused.status_code, list(refused.json())) == (403, ["error"])
        assert (await public.request(method, path)).status_code == 401
    assert (await zoe.get("/api/v1/lists")).json() == [NETWORK]
    assert (await zoe.get(f"/api/v1/accounts/{bound.id}/lists")).json() == []


async def test_a_stream_of_that_list_is_let_open_and_breaks_nothing(live: Live, member: Actor) -> None:
    client = await live.listen(member, "list&list=1")
    await client.send(json.dumps({"type": "subscribe", "stream": "user"}))
    async with asyncio.timeout(SECONDS):
        while not any(one.listens(StreamName.USER) for one in live.hub.connections):
            await asyncio.sleep(0.01)

    post = await publish(member, Draft("Bonjour"), live.ctx)

    stream, event, told = await heard(client)
    assert (stream, event, told["id"]) == (["user"], "update", str(post.id))


async def test_the_stream_of_a_list_that_is_not_there_is_refused_as_before(live: Live, member: Actor) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await live.listen(member, "list&list=2")
    assert refused.value.response.status_code == 404
