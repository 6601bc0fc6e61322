"""Poll.   Source: docs.joinmastodon.org/entities/Poll"""

from typing import Any

from server.mastodon.entities.moments import instant
from server.posts.queries import PollView

Entity = dict[str, Any]


def poll(view: PollView) -> Entity:
    """Write a Poll as its viewer sees it; clients want `own_votes` from the public too."""
    row = view.poll
    return {
        "id": str(row.id),
        "expires_at": instant(row.closes_at) if row.closes_at else None,
        "expired": row.closed_at is not None,
        "multiple": row.is_multiple,
        "votes_count": view.votes_total,
        "voters_count": row.voters_count,
        "options": [
            {"title": option.title, "votes_count": option.votes_count if row.shows_totals else None}
            for option in view.options
        ],
        "emojis": [],
        "voted": bool(view.own_votes),
        "own_votes": view.own_votes,
    }
