"""ScheduledStatus.   Source: docs.joinmastodon.org/entities/ScheduledStatus"""

from collections.abc import Sequence
from typing import Any

from federation.naming import Names
from models.media import Media
from models.post import Visibility
from models.scheduled import ScheduledPost
from server.mastodon.entities.media import own_attachment
from server.mastodon.entities.moments import instant
from server.mastodon.entities.status import WORD_OF

Entity = dict[str, Any]


def scheduled_status(row: ScheduledPost, pictures: Sequence[Media], names: Names) -> Entity:
    """Write a ScheduledStatus, with the pictures it has."""
    draft = row.draft
    by_id = {media.id: media for media in pictures}
    shown = [by_id[id_] for id_ in draft["media_ids"] if id_ in by_id]
    return {
        "id": str(row.id),
        "scheduled_at": instant(row.due_at),
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


def _poll(poll: dict[str, Any]) -> Entity:
    return {
        "options": poll["options"],
        "expires_in": str(poll["open_seconds"]),
        "multiple": poll["is_multiple"],
        "hide_totals": poll["hides_totals"],
    }


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
