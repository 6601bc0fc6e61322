"""What search engines and previews are told of an event, in the head of its page.

The data stands in a script element that no browser runs: the content security policy forbids those it would.
Source: https://schema.org/Event; JSON-LD 1.1
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from markupsafe import Markup

from federation.jsonld import Json
from federation.objects import event_line
from federation.objects.event import clock
from models.event import Event, EventStatus, Place
from server.events.queries import EventView
from server.posts.queries import PostView
from web.shared.rendering import excerpt

SCHEMA = "https://schema.org/"
_STATUSES = {EventStatus.CANCELLED: "EventCancelled", EventStatus.POSTPONED: "EventPostponed"}
_ADDRESS = {
    "street": "streetAddress",
    "postal_code": "postalCode",
    "locality": "addressLocality",
    "region": "addressRegion",
    "country": "addressCountry",
}
# Wherever JSON has these, they stand in a text, and mean the same there when written so.
_UNSAFE_IN_SCRIPT = {
    "<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventHead:
    """What the head of an event's page says: when and where in one line, its data, and from when to when (ISO 8601)."""

    line: str
    data: Markup
    starts: str
    ends: str


def event_head(view: PostView) -> EventHead | None:
    """Write what the head says of an event; None for any other post."""
    if view.event is None:
        return None
    line = event_line.line(view.event.event, view.event.place, view.post.language)
    starts, ends = _times(view.event.event)
    return EventHead(line, in_script(_data(view, view.event)), starts, ends)


def in_script(document: Json) -> Markup:
    """Write JSON so that it may stand in a script element: nothing in it ends that, or begins a comment."""
    text = orjson.dumps(document).decode()
    for found, written in _UNSAFE_IN_SCRIPT.items():
        text = text.replace(found, written)
    return Markup(text)  # noqa: S704 - nothing is left in it that HTML would read


def _times(event: Event) -> tuple[str, str]:
    """Write from when to when; '' where nobody said when it ends."""
    starts, ends = clock(event.starts_at, event.timezone), clock(event.ends_at, event.timezone)
    if event.is_all_day:
        return starts[:10], clock(event.ends_at - timedelta(seconds=1), event.timezone)[:10]
    return starts, ends if event.is_end_shown else ""


def _data(view: PostView, held: EventView) -> Json:
    event, post = held.event, view.post
    starts, ends = _times(event)
    is_online, is_somewhere = bool(event.online_url), held.place is not None
    mode = "Mixed" if is_online and is_somewhere else "Online" if is_online else "Offline"
    places = [
        *([_place(held.place)] if held.place is not None else []),
        *([{"@type": "VirtualLocation", "url": event.online_url}] if is_online else []),
    ]
    written: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": post.uri,
        "name": post.title,
        "description": excerpt(post.content_html, 500),
        "url": post.url or post.uri,
        "startDate": starts,
        "endDate": ends,
        "eventStatus": SCHEMA + _STATUSES.get(event.status, "EventScheduled"),
        "eventAttendanceMode": f"{SCHEMA}{mode}EventAttendanceMode",
        "location": places if len(places) > 1 else next(iter(places), None),
        "organizer": [
            {"@type": "Organization" if actor.is_group else "Person", "name": actor.name, "url": actor.url or actor.uri}
            for actor in held.organisers
        ],
        "image": view.picture.url if view.picture is not None else None,
        "inLanguage": post.language,
        "maximumAttendeeCapacity": event.capacity,
        "remainingAttendeeCapacity": held.left,
        "superEvent": {"@type": "EventSeries", "@id": held.series.uri} if held.series is not None else None,
    }
    return {name: value for name, value in written.items() if value not in (None, "", [])}


def _place(place: Place) -> Json:
    address = {name: value for column, name in _ADDRESS.items() if (value := getattr(place, column))}
    written: Json = {"@type": "Place", "name": place.name or place.street or place.locality}
    if address:
        written["address"] = {"@type": "PostalAddress"} | address
    if place.latitude is not None and place.longitude is not None:
        written["geo"] = {"@type": "GeoCoordinates", "latitude": place.latitude, "longitude": place.longitude}
    return written
