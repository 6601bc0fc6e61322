"""Follow requests: the list, and the answers."""

import pytest
from httpx2 import AsyncClient

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from models.actor import Actor
from models.follow import Follow, FollowState
from tests import factories
from tests.server.mastodon.shapes import ACCOUNT, RELATIONSHIP, Many, assert_shape
from tests.world import World


@pytest.fixture
async def careful(member: Actor) -> Actor:
    """The member, who approves followers."""
    await Actor.filter(id=member.id).update(approves_followers=True)
    return member


async def ask(world: World, ctx: Context, followed: Actor, name: str) -> Actor:
    """Have somebody of another server ask to follow."""
    actor = await factories.remote_actor(ctx, world, f"https://far.test/users/{name}")
    activity = parse(factories.activity("Follow", actor.uri, followed.uri, name))
    await pipeline.submit(activity, acting=actor, ctx=ctx)
    return actor


async def test_whoever_asks_is_listed(zoe: AsyncClient, careful: Actor, world: World, ctx: Context):
    asking = await ask(world, ctx, careful, "noor")

    found = (await zoe.get("/api/v1/follow_requests")).json()

    assert_shape(found, Many(ACCOUNT))
    assert [row["id"] for row in found] == [str(asking.id)]


async def test_only_those_who_ask_oneself_are_listed(ali: AsyncClient, careful: Actor, world: World, ctx: Context):
    await ask(world, ctx, careful, "noor")

    assert (await ali.get("/api/v1/follow_requests")).json() == []


async def test_authorizing_makes_a_follower(zoe: AsyncClient, careful: Actor, world: World, ctx: Context):
    asking = await ask(world, ctx, careful, "noor")

    found = (await zoe.post(f"/api/v1/follow_requests/{asking.id}/authorize")).json()

    assert_shape(found, RELATIONSHIP)
    assert found["followed_by"] is True
    assert (await zoe.get("/api/v1/follow_requests")).json() == []


async def test_rejecting_makes_none(zoe: AsyncClient, careful: Actor, world: World, ctx: Context):
    asking = await ask(world, ctx, careful, "noor")

    found = (await zoe.post(f"/api/v1/follow_requests/{asking.id}/reject")).json()

    assert_shape(found, RELATIONSHIP)
    assert found["followed_by"] is False
    assert not await Follow.exists()


async def test_nobody_answers_for_another(ali: AsyncClient, careful: Actor, world: World, ctx: Context):
    asking = await ask(world, ctx, careful, "noor")

    assert (await ali.post(f"/api/v1/follow_requests/{asking.id}/authorize")).status_code == 404
    assert (await Follow.get()).state is FollowState.REQUESTED


async def test_answering_nobody_is_not_found(zoe: AsyncClient, remote_actor: Actor):
    for verb in ("authorize", "reject"):
        assert (await zoe.post(f"/api/v1/follow_requests/{remote_actor.id}/{verb}")).status_code == 404


async def test_requests_are_paged_by_link(zoe: AsyncClient, careful: Actor, world: World, ctx: Context):
    asking = [await ask(world, ctx, careful, f"n{number}") for number in range(5)]
    seen, target = [], "/api/v1/follow_requests?limit=2"

    for _ in range(5):
        answer = await zoe.get(target)
        seen += [row["id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        target = answer.links["next"]["url"]

    assert seen == [str(actor.id) for actor in reversed(asking)]
