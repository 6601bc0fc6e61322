"""Recommending accounts: made, shown, and to whom."""

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.featured import FeaturedActor
from server.follows.actions import follow, unfollow
from server.follows.featured import MAX_FEATURED
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, RELATIONSHIP, Many, assert_shape


async def names(client: AsyncClient, path: str) -> list[str]:
    found = (await client.get(f"/api/v1/{path}")).json()
    assert_shape(found, Many(ACCOUNT))
    return [row["acct"] for row in found]


async def test_whom_one_follows_can_be_recommended(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, member: Actor, other_member: Actor, section: Actor
) -> None:
    await factories.follow(member, other_member)
    await factories.follow(member, section)
    for verb, other, is_endorsed in (
        ("endorse", other_member, True), ("pin", section, True), ("pin", section, True),
        ("unpin", section, False), ("endorse", section, True),
    ):  # fmt: skip
        said = (await zoe.post(f"/api/v1/accounts/{other.id}/{verb}")).json()
        assert_shape(said, RELATIONSHIP)
        assert (said["id"], said["endorsed"]) == (str(other.id), is_endorsed)

    own = f"accounts/{member.id}/endorsements"
    assert await names(zoe, "endorsements") == await names(zoe, own) == ["lille", "ali"]
    assert await names(zoe, "endorsements?limit=1") == ["lille"]
    # Whom somebody knows is not for others; a section is there for everybody.
    assert await names(ali, own) == await names(public, own) == ["lille"]
    assert await names(ali, "endorsements") == []
    assert (await zoe.post(f"/api/v1/accounts/{other_member.id}/unendorse")).json()["endorsed"] is False
    assert (await zoe.post(f"/api/v1/accounts/{other_member.id}/unendorse")).status_code == 200
    assert await names(zoe, "endorsements") == ["lille"]


async def test_a_section_that_does_not_want_to_be_found_is_not_shown(
    zoe: AsyncClient, public: AsyncClient, member: Actor, section: Actor
) -> None:
    await factories.follow(member, section)
    await zoe.post(f"/api/v1/accounts/{section.id}/endorse")
    await Actor.filter(id=section.id).update(is_discoverable=False)
    assert await names(public, f"accounts/{member.id}/endorsements") == []
    assert await names(zoe, "endorsements") == ["lille"]


async def test_pages_of_recommendations_lead_on(zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor):
    for other in (other_member, section):
        await factories.follow(member, other)
        await zoe.post(f"/api/v1/accounts/{other.id}/endorse")
    first = await zoe.get("/api/v1/endorsements?limit=1")
    second = await zoe.get(first.links["next"]["url"])
    assert [row["acct"] for row in first.json() + second.json()] == ["lille", "ali"]


async def test_a_follow_that_ends_takes_the_recommendation_along(
    zoe: AsyncClient, member: Actor, section: Actor, ctx: Context
) -> None:
    await follow(member, section, ctx)
    await zoe.post(f"/api/v1/accounts/{section.id}/endorse")
    await unfollow(member, section, ctx)
    assert not await FeaturedActor.exists()


async def test_strangers_and_too_many_are_refused(zoe: AsyncClient, member: Actor, other_member: Actor) -> None:
    address = f"/api/v1/accounts/{other_member.id}/endorse"
    assert (await zoe.post(address)).status_code == 422
    assert (await zoe.post(f"/api/v1/accounts/{member.id}/endorse")).status_code == 422
    assert (await zoe.post("/api/v1/accounts/77/endorse")).status_code == 404
    await factories.follow(member, other_member)
    for number in range(MAX_FEATURED):
        actor = await Actor.create(
            uri=f"https://x.test/{number}", url="https://x.test", type="Person", username=str(number), host="x.test",
            inbox_uri="https://x.test/i", delivery_uri="https://x.test/i",
        )  # fmt: skip
        await FeaturedActor.create(actor=member, featured=actor)
    assert (await zoe.post(address)).status_code == 422


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor, section: Actor) -> None:
    reader = await log_in(member, "read")
    for verb in ("endorse", "unendorse", "pin", "unpin"):
        path = f"/api/v1/accounts/{section.id}/{verb}"
        assert ((await public.post(path)).status_code, (await reader.post(path)).status_code) == (401, 403)
    assert (await public.get("/api/v1/endorsements")).status_code == 401
