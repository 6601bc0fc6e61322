"""What search engines and previews are told of an event, in the head of its page.

The data stands in a script element that no browser runs: the content security policy forbids those it would.
Source: https://schema.org/Event; JSON-LD 1.1
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from federation.jsonld import Json
from federation.objects import event_line
from federation.objects.event import clock
from models.event import Event, EventStatus, Place
from server.events.queries import EventView
from server.posts.queries import PostView
from web.shared.rendering import excerpt
from web.shared.structured import SCHEMA, SCHEMA_ORG, in_script

_STATUSES = {EventStatus.CANCELLED: "EventCancelled", EventStatus.POSTPONED: "EventPostponed"}
_ADDRESS = {
    "street": "streetAddress",
    "postal_code": "postalCode",
    "locality": "addressLocality",
    "region": "addressRegion",
    "country": "addressCountry",
}


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
        "@context": SCHEMA_ORG,
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
