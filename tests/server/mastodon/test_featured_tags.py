"""Hashtags that members show on their profiles."""

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.featured import FeaturedTag
from server.members.leaving import delete
from server.posts.actions import Draft, publish
from server.tags.featured import MAX_FEATURED
from tests.server.api import LogIn
from tests.server.mastodon.shapes import FEATURED_TAG, TAG, Many, assert_shape


async def test_a_hashtag_on_a_profile_is_shown_to_everybody_with_how_often_it_was_used(
    zoe: AsyncClient, public: AsyncClient, member: Actor, ctx: Context
):
    await publish(member, Draft("#Nord"), ctx)
    await publish(member, Draft("#nord, encore"), ctx)
    first = (await zoe.post("/api/v1/featured_tags", data={"name": "#Nord"})).json()
    again = (await zoe.post("/api/v1/featured_tags", json={"name": "nord"})).json()
    assert_shape(first, FEATURED_TAG)
    assert first == again
    assert (first["name"], first["statuses_count"]) == ("nord", "2")

    for client, path in ((zoe, "featured_tags"), (public, f"accounts/{member.id}/featured_tags")):
        assert (await client.get(f"/api/v1/{path}")).json() == [first]
    assert (await zoe.delete(f"/api/v1/featured_tags/{first['id']}")).json() == {}
    assert (await zoe.get("/api/v1/featured_tags")).json() == []
    assert (await zoe.delete(f"/api/v1/featured_tags/{first['id']}")).status_code == 404


async def test_what_is_not_for_everybody_is_not_counted(zoe: AsyncClient, section: Actor):
    await zoe.post("/api/v1/statuses", json={"status": "#nord", "visibility": "private"})
    unused = (await zoe.post("/api/v1/featured_tags", data={"name": "nord"})).json()
    assert_shape(unused, FEATURED_TAG)
    assert (unused["statuses_count"], unused["last_status_at"]) == ("0", None)


async def test_a_hashtag_says_whether_it_is_shown(zoe: AsyncClient, ali: AsyncClient):
    for verb, is_shown in (("feature", True), ("feature", True), ("unfeature", False), ("unfeature", False)):
        answer = (await zoe.post(f"/api/v1/tags/Nord/{verb}")).json()
        assert_shape(answer, TAG)
        assert (answer["name"], answer["featuring"], answer["following"]) == ("nord", is_shown, False)
        assert (await zoe.get("/api/v1/tags/nord")).json()["featuring"] is is_shown
        assert (await ali.get("/api/v1/tags/nord")).json()["featuring"] is False


async def test_what_one_writes_about_most_is_suggested(zoe: AsyncClient, member: Actor, ctx: Context):
    for text in ("#nord #lille", "#lille", "#velo"):
        await publish(member, Draft(text), ctx)
    await zoe.post("/api/v1/tags/velo/feature")

    found = (await zoe.get("/api/v1/featured_tags/suggestions")).json()

    assert_shape(found, Many(TAG))
    assert [row["name"] for row in found] == ["lille", "nord"]


async def test_only_so_many_hashtags_are_shown_and_only_hashtags(zoe: AsyncClient, member: Actor):
    for number in range(MAX_FEATURED):
        await FeaturedTag.create(actor=member, name=f"mot{number}")
    for name in ("nord", "", "a b", "12"):
        assert (await zoe.post("/api/v1/featured_tags", data={"name": name})).status_code == 422
    assert (await zoe.post("/api/v1/featured_tags", data={"name": "mot1"})).status_code == 200


async def test_they_are_ones_own_and_go_with_their_owner(
    zoe: AsyncClient, ali: AsyncClient, log_in: LogIn, public: AsyncClient, member: Actor, ctx: Context
):
    made = (await zoe.post("/api/v1/featured_tags", data={"name": "nord"})).json()
    assert (await ali.delete(f"/api/v1/featured_tags/{made['id']}")).status_code == 404
    other = await log_in(member, "read:lists", "write:lists")
    for method, path in (
        ("GET", "featured_tags"), ("POST", "featured_tags"), ("DELETE", "featured_tags/1"),
        ("GET", "featured_tags/suggestions"), ("POST", "tags/a/feature"), ("POST", "tags/a/unfeature"),
    ):  # fmt: skip
        assert (await public.request(method, f"/api/v1/{path}")).status_code == 401
        assert (await other.request(method, f"/api/v1/{path}")).status_code == 403
    await delete(member, ctx)
    assert await FeaturedTag.all().count() == 0
