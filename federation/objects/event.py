"""When and where an event is, who may come and what there is to do: JSON into columns, and rows into JSON.

What an event has in common with every post is read and written by note.py. Source: Activity Vocabulary (Event); Mobilizon;
FEP-8a8e; Gancio, WordPress Event Bridge, Friendica, Hubzilla for what each of them leaves out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from federation import sanitise
from federation.jsonld import Json, each, instant_of, integer_of, is_uri, text_of, type_of, uri_of, uris_of
from federation.objects import event_line
from federation.objects import place as places
from federation.objects.place import ReadLocation
from federation.uris import same_origin
from models.event import MAX_LINE, Event, EventKind, EventSeries, EventStatus, JoinMode, Place, Shift

USUAL_LENGTH = timedelta(hours=2)
LONGEST = timedelta(days=366)
MAX_CAPACITY = 1_000_000
MAX_GUESTS = 50
MAX_QUESTIONS = 20
MAX_CHOICES = 30
MAX_SHIFTS = 100
MAX_ORGANISERS = 20
QUESTION_KINDS = ("text", "choice", "yes_no")
CATEGORY = "MOVEMENTS_POLITICS"

_KINDS = {
    "MEETING": EventKind.MEETING,
    "PARTY": EventKind.CONVIVIAL,
    "FOOD_DRINK": EventKind.CONVIVIAL,
    "LEARNING": EventKind.TRAINING,
}
_STATUSES = {
    "eventcancelled": EventStatus.CANCELLED,
    "cancelled": EventStatus.CANCELLED,
    "eventpostponed": EventStatus.POSTPONED,
    "tentative": EventStatus.TENTATIVE,
    "eventscheduled": EventStatus.CONFIRMED,
    "eventrescheduled": EventStatus.CONFIRMED,
    "eventmovedonline": EventStatus.CONFIRMED,
    "confirmed": EventStatus.CONFIRMED,
}
_WRITTEN_STATUS = {
    EventStatus.CONFIRMED: ("CONFIRMED", "EventScheduled"),
    EventStatus.TENTATIVE: ("TENTATIVE", "EventScheduled"),
    EventStatus.POSTPONED: ("TENTATIVE", "EventPostponed"),
    EventStatus.CANCELLED: ("CANCELLED", "EventCancelled"),
}
_FEATURES = {"has_wheelchair_access": "wheelchair", "has_sign_language": "signLanguage", "is_streamed": "streaming"}
# Mobilizon hangs them on an event as PropertyValues, which Gancio cannot read.
_PROPERTIES = {
    "has_wheelchair_access": "wheelchair",
    "has_sign_language": "sign_language",
    "is_streamed": "live:stream",
}
_NO = frozenset({"", "no", "false", "0", "none", "not"})


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """An event read from JSON: its columns, and those of its shifts. `organiser_uris` are those it names besides its own."""

    columns: dict[str, Any]
    location: ReadLocation
    shifts: tuple[dict[str, Any], ...]
    series_uri: str | None
    organiser_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WholeEvent:
    """An event with all that is written of it. `organiser_uris` begin with the section that made it."""

    event: Event
    place: Place | None = None
    shifts: Sequence[Shift] = ()
    series: EventSeries | None = None
    organiser_uris: Sequence[str] = ()
    coming: int = 0
    left_of_shifts: dict[int, int] | None = None


def read(document: Json) -> ReadEvent | None:
    """Read when and where an event is; None where nobody could tell when it begins."""
    uri, zone = text_of(document.get("id")), _zone(document)
    starts_at = _moment(document.get("startTime"), zone)
    if starts_at is None:
        return None
    ends_at = _moment(document.get("endTime"), zone)
    is_told = ends_at is not None and starts_at <= ends_at <= starts_at + LONGEST
    location, is_all_day = places.read(document, uri), _is_all_day(document)
    capacity = integer_of(document.get("maximumAttendeeCapacity"), most=MAX_CAPACITY)
    columns = {
        "kind": _kind(document),
        "status": _status(document),
        "starts_at": starts_at,
        "ends_at": ends_at if is_told else starts_at + (timedelta(days=1) if is_all_day else USUAL_LENGTH),
        "is_end_shown": is_told and document.get("displayEndTime") is not False,
        "is_all_day": is_all_day,
        "timezone": zone or _offset_zone(document.get("startTime")),
        "online_url": location.online_url,
        **_features(document),
        **_joining(document),
        "capacity": capacity or None,
        "most_guests": integer_of(document.get("mostGuests"), most=MAX_GUESTS) or 0,
        "questions": _questions(document.get("questions")),
        "participants_count": integer_of(document.get("participantCount")) or _total(document.get("attendees")),
        "remaining_places": integer_of(document.get("remainingAttendeeCapacity")) if capacity else None,
    }
    series_uri = uri_of(document.get("superEvent"))
    organisers = tuple(found for found in uris_of(_listed(document.get("organizers"))) if is_uri(found))
    return ReadEvent(
        columns,
        location,
        _shifts(document, uri, zone),
        series_uri if series_uri and same_origin(series_uri, uri) else None,
        organisers[:MAX_ORGANISERS],
    )


def _zone(document: Json) -> str:
    named = document.get("timezone")
    return named if isinstance(named, str) and named in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _moment(value: Any, zone: str) -> datetime | None:
    """Read a time; one without an offset is what the clock shows in the event's zone, or in UTC."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        naive = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if naive.tzinfo is None and zone:
        try:
            return instant_of(naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).isoformat())
        except (ValueError, OverflowError):
            return None
    return instant_of(value)


def _is_all_day(document: Json) -> bool:
    """Whether it is a day, not an hour: said so, or without a time."""
    value = document.get("startTime")
    return document.get("isAllDay") is True or (isinstance(value, str) and len(value.strip()) == 10)


def _offset_zone(value: Any) -> str:
    """Name the zone of a whole number of hours that a time is written in; '' for any other, and for UTC."""
    try:
        offset = datetime.fromisoformat(value.strip()).utcoffset()
    except (AttributeError, ValueError):
        return ""
    hours, rest = divmod(offset or timedelta(), timedelta(hours=1))
    name = f"Etc/GMT{-hours:+d}"
    return name if hours and not rest and name in _zones() else ""


def _kind(document: Json) -> EventKind:
    for named in (*each(document.get("additionalType")), *each(document.get("category"))):
        if not isinstance(named, str):
            continue
        if named in set(EventKind):
            return EventKind(named)
        if (kind := _KINDS.get(named.upper())) is not None:
            return kind
    return EventKind.OTHER


def _status(document: Json) -> EventStatus:
    """Read whether it takes place; what FEP-8a8e says counts more than what iCalendar's word does."""
    for name in ("eventStatus", "status", "ical:status"):
        for item in each(document.get(name)):
            word = str(item.get("id") or item.get("@id") or "") if isinstance(item, dict) else str(item)
            word = word.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2].lower()
            if (status := _STATUSES.get(word)) is not None:
                return status
    return EventStatus.CONFIRMED


def _features(document: Json) -> dict[str, bool]:
    named = set(uris_of(document.get("accessibilityFeature")))
    hung = [item for item in each(document.get("attachment")) if type_of(item) == "PropertyValue"]
    told = [text_of(item.get("propertyID")).lower() for item in hung if _is_yes(item.get("value"))]
    return {
        column: word in named
        or any(_PROPERTIES[column] in name.replace("signlanguage", "sign_language") for name in told)
        for column, word in _FEATURES.items()
    }


def _is_yes(value: Any) -> bool:
    return value is not False and value is not None and str(value).strip().lower() not in _NO


def _joining(document: Json) -> dict[str, Any]:
    mode, url = document.get("joinMode"), sanitise.safe_url(uri_of(document.get("externalParticipationUrl")))
    known = JoinMode(mode) if isinstance(mode, str) and mode in set(JoinMode) else JoinMode.FREE
    if known is JoinMode.EXTERNAL and url is None:  # 'none' is no word of Mobilizon's
        known = JoinMode.NONE
    return {"join_mode": known, "external_url": url or ""}


def _questions(value: Any) -> list[dict[str, Any]]:
    """Read what whoever comes is asked; what has no label, or nothing to choose from, is left out."""
    found: dict[str, dict[str, Any]] = {}
    for item in each(value):
        if not isinstance(item, dict):
            continue
        id_, label, kind = _line(item.get("id")), _line(item.get("label")), text_of(item.get("kind"))
        choices = [choice for part in each(item.get("choices")) if (choice := _line(part))][:MAX_CHOICES]
        if not id_ or not label or kind not in QUESTION_KINDS or (kind == "choice" and not choices):
            continue
        question = {"id": id_, "label": label, "kind": kind, "choices": choices if kind == "choice" else []}
        found.setdefault(id_, question | {"is_required": item.get("is_required") is True})
    return list(found.values())[:MAX_QUESTIONS]


def _line(value: Any) -> str:
    return " ".join(sanitise.plain_text(text_of(value)).split())[:MAX_LINE].strip()


def _total(value: Any) -> int | None:
    return integer_of(value.get("totalItems")) if isinstance(value, dict) else None


def _listed(value: Any) -> Any:
    """Give what a collection lists, where it is embedded; a list stands for itself."""
    if isinstance(value, dict) and type_of(value) in ("Collection", "OrderedCollection"):
        return [*each(value.get("orderedItems")), *each(value.get("items"))]
    return value if isinstance(value, list) else None


def _shifts(document: Json, event_uri: str, zone: str) -> tuple[dict[str, Any], ...]:
    """Read what there is to do, as columns of Shift."""
    found: dict[str, dict[str, Any]] = {}
    for item in each(document.get("subEvent")):
        if not isinstance(item, dict) or not is_uri(uri := item.get("id")) or not same_origin(uri, event_uri):
            continue
        name, starts_at = _line(item.get("name")), _moment(item.get("startTime"), zone)
        ends_at = _moment(item.get("endTime"), zone)
        if not name or starts_at is None or ends_at is None or ends_at < starts_at:
            continue
        found.setdefault(
            uri,
            {
                "uri": uri,
                "name": name,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "places": integer_of(item.get("maximumAttendeeCapacity"), most=MAX_CAPACITY) or 1,
                "remaining_places": integer_of(item.get("remainingAttendeeCapacity"), most=MAX_CAPACITY),
            },
        )
    return tuple({"position": position} | row for position, row in enumerate([*found.values()][:MAX_SHIFTS]))


def write(whole: WholeEvent, event_uri: str) -> Json:
    """Write what an event of ours has beyond any post. Totals are told, nobody's name."""
    event = whole.event
    status, event_status = _WRITTEN_STATUS[event.status]
    written: Json = {
        "additionalType": event.kind.value,
        "category": CATEGORY,
        "status": status,
        "ical:status": status,
        "eventStatus": event_status,
        "startTime": clock(event.starts_at, event.timezone),
        "endTime": clock(event.ends_at, event.timezone),
        "displayEndTime": event.is_end_shown,
        "isAllDay": event.is_all_day,
        "isOnline": bool(event.online_url) and whole.place is None,
        "joinMode": event.join_mode.value if event.join_mode is not JoinMode.NONE else JoinMode.EXTERNAL.value,
        "anonymousParticipationEnabled": event.join_mode in (JoinMode.FREE, JoinMode.RESTRICTED),
        "repliesModerationOption": "allow_all",
        "commentsEnabled": True,
        "participantCount": whole.coming,
        "attendees": {"id": f"{event_uri}/attendees", "type": "OrderedCollection", "totalItems": whole.coming},
        "organizers": {
            "id": f"{event_uri}/organizers",
            "type": "OrderedCollection",
            "totalItems": len(whole.organiser_uris),
            "orderedItems": list(whole.organiser_uris),
        },
    }
    optional = {
        "timezone": event.timezone,
        "location": _location(whole),
        "accessibilityFeature": [word for column, word in _FEATURES.items() if getattr(event, column)],
        "maximumAttendeeCapacity": event.capacity,
        "externalParticipationUrl": event.external_url,
        "mostGuests": event.most_guests,
        "questions": event.questions,
        "superEvent": whole.series.uri if whole.series else None,
        "subEvent": [write_shift(shift, event.timezone, whole.left_of_shifts or {}) for shift in whole.shifts],
    }
    if event.capacity is not None:
        written["remainingAttendeeCapacity"] = max(event.capacity - whole.coming, 0)
    return written | {name: value for name, value in optional.items() if value}


def clock(moment: datetime, zone: str) -> str:
    """Write a time as the clock shows it there, with its offset: '2026-12-05T14:00:00+01:00'."""
    local = moment.astimezone(ZoneInfo(zone) if zone else UTC).replace(microsecond=0)
    return local.isoformat() if local.utcoffset() else local.strftime("%Y-%m-%dT%H:%M:%SZ")


def _location(whole: WholeEvent) -> Json | None:
    """Write one location, never a list, which Mobilizon cannot read: the place, or else the page."""
    if whole.place is not None:
        return places.write(whole.place)
    return places.write_online(whole.event.online_url, "En ligne") if whole.event.online_url else None


def write_shift(shift: Shift, zone: str, left: dict[int, int]) -> Json:
    """Write a shift; it is called an Object, so that nobody lists it as an event of its own."""
    return {
        "id": shift.uri,
        "type": "Object",
        "name": shift.name,
        "startTime": clock(shift.starts_at, zone),
        "endTime": clock(shift.ends_at, zone),
        "maximumAttendeeCapacity": shift.places,
        "remainingAttendeeCapacity": left.get(shift.id, shift.places),
    }


def summary(whole: WholeEvent, language: str | None) -> str:
    """Write when and where as a paragraph, in the event's language."""
    return event_line.html(whole.event, whole.place, language)


def links(event: Event, page_url: str) -> list[Json]:
    """Write the pages of an event as attachments: where it is met online, else its own page (Mobilizon, WordPress)."""
    return [{"type": "Link", "mediaType": "text/html", "name": "Website", "href": event.online_url or page_url}]
