"""A member's policy of whom they hear, what it does, and the requests of those kept apart."""

from datetime import timedelta

import pytest
from httpx2 import AsyncClient
from tortoise import timezone

from federation.context import Context
from models.actor import Actor
from models.follow import Follow
from models.notification import Notification, NotificationType
from models.notification_policy import NotificationPermission
from models.post import Visibility
from server.posts.actions import Draft, publish
from tests import factories
from tests.federation.submitting import submit
from tests.server.mastodon.shapes import NOTIFICATION_POLICY, NOTIFICATION_REQUEST, Many, assert_shape

POLICY, REQUESTS, TOLD = "/api/v2/notifications/policy", "/api/v1/notifications/requests", "/api/v1/notifications"


@pytest.fixture
async def old_actor(remote_actor: Actor) -> Actor:
    """The remote actor, who has been around for long."""
    remote_actor.published_at = timezone.now() - timedelta(days=400)
    await remote_actor.save(update_fields=["published_at"])
    return remote_actor


async def like(actor: Actor, author: Actor, ctx: Context) -> None:
    post = await factories.post(author)
    await submit(factories.activity("Like", actor.uri, post.uri, str(post.id)), actor, ctx)


async def told(client: AsyncClient) -> int:
    return len((await client.get(TOLD)).json())


async def apart(client: AsyncClient) -> int:
    return (await client.get(POLICY)).json()["summary"]["pending_notifications_count"]


async def test_without_a_policy_everybody_is_heard_but_the_silenced(zoe: AsyncClient):
    found = (await zoe.get(POLICY)).json()

    assert_shape(found, NOTIFICATION_POLICY)
    assert found == {
        "for_not_following": "accept",
        "for_not_followers": "accept",
        "for_new_accounts": "accept",
        "for_private_mentions": "accept",
        "for_limited_accounts": "drop",
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_policy_is_changed_in_parts(zoe: AsyncClient, method: str):
    await zoe.request(method, POLICY, json={"for_not_following": "filter"})
    changed = await zoe.request(method, POLICY, data={"for_new_accounts": "drop"})

    assert (changed.json()["for_not_following"], changed.json()["for_new_accounts"]) == ("filter", "drop")
    assert (await zoe.request(method, POLICY, json={"for_new_accounts": "maybe"})).status_code == 422
    assert (await zoe.get(POLICY)).json() == changed.json()


async def test_the_first_version_of_the_policy_says_yes_and_no(zoe: AsyncClient):
    old = "/api/v1/notifications/policy"

    changed = (await zoe.put(old, json={"filter_not_following": True})).json()

    assert changed == (await zoe.get(old)).json()
    assert (changed["filter_not_following"], changed["filter_private_mentions"]) == (True, False)
    assert (await zoe.get(POLICY)).json()["for_not_following"] == "filter"


async def test_those_not_followed_are_kept_apart_or_not_heard(
    zoe: AsyncClient, member: Actor, old_actor: Actor, ctx: Context
):
    await zoe.patch(POLICY, json={"for_not_following": "filter"})
    await like(old_actor, member, ctx)
    assert (await told(zoe), await apart(zoe)) == (0, 1)

    await zoe.patch(POLICY, json={"for_not_following": "drop"})
    await like(old_actor, member, ctx)
    assert (await told(zoe), await apart(zoe)) == (0, 1)

    await factories.follow(member, old_actor)
    await like(old_actor, member, ctx)
    assert (await told(zoe), await apart(zoe)) == (1, 1)
    shown = await zoe.get(f"{TOLD}?include_filtered=true&account_id={old_actor.id}")
    assert len(shown.json()) == 2
    assert (await zoe.get("/api/v2/notifications/unread_count")).json() == {"count": 1}


async def test_followers_count_after_three_days(zoe: AsyncClient, member: Actor, old_actor: Actor, ctx: Context):
    await zoe.patch(POLICY, json={"for_not_followers": "filter"})
    await factories.follow(old_actor, member)
    await like(old_actor, member, ctx)
    assert await told(zoe) == 0

    await Follow.all().update(created_at=timezone.now() - timedelta(days=4))
    await like(old_actor, member, ctx)
    assert await told(zoe) == 1


async def test_new_accounts(zoe: AsyncClient, member: Actor, old_actor: Actor, ctx: Context):
    await zoe.patch(POLICY, json={"for_new_accounts": "filter"})
    await like(old_actor, member, ctx)
    assert await told(zoe) == 1

    await Actor.filter(id=old_actor.id).update(published_at=timezone.now())
    await like(old_actor, member, ctx)
    assert (await told(zoe), await apart(zoe)) == (1, 1)


async def test_private_mentions_unless_one_wrote_first(
    zoe: AsyncClient, member: Actor, other_member: Actor, ctx: Context
):
    await zoe.patch(POLICY, json={"for_private_mentions": "filter"})
    await publish(other_member, Draft("@zoe psst", Visibility.DIRECT), ctx)
    await publish(other_member, Draft("@zoe bonjour", Visibility.PUBLIC), ctx)
    assert (await told(zoe), await apart(zoe)) == (1, 1)

    first = await publish(member, Draft("@ali oui ?", Visibility.DIRECT), ctx)
    await publish(other_member, Draft("@zoe non", Visibility.DIRECT, in_reply_to=first), ctx)
    assert (await told(zoe), await apart(zoe)) == (2, 1)


async def test_the_silenced(zoe: AsyncClient, member: Actor, old_actor: Actor, ctx: Context):
    await Actor.filter(id=old_actor.id).update(is_silenced=True)
    await like(old_actor, member, ctx)
    assert (await told(zoe), await apart(zoe)) == (0, 0)

    await zoe.patch(POLICY, json={"for_limited_accounts": "filter"})
    await like(old_actor, member, ctx)
    assert (await told(zoe), await apart(zoe)) == (0, 1)


async def test_a_request_is_accepted_and_its_actor_heard_from_then_on(
    zoe: AsyncClient, ali: AsyncClient, member: Actor, old_actor: Actor, ctx: Context
):
    await zoe.patch(POLICY, json={"for_not_following": "filter"})
    for _ in range(2):
        await like(old_actor, member, ctx)

    [found] = (await zoe.get(REQUESTS)).json()
    assert_shape(found, NOTIFICATION_REQUEST)
    assert (found["account"]["id"], found["notifications_count"]) == (str(old_actor.id), "2")
    assert (await zoe.get(f"{REQUESTS}/{found['id']}")).json() == found
    assert (await zoe.get(POLICY)).json()["summary"]["pending_requests_count"] == 1
    for path in (found["id"], f"{found['id']}/accept", f"{found['id']}/dismiss"):
        refused = await ali.request("POST" if "/" in path else "GET", f"{REQUESTS}/{path}")
        assert refused.status_code == 404

    assert (await zoe.post(f"{REQUESTS}/{found['id']}/accept")).json() == {}
    assert (await zoe.get(f"{REQUESTS}/merged")).json() == {"merged": True}
    assert (await told(zoe), await apart(zoe)) == (2, 0)
    await like(old_actor, member, ctx)
    assert await told(zoe) == 3


async def test_requests_are_answered_many_at_once(
    zoe: AsyncClient, member: Actor, other_member: Actor, remote_actor: Actor
):
    rows = [
        await Notification.create(recipient=member, type=NotificationType.FOLLOW, actor=actor, is_filtered=True)
        for actor in (remote_actor, other_member)
    ]

    first = await zoe.get(f"{REQUESTS}?limit=1")
    assert [row["id"] for row in first.json()] == [str(rows[1].id)]
    second = await zoe.get(first.links["next"]["url"])
    assert [row["id"] for row in second.json()] == [str(rows[0].id)]
    assert_shape(first.json() + second.json(), Many(NOTIFICATION_REQUEST))
    await zoe.post(f"{REQUESTS}/dismiss", json={"id": [str(rows[0].id), "x", "1"]})
    await zoe.post(f"{REQUESTS}/accept", data={"id[]": [str(rows[1].id)]})

    assert [row.actor_id for row in await NotificationPermission.all()] == [other_member.id]
    assert [row.id for row in await Notification.all()] == [rows[1].id]
    assert (await zoe.post(f"{REQUESTS}/{rows[0].id}/dismiss")).status_code == 404
