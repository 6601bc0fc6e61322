"""The poll in a Question: its options and counts, read from JSON and written to it; and a vote, which is a Note.

Source: Activity Vocabulary (Question, oneOf, anyOf, closed, endTime); Mastodon for `votersCount` and for votes: a Note with
a `name` and no `content`, in reply to the Question, addressed to its author alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from federation import sanitise
from federation.jsonld import Json, each, instant_of, integer_of, is_uri, text_of, type_of, uri_of, written_instant
from models.poll import Poll, PollOption

MAX_OPTIONS = 50
MAX_TITLE_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class ReadPoll:
    """A poll read from JSON. `options` are (title, votes); `voters_count` is None where its home does not tell."""

    is_multiple: bool
    options: tuple[tuple[str, int], ...]
    closes_at: datetime | None
    closed_at: datetime | None
    voters_count: int | None


def read(document: Json, *, now: datetime) -> ReadPoll | None:
    """Read the poll of a Question; None where it offers nothing to choose."""
    is_multiple = bool(document.get("anyOf"))
    offered = [item for item in each(document.get("anyOf") or document.get("oneOf")) if isinstance(item, dict)]
    options: dict[str, int] = {}
    for item in offered[:MAX_OPTIONS]:
        title = sanitise.plain_text(text_of(item.get("name")))[:MAX_TITLE_CHARACTERS]
        replies = item.get("replies")
        count = integer_of(replies.get("totalItems")) if isinstance(replies, dict) else None
        if title:
            options.setdefault(title, count or 0)
    if not options:
        return None
    closes_at = instant_of(document.get("endTime"))
    closed = document.get("closed")
    closed_at = instant_of(closed) or (now if closed is True else None)
    if closed_at is None and closes_at is not None and closes_at <= now:
        closed_at = closes_at
    return ReadPoll(is_multiple, tuple(options.items()), closes_at, closed_at, integer_of(document.get("votersCount")))


def write(poll: Poll, options: Sequence[PollOption]) -> Json:
    """Write what a Question has beyond a Note; `options` in their order."""
    offered = [
        {
            "type": "Note",
            "name": option.title,
            "replies": {"type": "Collection", "totalItems": option.votes_count},
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
    """Whether an object looks like a vote: a Note with a name and no content, in reply to something."""
    if document is None or type_of(document) != "Note" or document.get("content"):
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
