"""Poll.   Source: docs.joinmastodon.org/entities/Poll"""

from typing import TypedDict

from server.mastodon.entities.account import CustomEmoji
from server.mastodon.entities.kinds import Id, Instant
from server.mastodon.entities.moments import instant
from server.posts.queries import PollView


class PollOption(TypedDict):
    """What may be chosen; None where totals are hidden."""

    title: str
    votes_count: int | None


class Poll(TypedDict):
    """A question with answers to choose from."""

    id: Id
    expires_at: Instant | None
    expired: bool
    multiple: bool
    votes_count: int
    voters_count: int | None
    options: list[PollOption]
    emojis: list[CustomEmoji]
    voted: bool
    own_votes: list[int]


def poll(view: PollView) -> Poll:
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
