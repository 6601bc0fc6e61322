"""An event inside a Status: no client knows events, so that it is a text, a Poll to answer by, and a key of our own.

Source: docs.joinmastodon.org/entities/Poll; `event` is ours, and clients leave out what they do not know.
"""

from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urlsplit

from federation import event_polls
from federation.objects import event_line, place
from models.event import JoinMode
from models.post import Attachment, Post
from server.events.queries import EventView, own_votes
from server.mastodon.entities.moments import instant

Entity = dict[str, Any]


def event_poll(view: EventView, post: Post) -> Entity | None:
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


def card(view: EventView, post: Post, picture: Attachment | None) -> Entity | None:
    """Write the PreviewCard of an event that has a picture: its page, with when and where.

    Source: docs.joinmastodon.org/entities/PreviewCard
    """
    if picture is None:
        return None
    return {
        "url": post.url,
        "title": post.title,
        "description": event_line.line(view.event, view.place, post.language),
        "language": post.language,
        "type": "link",
        "author_name": post.actor.name,
        "author_url": post.actor.url,
        "provider_name": urlsplit(post.url).hostname or "",
        "provider_url": "",
        "html": "",
        "width": picture.width or 0,
        "height": picture.height or 0,
        "image": picture.url,
        "image_description": picture.description,
        "embed_url": "",
        "blurhash": picture.blurhash,
        "published_at": None,
        "authors": [],
    }


def details(view: EventView) -> Entity:
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
