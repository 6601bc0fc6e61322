"""List.   Source: docs.joinmastodon.org/entities/List"""

from typing import Any

from models.lists import ReadingList

Entity = dict[str, Any]


def list_(row: ReadingList) -> Entity:
    """Write a List."""
    return {
        "id": str(row.id),
        "title": row.title,
        "replies_policy": row.replies_policy.value,
        "exclusive": row.is_exclusive,
    }
