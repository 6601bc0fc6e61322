"""Notification.   Source: docs.joinmastodon.org/entities/Notification

Strict clients (Tusky, IceCubes) drop a whole page for a type that they do not know, so only the documented ones are sent.
Of ours that have no such name:

- an emoji given to a post is a `favourite`, as Mastodon itself reads one that arrives;
- an invitation to an event, and somebody's wish to come to ours, are a `mention` with the event as its status;
- what an organiser answered, or changes, is an `update` of the event; a reminder is a `status`, shown as if new;
- a report, a move, and everything of membership and transfers are left out: they have no status, a `follow_request` would
  offer buttons that do something else, and `admin.report` promises a moderation API. They are kept, and not counted here.
"""

from collections.abc import Collection, Mapping
from typing import Any

from federation.naming import Names
from models.actor import Actor
from models.notification import Notification, NotificationType
from server.mastodon.entities.account import account
from server.mastodon.entities.moments import instant
from server.mastodon.entities.status import status
from server.notifications.queries import NotificationView

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
