"""What a member is told, as clients read it one by one."""

import pytest
from httpx2 import AsyncClient

from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post, Visibility
from server.mastodon.entities.notification import TYPE_OF
from tests import factories
from tests.server.api import LogIn
from tests.server.mastodon.shapes import NOTIFICATION, TOLD_OF_A_STATUS, Many, assert_shape

PATH = "/api/v1/notifications"


async def tell(recipient: Actor, actor: Actor, type_: NotificationType, post: Post | None = None) -> Notification:
    return await Notification.create(recipient=recipient, type=type_, actor=actor, post=post)


async def ids(client: AsyncClient, query: str = "") -> list[str]:
    return [row["id"] for row in (await client.get(PATH + query)).json()]


@pytest.mark.parametrize("type_", list(NotificationType))
async def test_every_type_is_one_that_strict_clients_know_or_left_out(
    zoe: AsyncClient, member: Actor, remote_actor: Actor, type_: NotificationType
):
    is_about_post = type_ not in (NotificationType.FOLLOW, NotificationType.FOLLOW_REQUEST)
    await tell(member, remote_actor, type_, await factories.post(member) if is_about_post else None)

    found = (await zoe.get(PATH)).json()

    assert [row["type"] for row in found] == ([TYPE_OF[type_]] if type_ in TYPE_OF else [])
    assert_shape(found, Many(TOLD_OF_A_STATUS if is_about_post else NOTIFICATION))


async def test_a_like_is_told_with_who_and_what(zoe: AsyncClient, ali: AsyncClient):
    sent = (await zoe.post("/api/v1/statuses", json={"status": "Bonjour"})).json()
    await ali.post(f"/api/v1/statuses/{sent['id']}/favourite")

    [found] = (await zoe.get(PATH)).json()

    assert_shape(found, TOLD_OF_A_STATUS)
    assert (found["type"], found["account"]["acct"], found["status"]["id"]) == ("favourite", "ali", sent["id"])
    assert (await zoe.get(f"{PATH}/{found['id']}")).json() == found


async def test_types_and_who_can_be_chosen(zoe: AsyncClient, member: Actor, other_member: Actor, remote_actor: Actor):
    post = await factories.post(member)
    follow = await tell(member, remote_actor, NotificationType.FOLLOW)
    like = await tell(member, other_member, NotificationType.LIKE, post)

    assert await ids(zoe) == [str(like.id), str(follow.id)]
    assert await ids(zoe, "?types[]=follow") == [str(follow.id)]
    assert await ids(zoe, "?types[]=follow&types[]=favourite&exclude_types[]=follow") == [str(like.id)]
    assert await ids(zoe, "?types[]=admin.sign_up") == []
    assert await ids(zoe, f"?account_id={remote_actor.id}") == [str(follow.id)]
    assert (await zoe.get(f"{PATH}?account_id=x")).status_code == 422


async def test_pages_lead_to_the_end_by_link(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    rows = [await tell(member, remote_actor, NotificationType.FOLLOW) for _ in range(5)]
    seen, target = [], f"{PATH}?limit=2&types[]=follow"
    for _ in range(6):
        answer = await zoe.get(target)
        seen += [row["id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        target = answer.links["next"]["url"]

    assert seen == [str(row.id) for row in reversed(rows)]
    assert await ids(zoe, f"?min_id={rows[0].id}&limit=2") == [str(rows[2].id), str(rows[1].id)]
    assert await ids(zoe, f"?since_id={rows[3].id}") == [str(rows[4].id)]


async def test_what_is_no_longer_for_a_member_is_not_told(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    hidden = await factories.post(remote_actor, visibility=Visibility.FOLLOWERS)
    told = await tell(member, remote_actor, NotificationType.ANNOUNCE, hidden)

    assert await ids(zoe) == []
    assert (await zoe.get(f"{PATH}/{told.id}")).status_code == 404


async def test_nobody_hears_of_the_suspended(zoe: AsyncClient, member: Actor, remote_actor: Actor):
    await tell(member, remote_actor, NotificationType.FOLLOW)
    await Actor.filter(id=remote_actor.id).update(is_suspended=True)

    assert await ids(zoe) == []
    assert (await zoe.get(f"{PATH}/unread_count")).json() == {"count": 0}


async def test_what_is_unread_is_above_the_marker(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, remote_actor: Actor
):
    rows = [await tell(member, remote_actor, NotificationType.FOLLOW) for _ in range(3)]
    await zoe.post("/api/v1/markers", json={"home": {"last_read_id": str(rows[2].id)}})
    await ali.post("/api/v1/markers", json={"notifications": {"last_read_id": str(rows[2].id)}})
    assert (await zoe.get(f"{PATH}/unread_count")).json() == {"count": 3}

    for row, unread in zip(rows, (2, 1, 0), strict=True):
        await zoe.post("/api/v1/markers", json={"notifications": {"last_read_id": str(row.id)}})
        assert (await zoe.get(f"{PATH}/unread_count")).json() == {"count": unread}
    assert len(await ids(zoe)) == 3


async def test_one_is_put_away_and_then_all(zoe: AsyncClient, ali: AsyncClient, member: Actor, remote_actor: Actor):
    first, second = [await tell(member, remote_actor, NotificationType.FOLLOW) for _ in range(2)]
    assert (await zoe.get(f"{PATH}/unread_count")).json() == {"count": 2}
    assert (await zoe.get(f"{PATH}/unread_count?limit=1")).json() == {"count": 1}

    assert (await ali.post(f"{PATH}/{first.id}/dismiss")).status_code == 404
    assert (await ali.get(f"{PATH}/{first.id}")).status_code == 404
    await ali.post(f"{PATH}/clear")
    assert (await ali.post(f"{PATH}/dismiss", data={"id": first.id})).status_code == 404
    assert (await zoe.post(f"{PATH}/{first.id}/dismiss")).json() == {}
    assert (await zoe.post(f"{PATH}/{first.id}/dismiss")).status_code == 404
    assert (await zoe.post(f"{PATH}/dismiss")).status_code == 404
    assert await ids(zoe) == [str(second.id)]
    assert (await zoe.post(f"{PATH}/clear")).json() == {}
    assert await ids(zoe) == []


async def test_a_token_must_allow_it(public: AsyncClient, log_in: LogIn, member: Actor):
    poster = await log_in(member, "write:statuses", "read:statuses")

    for method, path in (
        ("GET", ""),
        ("GET", "/1"),
        ("GET", "/unread_count"),
        ("POST", "/clear"),
        ("POST", "/1/dismiss"),
        ("POST", "/dismiss"),
    ):
        assert (await public.request(method, PATH + path)).status_code == 401
        assert (await poster.request(method, PATH + path)).status_code == 403
