"""Clients pin statuses, and show them first."""

from httpx2 import AsyncClient

from models.actor import Actor
from models.post import Visibility
from tests import factories
from tests.server.mastodon.shapes import OWN_STATUS, STATUS, Many, assert_shape


async def test_a_pinned_status_says_so_and_is_listed(zoe: AsyncClient, public: AsyncClient, member: Actor):
    post = await factories.post(member)
    await factories.post(member)

    for _ in range(2):
        found = (await zoe.post(f"/api/v1/statuses/{post.id}/pin")).json()
        assert_shape(found, OWN_STATUS)
        assert found["pinned"] is True

    listed = (await public.get(f"/api/v1/accounts/{member.id}/statuses", params={"pinned": "true"})).json()
    assert_shape(listed, Many(STATUS))
    assert [row["id"] for row in listed] == [str(post.id)]
    assert (await zoe.post(f"/api/v1/statuses/{post.id}/unpin")).json()["pinned"] is False
    assert (await public.get(f"/api/v1/accounts/{member.id}/statuses", params={"pinned": "true"})).json() == []


async def test_what_cannot_be_pinned_is_refused(
    zoe: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor
):
    others, hidden = await factories.post(other_member), await factories.post(member, visibility=Visibility.DIRECT)
    assert (await zoe.post(f"/api/v1/statuses/{others.id}/pin")).status_code == 403
    assert (await zoe.post(f"/api/v1/statuses/{hidden.id}/pin")).status_code == 422
    assert (await public.post(f"/api/v1/statuses/{hidden.id}/pin")).status_code == 401
    for _ in range(5):
        assert (await zoe.post(f"/api/v1/statuses/{(await factories.post(member)).id}/pin")).status_code == 200
    assert (await zoe.post(f"/api/v1/statuses/{(await factories.post(member)).id}/pin")).status_code == 422


async def test_clients_are_told_how_many(public: AsyncClient, section: Actor):
    instance = (await public.get("/api/v2/instance")).json()
    assert instance["configuration"]["accounts"]["max_pinned_statuses"] == 5
