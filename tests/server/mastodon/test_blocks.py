"""Clients block and unblock; a member sees their own blocks and nobody else's."""

from httpx2 import AsyncClient

from models.actor import Actor
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, RELATIONSHIP, Many, assert_shape


async def test_blocking_and_taking_it_back(zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor):
    await factories.follow(member, other_member)
    for _ in range(2):
        found = (await zoe.post(f"/api/v1/accounts/{other_member.id}/block")).json()
        assert_shape(found, RELATIONSHIP)
        assert (found["blocking"], found["following"]) == (True, False)
    [seen] = (await ali.get("/api/v1/accounts/relationships", params={"id[]": str(member.id)})).json()
    assert (seen["blocking"], seen["blocked_by"]) == (False, False)

    listed = (await zoe.get("/api/v1/blocks")).json()
    assert_shape(listed, Many(ACCOUNT))
    assert [row["id"] for row in listed] == [str(other_member.id)]
    assert (await ali.get("/api/v1/blocks")).json() == []

    assert (await zoe.post(f"/api/v1/accounts/{other_member.id}/unblock")).json()["blocking"] is False
    assert (await zoe.get("/api/v1/blocks")).json() == []


async def test_the_blocked_one_finds_nothing_of_the_blocker(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor
):
    post = await factories.post(member)
    await zoe.post(f"/api/v1/accounts/{other_member.id}/block")
    assert (await ali.get(f"/api/v1/statuses/{post.id}")).status_code == 404
    assert (await ali.post(f"/api/v1/statuses/{post.id}/favourite")).status_code == 404
    assert (await ali.get(f"/api/v1/accounts/{member.id}/statuses")).json() == []
    assert (await ali.get("/api/v1/timelines/public")).json() == []
    assert (await public.get(f"/api/v1/statuses/{post.id}")).status_code == 200


async def test_the_blocked_one_cannot_follow(zoe: AsyncClient, ali: AsyncClient, member: Actor, other_member: Actor):
    await zoe.post(f"/api/v1/accounts/{other_member.id}/block")
    assert (await ali.post(f"/api/v1/accounts/{member.id}/follow")).status_code == 403


async def test_pages_lead_on(zoe: AsyncClient, other_member: Actor, remote_actor: Actor):
    for other in (other_member, remote_actor):
        await zoe.post(f"/api/v1/accounts/{other.id}/block")
    first = await zoe.get("/api/v1/blocks", params={"limit": 1})
    assert [row["id"] for row in first.json()] == [str(remote_actor.id)]
    following = await zoe.get(first.links["next"]["url"])
    assert [row["id"] for row in following.json()] == [str(other_member.id)]


async def test_nobody_blocks_themselves_or_nobody(zoe: AsyncClient, member: Actor):
    assert (await zoe.post(f"/api/v1/accounts/{member.id}/block")).status_code == 409
    assert (await zoe.post("/api/v1/accounts/1/block")).status_code == 404


async def test_a_token_is_needed_and_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor, section: Actor):
    reader = await log_in(member, "read:statuses")
    for method, path in (("GET", "/api/v1/blocks"), ("POST", f"/api/v1/accounts/{section.id}/block")):
        assert (await public.request(method, path)).status_code == 401
        assert (await reader.request(method, path)).status_code == 403
