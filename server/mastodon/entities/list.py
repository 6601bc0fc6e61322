"""List.   Source: docs.joinmastodon.org/entities/List"""

from typing import TypedDict

from models.lists import ReadingList
from server.mastodon.entities.kinds import Id


class List(TypedDict):
    """Some of those whom a member follows, read apart."""

    id: Id
    title: str
    replies_policy: str
    exclusive: bool


def list_(row: ReadingList) -> List:
    """Write a List."""
    return {
        "id": str(row.id),
        "title": row.title,
        "replies_policy": row.replies_policy.value,
        "exclusive": row.is_exclusive,
    }
