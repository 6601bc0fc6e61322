"""Conversation.   Source: docs.joinmastodon.org/entities/Conversation"""

from typing import TypedDict

from federation.naming import Names
from models.actor import Actor
from server.conversations.queries import ConversationView
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Id
from server.mastodon.entities.status import Status, status


class Conversation(TypedDict):
    """What a member and a few others write to each other."""

    id: Id
    unread: bool
    accounts: list[Account]
    last_status: Status


def conversation(view: ConversationView, names: Names, viewer: Actor) -> Conversation:
    """Write a Conversation for the one whose it is."""
    return {
        "id": str(view.row.id),
        "unread": view.row.is_unread,
        "accounts": [account(actor, names) for actor in view.others],
        "last_status": status(view.last, names, viewer),
    }
