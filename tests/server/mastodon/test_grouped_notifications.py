"""What a member is told, in groups."""

from httpx2 import AsyncClient

from federation.context import Context
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.post import Post, Visibility
from tests import factories
from tests.server.mastodon.shapes import GROUPED, assert_shape
from tests.world import World

PATH = "/api/v2/notifications"


async def likers(ctx: Context, world: World, count: int) -> list[Actor]:
    return [await factories.remote_actor(ctx, world, f"https://far.test/users/a{number}") for number in range(count)]


async def tell(recipient: Actor, actor: Actor, type_: NotificationType, post: Post | None = None) -> Notification:
    return await Notification.create(recipient=recipient, type=type_, actor=actor, post=post)


async def keys(client: AsyncClient, query: str = "") -> list[str]:
    found = (await client.get(PATH + query)).json()
    assert_shape(found, GROUPED)
    return [group["group_key"] for group in found["notification_groups"]]


async def test_likes_of_one_post_are_one_group_and_mentions_stand_alone(
    zoe: AsyncClient, member: Actor, ctx: Context, world: World
):
    post, people = await factories.post(member), await likers(ctx, world, 10)
    rows = [await tell(member, actor, NotificationType.LIKE, post) for actor in people]
    named = await factories.post(people[0])
    mention = await tell(member, people[0], NotificationType.MENTION, named)

    found = (await zoe.get(PATH)).json()

    assert_shape(found, GROUPED)
    alone, group = found["notification_groups"]
    assert (alone["group_key"], alone["status_id"]) == (f"ungrouped-{mention.id}", str(named.id))
    assert (group["group_key"], group["type"], group["notifications_count"]) == (
        f"favourite-{post.id}",
        "favourite",
        10,
    )
    assert group["sample_account_ids"] == [str(actor.id) for actor in reversed(people)][:8]
    assert (group["most_recent_notification_id"], group["page_min_id"]) == (str(rows[-1].id), str(rows[0].id))
    assert {status["id"] for status in found["statuses"]} == {str(post.id), str(named.id)}
    assert len(found["accounts"]) == 9


async def test_most_accounts_can_be_partial(zoe: AsyncClient, member: Actor, ctx: Context, world: World):
    post, people = await factories.post(member), await likers(ctx, world, 3)
    for actor in people:
        await tell(member, actor, NotificationType.LIKE, post)

    found = (await zoe.get(f"{PATH}?expand_accounts=partial_avatars")).json()

    assert [row["id"] for row in found["accounts"]] == [str(people[2].id)]
    assert [row["id"] for row in found["partial_accounts"]] == [str(people[1].id), str(people[0].id)]


async def test_followers_of_one_day_are_one_group_unless_asked_otherwise(
    zoe: AsyncClient, member: Actor, ctx: Context, world: World
):
    rows = [await tell(member, actor, NotificationType.FOLLOW) for actor in await likers(ctx, world, 2)]

    assert len(await keys(zoe)) == 1
    assert await keys(zoe, "?grouped_types[]=favourite") == [f"ungrouped-{row.id}" for row in reversed(rows)]


async def test_a_group_is_on_one_page_only(zoe: AsyncClient, member: Actor, ctx: Context, world: World):
    posts, people = [await factories.post(member) for _ in range(3)], await likers(ctx, world, 2)
    for actor in people:
        for post in posts:
            await tell(member, actor, NotificationType.LIKE, post)
    seen, target = [], f"{PATH}?limit=1"
    for _ in range(5):
        answer = await zoe.get(target)
        seen += [group["group_key"] for group in answer.json()["notification_groups"]]
        if "next" not in answer.links:
            break
        target = answer.links["next"]["url"]

    assert seen == [f"favourite-{post.id}" for post in reversed(posts)]


async def test_a_group_is_shown_with_its_accounts_and_put_away(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, ctx: Context, world: World
):
    post, people = await factories.post(member), await likers(ctx, world, 9)
    for actor in people:
        await tell(member, actor, NotificationType.ANNOUNCE, post)
    key = f"reblog-{post.id}"

    assert (await zoe.get(f"{PATH}/{key}")).json()["notification_groups"][0]["notifications_count"] == 9
    accounts = (await zoe.get(f"{PATH}/{key}/accounts")).json()
    assert [row["id"] for row in accounts] == [str(actor.id) for actor in reversed(people)]
    assert (await zoe.get(f"{PATH}/unread_count")).json() == {"count": 1}
    await ali.post(f"{PATH}/{key}/dismiss")
    assert (await ali.get(f"{PATH}/{key}")).status_code == 404
    assert (await zoe.post(f"{PATH}/{key}/dismiss")).json() == {}
    assert (await zoe.get(f"{PATH}/{key}")).status_code == 404
    assert await keys(zoe) == []
    for nonsense in ("x", "favourite-x", "drop-1", "favourite-1%00", "ungrouped--1"):
        assert (await zoe.get(f"{PATH}/{nonsense}")).status_code == 404


async def test_a_group_is_unread_while_anything_in_it_is_above_the_marker(
    zoe: AsyncClient, member: Actor, ctx: Context, world: World
):
    posts, people = [await factories.post(member) for _ in range(2)], await likers(ctx, world, 2)
    rows = [await tell(member, actor, NotificationType.LIKE, post) for actor in people for post in posts]

    for row, unread in zip(rows, (2, 2, 1, 0), strict=True):
        await zoe.post("/api/v1/markers", json={"notifications": {"last_read_id": str(row.id)}})
        assert (await zoe.get(f"{PATH}/unread_count")).json() == {"count": unread}
    assert (await zoe.get(f"{PATH}/unread_count?types[]=follow")).json() == {"count": 0}


async def test_a_group_about_what_is_no_longer_for_a_member_is_left_out(
    zoe: AsyncClient, member: Actor, remote_actor: Actor
):
    hidden = await factories.post(remote_actor, visibility=Visibility.FOLLOWERS)
    await tell(member, remote_actor, NotificationType.QUOTE, hidden)

    assert await keys(zoe) == []


async def test_groups_need_the_scope(public: AsyncClient):
    for path in ("", "/ungrouped-1", "/ungrouped-1/accounts", "/unread_count", "/policy"):
        assert (await public.get(PATH + path)).status_code == 401
