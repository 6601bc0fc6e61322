"""The poll in a Question: its options and counts, read from JSON and written to it; and a vote, which is a Note.

Source: Activity Vocabulary (Question, oneOf, anyOf, closed, endTime); Mastodon for `votersCount` and for votes: a Note with
a `name` and no `content`, in reply to the Question, addressed to its author alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.jsonld import Json, each, instant_of, integer_of, is_uri, text_of, type_of, uri_of, written_instant
from models.poll import Poll, PollOption

MAX_OPTIONS = 50
MAX_TITLE_CHARACTERS = 500

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class ReadPoll:
    """A poll read from JSON. `options` are (title, votes); `voters_count` is None where its home does not tell.

    `hides_totals` is true where an open poll comes without its counts.
    """

    is_multiple: bool
    options: tuple[tuple[str, int], ...]
    closes_at: datetime | None
    closed_at: datetime | None
    voters_count: int | None
    hides_totals: bool

    @property
    def titles(self) -> list[str]:
        """What there is to choose, in order."""
        return [title for title, _ in self.options]


def read(document: Json, *, now: datetime) -> ReadPoll | None:
    """Read the poll of a Question; None where it offers nothing to choose."""
    is_multiple = bool(document.get("anyOf"))
    offered = [item for item in each(document.get("anyOf") or document.get("oneOf")) if isinstance(item, dict)]
    options: dict[str, int | None] = {}
    for item in offered[:MAX_OPTIONS]:
        title = title_of(item.get("name"))
        replies = item.get("replies")
        count = integer_of(replies.get("totalItems")) if isinstance(replies, dict) else None
        if title.strip():
            options.setdefault(title, count)
    if not options:
        return None
    closes_at, closed_at = _read_end(document, now)
    return ReadPoll(
        is_multiple=is_multiple,
        options=tuple((title, count or 0) for title, count in options.items()),
        closes_at=closes_at,
        closed_at=closed_at,
        voters_count=integer_of(document.get("votersCount")),
        hides_totals=closed_at is None and all(count is None for count in options.values()),
    )


def _read_end(document: Json, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Read when the poll closes, and when it closed. `closed` may be a time, true, or a time still to come."""
    closes_at, closed = instant_of(document.get("endTime")), document.get("closed")
    stated = instant_of(closed)
    if stated is not None and stated > now:
        return closes_at or stated, None
    if stated is not None or closed is True:
        return closes_at, stated or now
    return closes_at, closes_at if closes_at is not None and closes_at <= now else None


def title_of(value: object) -> str:
    """Read the name of an option, or of a vote for it. It is text, not HTML, and a vote must name it to the letter."""
    return _UNFIT.sub("", text_of(value))[:MAX_TITLE_CHARACTERS]


def write(poll: Poll, options: Sequence[PollOption]) -> Json:
    """Write what a Question has beyond a Note; `options` in their order. Totals that are hidden stay here."""
    offered = [
        {
            "type": "Note",
            "name": option.title,
            "replies": {"type": "Collection"} | ({"totalItems": option.votes_count} if poll.shows_totals else {}),
        }
        for option in options
    ]
    written: Json = {"anyOf" if poll.is_multiple else "oneOf": offered}
    if poll.voters_count is not None:
        written["votersCount"] = poll.voters_count
    if poll.closes_at:
        written["endTime"] = written_instant(poll.closes_at)
    if poll.closed_at:
        written["closed"] = written_instant(poll.closed_at)
    return written


def is_vote(document: Json | None) -> bool:
    """Whether an object looks like a vote: a Note with a name and nothing else to read, in reply to something."""
    if document is None or type_of(document) != "Note" or document.get("content") or document.get("attachment"):
        return False
    return bool(text_of(document.get("name"))) and is_uri(uri_of(document.get("inReplyTo")))


def write_vote(uri: str, voter_uri: str, title: str, question_uri: str, author_uri: str) -> Json:
    """Write a vote of a member of ours, for the author of the Question and nobody else."""
    return {
        "id": uri,
        "type": "Note",
        "attributedTo": voter_uri,
        "name": title,
        "inReplyTo": question_uri,
        "to": [author_uri],
    }
