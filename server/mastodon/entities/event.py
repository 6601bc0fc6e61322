"""An event inside a Status: no client knows events, so that it is a text, a Poll to answer by, and a key of our own.

Source: docs.joinmastodon.org/entities/Poll; `event` is ours, and clients leave out what they do not know.
"""

from datetime import UTC, datetime
from html import escape
from typing import TypedDict

from federation import event_polls
from federation.objects import event_line, place
from models.event import JoinMode
from models.post import Post
from server.events.queries import EventView, own_votes
from server.mastodon.entities.kinds import Instant
from server.mastodon.entities.moments import instant
from server.mastodon.entities.poll import Poll


class Place(TypedDict):
    """Where an event takes place."""

    name: str
    latitude: float | None
    longitude: float | None


class EventDetails(TypedDict):
    """What only an event has: a key of ours in its Status."""

    start: Instant
    end: Instant | None
    all_day: bool
    timezone: str | None
    kind: str
    status: str
    place: Place | None
    online_url: str | None
    join_mode: str
    left: int | None


def event_poll(view: EventView, post: Post) -> Poll | None:
    """Write the Poll by which one answers an event, under the event's id; None where one does not come by asking.

    Nobody is told how many chose what.
    """
    event, votes = view.event, own_votes(view.own)
    if event.join_mode in (JoinMode.NONE, JoinMode.EXTERNAL):
        return None
    return {
        "id": str(post.id),
        "expires_at": instant(event.starts_at),
        "expired": not event.takes_place or event.starts_at <= datetime.now(UTC),
        "multiple": False,
        "votes_count": 0,
        "voters_count": None,
        "options": [{"title": title, "votes_count": None} for title in event_polls.titles(post.language)],
        "emojis": [],
        "voted": bool(votes),
        "own_votes": votes,
    }


def content(view: EventView, post: Post) -> str:
    """Give the HTML of an event: its title, when and where, its text, its page."""
    line = event_line.html(view.event, view.place, post.language)
    page = f'<p><a href="{escape(post.url)}">{escape(post.url)}</a></p>'
    return f"<p><strong>{escape(post.title)}</strong></p>{line}{post.content_html}{page}"


def details(view: EventView) -> EventDetails:
    """Write what only an event has, for clients that wish to show it."""
    event, where = view.event, view.place
    return {
        "start": instant(event.starts_at),
        "end": instant(event.ends_at) if event.is_end_shown else None,
        "all_day": event.is_all_day,
        "timezone": event.timezone or None,
        "kind": event.kind.value,
        "status": event.status.value,
        "place": {
            "name": place.full_name(where),
            "latitude": where.latitude,
            "longitude": where.longitude,
        }
        if where is not None
        else None,
        "online_url": event.online_url or None,
        "join_mode": event.join_mode.value,
        "left": view.left,
    }
