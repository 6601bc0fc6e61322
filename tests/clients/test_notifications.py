"""What a member is told, with Mastodon.py: notifications, one by one and in groups, conversations."""

import httpx2
from mastodon import Mastodon

from tests.clients.watching import covers
from tests.scenarios.server import ADMIN


@covers("GET /api/v1/notifications", "GET /api/v1/notifications/:id", "POST /api/v1/notifications/clear")
def test_it_reads_what_it_is_told(ines: Mastodon, ali: Mastodon):
    ines.notifications_clear()
    post = ines.status_post("Qui aime ?")
    ali.status_favourite(post)
    ali.status_reply(post, "moi")

    mention, like = ines.notifications()
    assert (mention.type, like.type, like.account.acct, like.status.id) == ("mention", "favourite", "ali", post.id)
    assert [row.id for row in ines.notifications(types=["favourite"])] == [like.id]
    assert [row.id for row in ines.notifications(exclude_types=["favourite"], account_id=ali.me())] == [mention.id]
    assert [row.id for row in ines.fetch_remaining(ines.notifications(limit=1))] == [mention.id, like.id]
    assert ines.notifications(like.id).id == like.id
    ines.notifications_dismiss(like.id)
    ines.notifications_clear()
    assert ines.notifications() == []


@covers("GET /api/v2/notifications", "GET /api/v2/notifications/policy", "PATCH /api/v2/notifications/policy")
def test_it_reads_groups_and_sets_a_policy(ines: Mastodon, ali: Mastodon):
    ines.notifications_clear()
    post = ines.status_post("Encore ?")
    ali.status_favourite(post)

    assert ines.notifications_unread_count().count == 1
    [group] = ines.grouped_notifications().notification_groups
    assert (group.group_key, group.status_id) == (f"favourite-{post.id}", post.id)
    assert ines.grouped_notification(group.group_key).notification_groups[0].group_key == group.group_key
    assert [row.acct for row in ines.grouped_notification_accounts(group.group_key)] == ["ali"]
    ines.dismiss_grouped_notification(group.group_key)
    assert ines.grouped_notifications().notification_groups == []
    assert ines.notifications_policy().for_not_following == "accept"
    assert ines.update_notifications_policy(for_not_following="filter").for_not_following == "filter"
    ali.status_favourite(ines.status_post("Et maintenant ?"))
    [asked] = ines.notification_requests()
    assert asked.account.acct == "ali"
    ines.accept_notification_request(asked.id)
    assert len(ines.notifications()) == 1
    ines.update_notifications_policy(for_not_following="accept")


@covers("GET /api/v1/conversations", "POST /api/v1/conversations/:id/read", "DELETE /api/v1/conversations/:id")
def test_it_reads_conversations(ines: Mastodon, ali: Mastodon, http: httpx2.Client):
    sent = ali.status_post(f"@{ADMIN} psst", visibility="direct")

    [found] = ines.conversations()
    assert (found.unread, found.accounts[0].acct, found.last_status.id) == (True, "ali", sent.id)
    assert ines.conversations_read(found).unread is False
    assert http.delete(f"/api/v1/conversations/{found.id}").json() == {}
    assert ines.conversations() == []
