"""WebPushSubscription, and what is pushed.   Source: docs.joinmastodon.org/entities/WebPushSubscription

What is pushed is what Mastodon pushes, but that `access_token` is empty: only the hash of one is kept here.
"""

from typing import TypedDict

import orjson

from federation.naming import Names
from federation.sanitise import plain_text
from models.push import PushSubscription
from server.mastodon.entities.account import account
from server.mastodon.entities.kinds import Id, Url
from server.mastodon.entities.notification import TYPE_OF
from server.notifications.queries import NotificationView

ALERTS = (
    "mention",
    "status",
    "reblog",
    "follow",
    "follow_request",
    "favourite",
    "poll",
    "update",
    "quote",
    "quoted_update",
    "admin.sign_up",
    "admin.report",
)
# A push service takes 4096 bytes, encryption and all: RFC 8291 §4.
MAX_TITLE, MAX_BODY, MAX_ICON = 100, 140, 1024
TITLES = {
    "fr": {
        "mention": "{name} vous mentionne",
        "status": "{name} a publié",
        "reblog": "{name} a partagé votre message",
        "follow": "{name} vous suit",
        "follow_request": "{name} demande à vous suivre",
        "favourite": "{name} aime votre message",
        "poll": "Un sondage est terminé",
        "update": "{name} a modifié un message",
        "quote": "{name} cite votre message",
    },
    "en": {
        "mention": "{name} mentioned you",
        "status": "{name} published",
        "reblog": "{name} shared your post",
        "follow": "{name} follows you",
        "follow_request": "{name} asks to follow you",
        "favourite": "{name} likes your post",
        "poll": "A poll has ended",
        "update": "{name} changed a post",
        "quote": "{name} quotes your post",
    },
}


class WebPushSubscription(TypedDict):
    """Where a client is told of notifications, and of which."""

    id: Id
    endpoint: Url
    standard: bool
    server_key: str
    policy: str
    alerts: dict[str, bool]


def push_subscription(row: PushSubscription, server_key: str) -> WebPushSubscription:
    """Write a WebPushSubscription for the client whose it is."""
    return {
        "id": str(row.id),
        "endpoint": row.endpoint,
        "standard": row.is_standard,
        "server_key": server_key,
        "policy": row.policy.value,
        "alerts": {name: name in row.alerts for name in ALERTS},
    }


def push_payload(view: NotificationView, names: Names, language: str) -> bytes:
    """Write what is pushed of a notification, as JSON."""
    type_, who = TYPE_OF[view.row.type], view.row.actor
    language = language if language in TITLES else "fr"
    post = view.post.post if view.post else None
    body = (post.content_warning or plain_text(post.content_html)) if post else plain_text(who.note_html)
    icon = account(who, names)["avatar"]
    said = {
        "access_token": "",
        "preferred_locale": language,
        "notification_id": str(view.row.id),
        "notification_type": type_,
        "icon": icon if len(icon) <= MAX_ICON else "",
        "title": TITLES[language][type_].format(name=who.name[:MAX_TITLE]),
        "body": body[:MAX_BODY],
    }
    return orjson.dumps(said)
