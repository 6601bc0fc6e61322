"""Lists: made, changed, deleted, filled, read; each is its owner's alone."""

from typing import Any

import pytest
from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.lists import Listed, ReadingList
from models.post import Visibility
from server.follows.actions import follow, unfollow
from server.lists.actions import MAX_LISTS
from server.members.blocks import block
from server.members.leaving import delete
from server.posts.actions import Draft, announce, publish
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, OWN_STATUS, Many, assert_shape, id_, one_of

LIST = {"id": id_, "title": str, "replies_policy": one_of("followed", "list", "none"), "exclusive": bool}


@pytest.fixture
async def named(zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context) -> dict[str, Any]:
    """A list of Zoé's with Ali in it, whom she follows."""
    await follow(member, other_member, ctx)
    row: dict[str, Any] = (await zoe.post("/api/v1/lists", data={"title": "Amis"})).json()
    await zoe.post(f"/api/v1/lists/{row['id']}/accounts", data={"account_ids[]": str(other_member.id)})
    return row


async def own_lists(client: AsyncClient) -> list[dict[str, Any]]:
    """All lists but the one that stands for the network."""
    found: list[dict[str, Any]] = (await client.get("/api/v1/lists")).json()
    assert_shape(found, Many(LIST))
    return [row for row in found if row["id"] != "1"]


async def texts(client: AsyncClient, address: str) -> list[str]:
    found = (await client.get(address)).json()
    assert_shape(found, Many(OWN_STATUS))
    return [(row["reblog"] or row)["content"] for row in found]


async def test_a_list_is_made_changed_and_deleted(zoe: AsyncClient):
    made = (await zoe.post("/api/v1/lists", json={"title": "Amis"})).json()
    assert_shape(made, LIST)
    assert made == {"id": made["id"], "title": "Amis", "replies_policy": "list", "exclusive": False}
    address = f"/api/v1/lists/{made['id']}"

    changed = (await zoe.put(address, json={"replies_policy": "none", "exclusive": True})).json()
    assert (changed["title"], changed["replies_policy"], changed["exclusive"]) == ("Amis", "none", True)
    assert (await zoe.get(address)).json() == changed
    assert await own_lists(zoe) == [changed]

    assert (await zoe.delete(address)).json() == {}
    assert await own_lists(zoe) == []
    assert (await zoe.get(address)).status_code == 404


@pytest.mark.parametrize(
    "sent", [{}, {"title": ""}, {"title": " "}, {"title": "x" * 256}, {"title": "x", "replies_policy": "all"}]
)
async def test_a_list_needs_a_title_and_a_policy_that_there_is(zoe: AsyncClient, sent: dict[str, str]):
    assert (await zoe.post("/api/v1/lists", json=sent)).status_code == 422


async def test_there_are_only_so_many_lists(zoe: AsyncClient, member: Actor):
    for number in range(MAX_LISTS):
        await ReadingList.create(owner=member, title=str(number))
    assert (await zoe.post("/api/v1/lists", json={"title": "Encore"})).status_code == 422


async def test_a_list_is_its_owners_alone(ali: AsyncClient, named: dict[str, Any], member: Actor):
    address = f"/api/v1/lists/{named['id']}"
    for method, path in (
        ("GET", address), ("PUT", address), ("DELETE", address), ("GET", f"{address}/accounts"),
        ("POST", f"{address}/accounts"), ("DELETE", f"{address}/accounts"),
        ("GET", f"/api/v1/timelines/list/{named['id']}"),
    ):  # fmt: skip
        assert (await ali.request(method, path)).status_code == 404
    assert await own_lists(ali) == []
    assert (await ali.get(f"/api/v1/accounts/{member.id}/lists")).json() == []
    assert await ReadingList.all().count() == 1


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor, named: dict[str, Any]):
    other = await log_in(member, "read:statuses", "write:statuses")
    for method, path in (
        ("GET", "/api/v1/lists"), ("POST", "/api/v1/lists"), ("GET", f"/api/v1/timelines/list/{named['id']}"),
        ("DELETE", f"/api/v1/lists/{named['id']}"), ("POST", f"/api/v1/lists/{named['id']}/accounts"),
    ):  # fmt: skip
        assert (await public.request(method, path)).status_code == 401
        assert (await other.request(method, path)).status_code == 403


async def test_whoever_is_in_a_list_is_shown_and_taken_out(
    zoe: AsyncClient, named: dict[str, Any], other_member: Actor
):
    address = f"/api/v1/lists/{named['id']}/accounts"
    for query in ("", "?limit=0"):
        found = (await zoe.get(f"{address}{query}")).json()
        assert_shape(found, Many(ACCOUNT))
        assert [row["id"] for row in found] == [str(other_member.id)]
    assert (await zoe.get(f"/api/v1/accounts/{other_member.id}/lists")).json() == [named]

    body = {"account_ids": [str(other_member.id)]}
    assert (await zoe.request("DELETE", address, json=body)).json() == {}
    assert (await zoe.get(address)).json() == []

    await zoe.post(address, json=body)
    await zoe.delete(address, params={"account_ids[]": str(other_member.id)})
    assert (await zoe.get(address)).json() == []


async def test_pages_of_a_list_lead_on(
    zoe: AsyncClient, named: dict[str, Any], member: Actor, section: Actor, ctx: Context
):
    await follow(member, section, ctx)
    address = f"/api/v1/lists/{named['id']}/accounts"
    await zoe.post(address, json={"account_ids": [str(section.id)]})
    first = await zoe.get(address, params={"limit": 1})
    assert [row["acct"] for row in first.json()] == ["lille"]
    assert [row["acct"] for row in (await zoe.get(first.links["next"]["url"])).json()] == ["ali"]


async def test_only_whom_one_follows_can_be_listed(
    zoe: AsyncClient, named: dict[str, Any], remote_actor: Actor, member: Actor, other_member: Actor
):
    address = f"/api/v1/lists/{named['id']}/accounts"
    sent = {"account_ids": [str(member.id), str(remote_actor.id)]}
    assert (await zoe.post(address, json=sent)).status_code == 404
    assert await Listed.all().count() == 1
    assert (await zoe.post(address, json={"account_ids": [str(member.id), str(other_member.id)]})).status_code == 200
    assert await Listed.all().count() == 2


async def test_who_is_no_longer_followed_leaves_the_lists(
    zoe: AsyncClient, named: dict[str, Any], member: Actor, other_member: Actor, ctx: Context
):
    await unfollow(member, other_member, ctx)
    assert (await zoe.get(f"/api/v1/lists/{named['id']}/accounts")).json() == []


async def test_a_list_shows_what_those_in_it_publish_and_boost(
    zoe: AsyncClient, named: dict[str, Any], other_member: Actor, member: Actor, section: Actor, remote_actor: Actor,
    ctx: Context,
):  # fmt: skip
    await follow(member, section, ctx)
    await publish(section, Draft("section"), ctx)
    await publish(other_member, Draft("à mes abonnés", Visibility.FOLLOWERS), ctx)
    await announce(other_member, await factories.post(remote_actor, "partagé"), ctx)
    await publish(other_member, Draft("à toi, @ali", Visibility.DIRECT), ctx)

    address = f"/api/v1/timelines/list/{named['id']}"
    assert await texts(zoe, address) == ["<p>partagé</p>", "<p>à mes abonnés</p>"]
    first = await zoe.get(address, params={"limit": 1})
    assert [row["content"] for row in (await zoe.get(first.links["next"]["url"])).json()] == ["<p>à mes abonnés</p>"]
    await block(other_member, member, ctx)
    assert await texts(zoe, address) == []


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ("none", ["soi", "moi", "début"]), ("list", ["soi", "moi", "début"]),
        ("followed", ["soi", "section", "moi", "début"]),
    ],
)  # fmt: skip
async def test_answers_are_shown_as_the_list_has_it(
    policy: str, shown: list[str], zoe: AsyncClient, named: dict[str, Any], other_member: Actor, member: Actor,
    section: Actor, stranger: Actor, ctx: Context,
):  # fmt: skip
    await follow(member, section, ctx)
    await zoe.put(f"/api/v1/lists/{named['id']}", json={"replies_policy": policy})
    begun = await publish(other_member, Draft("début"), ctx)
    for to, text in ((member, "moi"), (section, "section"), (stranger, "inconnu")):
        parent = await factories.post(to)
        await publish(other_member, Draft(text, in_reply_to=parent), ctx)
    await publish(other_member, Draft("soi", in_reply_to=begun), ctx)

    found = (await zoe.get(f"/api/v1/timelines/list/{named['id']}")).json()

    assert [row["content"].removesuffix("</p>").rpartition(">")[2].strip() for row in found] == shown


async def test_answers_within_a_list_are_shown_in_it(
    zoe: AsyncClient, named: dict[str, Any], other_member: Actor, member: Actor, section: Actor, ctx: Context
):
    await follow(member, section, ctx)
    await zoe.post(f"/api/v1/lists/{named['id']}/accounts", json={"account_ids": [str(section.id)]})
    await publish(other_member, Draft("réponse", in_reply_to=await factories.post(section)), ctx)
    assert len(await texts(zoe, f"/api/v1/timelines/list/{named['id']}")) == 1


async def test_what_is_in_an_exclusive_list_is_not_at_home(
    zoe: AsyncClient, named: dict[str, Any], other_member: Actor, ctx: Context
):
    await publish(other_member, Draft("Bonjour"), ctx)
    assert await texts(zoe, "/api/v1/timelines/home") == ["<p>Bonjour</p>"]
    await zoe.put(f"/api/v1/lists/{named['id']}", json={"exclusive": True})
    assert await texts(zoe, "/api/v1/timelines/home") == []
    assert await texts(zoe, f"/api/v1/timelines/list/{named['id']}") == ["<p>Bonjour</p>"]
    await zoe.delete(f"/api/v1/lists/{named['id']}")
    assert await texts(zoe, "/api/v1/timelines/home") == ["<p>Bonjour</p>"]


async def test_lists_go_with_their_owner(named: dict[str, Any], member: Actor, ctx: Context):
    await delete(member, ctx)
    assert await ReadingList.all().count() + await Listed.all().count() == 0
