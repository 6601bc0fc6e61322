"""ScheduledStatus.   Source: docs.joinmastodon.org/entities/ScheduledStatus"""

from collections.abc import Sequence
from typing import Any, TypedDict

from federation.naming import Names
from models.media import Media
from models.post import Visibility
from models.scheduled import ScheduledPost
from server.mastodon.entities.kinds import Id, Instant
from server.mastodon.entities.media import MediaAttachment, own_attachment
from server.mastodon.entities.moments import instant
from server.mastodon.entities.status import WORD_OF


class ScheduledPoll(TypedDict):
    """The poll that a scheduled status will have."""

    options: list[str]
    expires_in: str
    multiple: bool
    hide_totals: bool


class ScheduledParams(TypedDict):
    """What a scheduled status will be."""

    text: str
    poll: ScheduledPoll | None
    media_ids: list[Id] | None
    sensitive: bool
    spoiler_text: str
    visibility: str
    in_reply_to_id: Id | None
    quoted_status_id: Id | None
    language: str | None
    scheduled_at: Instant | None
    idempotency: str | None
    application_id: int
    with_rate_limit: bool


class ScheduledStatus(TypedDict):
    """A status that will be published later."""

    id: Id
    scheduled_at: Instant
    params: ScheduledParams
    media_attachments: list[MediaAttachment]


def scheduled_status(row: ScheduledPost, pictures: Sequence[Media], names: Names) -> ScheduledStatus:
    """Write a ScheduledStatus, with the pictures it has."""
    draft = row.draft
    by_id = {media.id: media for media in pictures}
    shown = [by_id[id_] for id_ in draft["media_ids"] if id_ in by_id]
    return {
        "id": str(row.id),
        "scheduled_at": instant(row.due_at or row.created_at),
        "params": {
            "text": draft["text"],
            "poll": _poll(draft["poll"]) if draft["poll"] else None,
            "media_ids": [str(media.id) for media in shown] or None,
            "sensitive": draft["is_sensitive"],
            "spoiler_text": draft["content_warning"],
            "visibility": WORD_OF[Visibility(draft["visibility"])],
            "in_reply_to_id": _id(draft["in_reply_to_id"]),
            "quoted_status_id": _id(draft["quoted_id"]),
            "language": draft["language"],
            "scheduled_at": None,
            "idempotency": None,
            "application_id": 0,
            "with_rate_limit": False,
        },
        "media_attachments": [own_attachment(media, names) for media in shown],
    }


def _poll(poll: dict[str, Any]) -> ScheduledPoll:
    return {
        "options": poll["options"],
        "expires_in": str(poll["open_seconds"]),
        "multiple": poll["is_multiple"],
        "hide_totals": poll["hides_totals"],
    }


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
