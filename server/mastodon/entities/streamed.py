"""What a stream tells, as clients read it.   Source: docs.joinmastodon.org/methods/streaming#events"""

import orjson

from federation.naming import Names
from models.actor import Actor
from server.mastodon.entities.conversation import Conversation, conversation
from server.mastodon.entities.notification import TYPE_OF, Notification, notification
from server.mastodon.entities.status import Status, status
from server.streaming.connections import Event, EventKind

NOTHING = "undefined"  # what Mastodon's own server writes where an event tells no more than its name


def payload(event: Event, names: Names, viewer: Actor) -> str | None:
    """Write what an event tells, as JSON, or the id of what was deleted; None for what clients do not know."""
    if event.kind is EventKind.FILTERS_CHANGED:
        return NOTHING
    if event.kind is EventKind.NOTIFICATIONS_MERGED:
        return "1"
    if event.kind is EventKind.DELETE:
        return str(event.item)
    if event.kind is EventKind.NOTIFICATION:
        if event.item.row.type not in TYPE_OF:
            return None
        written: Notification | Conversation | Status = notification(event.item, names, viewer)
    elif event.kind is EventKind.CONVERSATION:
        written = conversation(event.item, names, viewer)
    else:
        written = status(event.item, names, viewer)
    return orjson.dumps(written).decode()


def message(event: Event, text: str) -> str:
    """Write an event for a WebSocket: {"stream": […], "event": …, "payload": "…"}, without the last where it is nothing."""
    written = {"stream": event.stream.words, "event": event.kind.value}
    return orjson.dumps(written if text == NOTHING else written | {"payload": text}).decode()


def server_sent(event: Event, text: str) -> str:
    """Write an event as a server-sent one.   Source: HTML standard §9.2.5"""
    return f"event: {event.kind.value}\ndata: {text}\n\n"
