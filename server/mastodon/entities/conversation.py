"""Conversation.   Source: docs.joinmastodon.org/entities/Conversation"""

from typing import Any

from federation.naming import Names
from models.actor import Actor
from server.conversations.queries import ConversationView
from server.mastodon.entities.account import account
from server.mastodon.entities.status import status


def conversation(view: ConversationView, names: Names, viewer: Actor) -> dict[str, Any]:
    """Write a Conversation for the one whose it is."""
    return {
        "id": str(view.row.id),
        "unread": view.row.is_unread,
        "accounts": [account(actor, names) for actor in view.others],
        "last_status": status(view.last, names, viewer),
    }
