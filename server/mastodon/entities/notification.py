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
from typing import Any

from federation.naming import Names
from models.actor import Actor
from models.notification import Notification, NotificationType
from models.notification_policy import NotificationPolicy, Treatment
from server.mastodon.entities.account import account
from server.mastodon.entities.moments import instant
from server.mastodon.entities.status import status
from server.notifications.policy import KINDS
from server.notifications.queries import GroupView, NotificationView
from server.notifications.requests import Request, Summary

Entity = dict[str, Any]

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


def notification(view: NotificationView, names: Names, viewer: Actor) -> Entity:
    """Write a Notification for the one whom it tells."""
    row = view.row
    written = {
        "id": str(row.id),
        "type": TYPE_OF[row.type],
        "group_key": ungrouped_key(row),
        "created_at": instant(row.created_at),
        "account": account(row.actor, names),
    }
    return written | {"status": status(view.post, names, viewer)} if view.post else written


def ungrouped_key(row: Notification) -> str:
    """Name the group of a notification that stands alone."""
    return f"ungrouped-{row.id}"


def grouped(views: Sequence[GroupView], names: Names, viewer: Actor, *, is_brief: bool = False) -> Entity:
    """Write GroupedNotificationsResults. If `is_brief`, all but the last actor of each group are partial accounts."""
    whole = {view.actors[0].id: view.actors[0] for view in views}
    others = {actor.id: actor for view in views for actor in view.actors if actor.id not in whole}
    posts = {view.post.post.id: view.post for view in views if view.post is not None}
    written = {
        "accounts": [account(actor, names) for actor in (whole if is_brief else whole | others).values()],
        "statuses": [status(post, names, viewer) for post in posts.values()],
        "notification_groups": [_group(view) for view in views],
    }
    return (
        written | {"partial_accounts": [_partial(actor, names) for actor in others.values()]} if is_brief else written
    )


def _group(view: GroupView) -> Entity:
    group = view.group
    written = {
        "group_key": group.key,
        "notifications_count": group.total,
        "type": TYPE_OF[view.newest.type],
        "most_recent_notification_id": str(group.newest),
        "page_min_id": str(group.oldest),
        "page_max_id": str(group.newest),
        "latest_page_notification_at": instant(view.newest.created_at),
        "sample_account_ids": [str(actor.id) for actor in view.actors],
    }
    return written | {"status_id": str(view.post.post.id)} if view.post else written


def _partial(actor: Actor, names: Names) -> Entity:
    """Write a PartialAccountWithAvatar."""
    whole = account(actor, names)
    return {key: whole[key] for key in ("id", "acct", "url", "avatar", "avatar_static", "locked", "bot")}


def policy(row: NotificationPolicy, apart: Summary) -> Entity:
    """Write a NotificationPolicy."""
    return {kind: getattr(row, kind).value for kind in KINDS} | {"summary": _summary(apart)}


def policy_v1(row: NotificationPolicy, apart: Summary) -> Entity:
    """Write a V1::NotificationPolicy, which knows only whether something is kept apart."""
    kinds = KINDS[:4]
    filters = {kind.replace("for_", "filter_"): getattr(row, kind) is not Treatment.ACCEPT for kind in kinds}
    return filters | {"summary": _summary(apart)}


def _summary(apart: Summary) -> Entity:
    return {"pending_requests_count": apart.actors, "pending_notifications_count": apart.notifications}


def notification_request(found: Request, names: Names, viewer: Actor) -> Entity:
    """Write a NotificationRequest."""
    return {
        "id": str(found.first.id),
        "created_at": instant(found.first.created_at),
        "updated_at": instant(found.last.created_at),
        "account": account(found.last.actor, names),
        "notifications_count": str(found.total),
        "last_status": status(found.post, names, viewer) if found.post else None,
    }
