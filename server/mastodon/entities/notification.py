"""Notification, alone and in groups, and whom a member hears.   Source: docs.joinmastodon.org/entities/Notification

Strict clients (Tusky, IceCubes) drop a whole page for a type that they do not know, so only the documented ones are sent.
Of ours that have no such name:

- an emoji given to a post is a `favourite`, as Mastodon itself reads one that arrives;
- an invitation to an event, and somebody's wish to come to ours, are a `mention` with the event as its status;
- what an organiser answered, or changes, is an `update` of the event; a reminder is a `status`, shown as if new;
- a report, a move, and everything of membership and transfers are left out: they have no status, a `follow_request` would
  offer buttons that do something else, and `admin.report` promises a moderation API. They are kept, and not counted here.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NotRequired, TypedDict

from federation.naming import Names
from models import notification as rows
from models import notification_policy as choices
from models.actor import Actor
from models.notification import NotificationType
from models.notification_policy import Treatment
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Id, Instant, Url
from server.mastodon.entities.moments import instant
from server.mastodon.entities.status import Status, status
from server.notifications.queries import GroupView, NotificationView
from server.notifications.requests import Request, Summary


class Notification(TypedDict):
    """What a member is told."""

    id: Id
    type: str
    group_key: str
    created_at: Instant
    account: Account
    status: NotRequired[Status]


class PartialAccount(TypedDict):
    """An actor of whom no more than the picture is shown."""

    id: Id
    acct: str
    url: Url
    avatar: Url
    avatar_static: Url
    locked: bool
    bot: bool


class NotificationGroup(TypedDict):
    """Notifications that stand together."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: Id
    page_min_id: Id
    page_max_id: Id
    latest_page_notification_at: Instant
    sample_account_ids: list[Id]
    status_id: NotRequired[Id]


class GroupedNotificationsResults(TypedDict):
    """A page of groups, and what they name."""

    accounts: list[Account]
    partial_accounts: NotRequired[list[PartialAccount]]
    statuses: list[Status]
    notification_groups: list[NotificationGroup]


class Apart(TypedDict):
    """How much is kept apart."""

    pending_requests_count: int
    pending_notifications_count: int


class NotificationPolicy(TypedDict):
    """By whom a member is told what."""

    for_not_following: str
    for_not_followers: str
    for_new_accounts: str
    for_private_mentions: str
    for_limited_accounts: str
    summary: Apart


class V1NotificationPolicy(TypedDict):
    """The same, as clients of old know it."""

    filter_not_following: bool
    filter_not_followers: bool
    filter_new_accounts: bool
    filter_private_mentions: bool
    summary: Apart


class NotificationRequest(TypedDict):
    """Somebody who asks to be heard."""

    id: Id
    created_at: Instant
    updated_at: Instant
    account: Account
    notifications_count: str
    last_status: Status | None


TYPE_OF: Mapping[NotificationType, str] = {
    NotificationType.FOLLOW: "follow",
    NotificationType.FOLLOW_REQUEST: "follow_request",
    NotificationType.MENTION: "mention",
    NotificationType.LIKE: "favourite",
    NotificationType.EMOJI_REACTION: "favourite",
    NotificationType.ANNOUNCE: "reblog",
    NotificationType.UPDATE: "update",
    NotificationType.POLL: "poll",
    NotificationType.QUOTE: "quote",
    NotificationType.EVENT_INVITE: "mention",
    NotificationType.EVENT_REQUEST: "mention",
    NotificationType.EVENT_ANSWER: "update",
    NotificationType.EVENT_CHANGE: "update",
    NotificationType.EVENT_REMINDER: "status",
    NotificationType.STATUS: "status",
}


def types_named(words: Collection[str], left_out: Collection[str]) -> list[NotificationType]:
    """Give our types that clients know by these words (none: all), without those known by `left_out`."""
    return [type_ for type_, word in TYPE_OF.items() if (not words or word in words) and word not in left_out]


def notification(view: NotificationView, names: Names, viewer: Actor) -> Notification:
    """Write a Notification for the one whom it tells."""
    row = view.row
    written: Notification = {
        "id": str(row.id),
        "type": TYPE_OF[row.type],
        "group_key": ungrouped_key(row),
        "created_at": instant(row.created_at),
        "account": account(row.actor, names),
    }
    return {**written, "status": status(view.post, names, viewer)} if view.post else written


def ungrouped_key(row: rows.Notification) -> str:
    """Name the group of a notification that stands alone."""
    return f"ungrouped-{row.id}"


def grouped(
    views: Sequence[GroupView], names: Names, viewer: Actor, *, is_brief: bool = False
) -> GroupedNotificationsResults:
    """Write GroupedNotificationsResults. If `is_brief`, all but the last actor of each group are partial accounts."""
    whole = {view.actors[0].id: view.actors[0] for view in views}
    others = {actor.id: actor for view in views for actor in view.actors if actor.id not in whole}
    posts = {view.post.post.id: view.post for view in views if view.post is not None}
    written: GroupedNotificationsResults = {
        "accounts": [account(actor, names) for actor in (whole if is_brief else whole | others).values()],
        "statuses": [status(post, names, viewer) for post in posts.values()],
        "notification_groups": [_group(view) for view in views],
    }
    if not is_brief:
        return written
    return {**written, "partial_accounts": [_partial(actor, names) for actor in others.values()]}


def _group(view: GroupView) -> NotificationGroup:
    group = view.group
    written: NotificationGroup = {
        "group_key": group.key,
        "notifications_count": group.total,
        "type": TYPE_OF[view.newest.type],
        "most_recent_notification_id": str(group.newest),
        "page_min_id": str(group.oldest),
        "page_max_id": str(group.newest),
        "latest_page_notification_at": instant(view.newest.created_at),
        "sample_account_ids": [str(actor.id) for actor in view.actors],
    }
    return {**written, "status_id": str(view.post.post.id)} if view.post else written


def _partial(actor: Actor, names: Names) -> PartialAccount:
    """Write a PartialAccountWithAvatar."""
    whole = account(actor, names)
    return {
        "id": whole["id"],
        "acct": whole["acct"],
        "url": whole["url"],
        "avatar": whole["avatar"],
        "avatar_static": whole["avatar_static"],
        "locked": whole["locked"],
        "bot": whole["bot"],
    }


def policy(row: choices.NotificationPolicy, apart: Summary) -> NotificationPolicy:
    """Write a NotificationPolicy."""
    return {
        "for_not_following": row.for_not_following.value,
        "for_not_followers": row.for_not_followers.value,
        "for_new_accounts": row.for_new_accounts.value,
        "for_private_mentions": row.for_private_mentions.value,
        "for_limited_accounts": row.for_limited_accounts.value,
        "summary": _summary(apart),
    }


def policy_v1(row: choices.NotificationPolicy, apart: Summary) -> V1NotificationPolicy:
    """Write a V1::NotificationPolicy, which knows only whether something is kept apart."""
    return {
        "filter_not_following": row.for_not_following is not Treatment.ACCEPT,
        "filter_not_followers": row.for_not_followers is not Treatment.ACCEPT,
        "filter_new_accounts": row.for_new_accounts is not Treatment.ACCEPT,
        "filter_private_mentions": row.for_private_mentions is not Treatment.ACCEPT,
        "summary": _summary(apart),
    }


def _summary(apart: Summary) -> Apart:
    return {"pending_requests_count": apart.actors, "pending_notifications_count": apart.notifications}


def notification_request(found: Request, names: Names, viewer: Actor) -> NotificationRequest:
    """Write a NotificationRequest."""
    return {
        "id": str(found.first.id),
        "created_at": instant(found.first.created_at),
        "updated_at": instant(found.last.created_at),
        "account": account(found.last.actor, names),
        "notifications_count": str(found.total),
        "last_status": status(found.post, names, viewer) if found.post else None,
    }
