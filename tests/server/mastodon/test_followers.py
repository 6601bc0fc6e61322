"""Who follows whom is shown to nobody but those whom it concerns."""

from httpx2 import AsyncClient

from models.actor import Actor
from models.follow import Follow, FollowState
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import ACCOUNT, Many, assert_shape


async def test_members_see_their_own_followers_and_whom_they_follow(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, remote_actor: Actor
):
    for followed in (other_member, section):
        await factories.follow(member, followed)
    await factories.follow(remote_actor, member)
    await Follow.create(uri="https://far.test/f", follower=section, followed=member, state=FollowState.REQUESTED)

    following = (await zoe.get(f"/api/v1/accounts/{member.id}/following")).json()
    followers = (await zoe.get(f"/api/v1/accounts/{member.id}/followers")).json()

    assert_shape([*following, *followers], Many(ACCOUNT))
    assert [row["acct"] for row in following] == ["lille", "ali"]
    assert [row["acct"] for row in followers] == ["noor@far.test"]


async def test_pages_follow_each_other_by_the_link(
    zoe: AsyncClient, member: Actor, other_member: Actor, section: Actor, remote_actor: Actor
):
    for followed in (other_member, section, remote_actor):
        await factories.follow(member, followed)
    first = await zoe.get(f"/api/v1/accounts/{member.id}/following", params={"limit": 2})
    second = await zoe.get(first.links["next"]["url"])
    back = await zoe.get(second.links["prev"]["url"])
    assert [[row["acct"] for row in page.json()] for page in (first, second, back)] == [
        ["noor@far.test", "lille"], ["ali"], ["noor@far.test", "lille"],
    ]  # fmt: skip
    assert "next" not in second.links


async def test_nobodys_are_shown_to_others(
    zoe: AsyncClient, ali: AsyncClient, public: AsyncClient, member: Actor, section: Actor, log_in: LogIn
):
    await factories.follow(member, section)
    for client in (ali, public):
        for path in (f"{member.id}/following", f"{section.id}/followers", f"{section.id}/following"):
            answer = await client.get(f"/api/v1/accounts/{path}")
            assert (answer.status_code, answer.json(), "link" in answer.headers) == (200, [], False)
    assert (await zoe.get(f"/api/v1/accounts/{section.id}/followers")).json() == []
    assert (await zoe.get("/api/v1/accounts/1/followers")).status_code == 404
    other = await log_in(member, "read:lists")
    assert (await other.get(f"/api/v1/accounts/{member.id}/followers")).status_code == 403
