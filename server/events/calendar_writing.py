"""Events as calendar programs read them. Nobody who comes is ever named.

Source: RFC 5545; RFC 7986 (NAME, REFRESH-INTERVAL, CONFERENCE, IMAGE); X-WR-CALNAME, which many read in place of NAME.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
from icalendar import Calendar

from federation import sanitise
from federation.objects import event_line
from federation.objects import place as places
from models.actor import Actor
from models.event import Event, EventKind, EventStatus
from models.participation import ParticipationState
from models.post import Attachment, Post, Visibility
from server.config import VERSION
from server.events.queries import EventView
from server.events.time_zones import described
from server.posts.queries import PostView

MEDIA_TYPE = "text/calendar; charset=utf-8"
REFRESH = timedelta(hours=1)
DAY = timedelta(days=1)

_NEVER = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_NOT_IN_PARAMETERS = str.maketrans({'"': "'", "^": "'"})
_STATUSES = {
    EventStatus.CONFIRMED: "CONFIRMED",
    EventStatus.TENTATIVE: "TENTATIVE",
    EventStatus.POSTPONED: "TENTATIVE",
    EventStatus.CANCELLED: "CANCELLED",
}
KIND_WORDS = {
    "fr": {
        EventKind.MEETING: "Réunion", EventKind.RALLY: "Réunion publique", EventKind.LEAFLETING: "Tractage",
        EventKind.CANVASSING: "Porte-à-porte", EventKind.DEBATE: "Débat", EventKind.TRAINING: "Formation",
        EventKind.CONVIVIAL: "Convivialité", EventKind.ONLINE: "En ligne",
    },
    "en": {
        EventKind.MEETING: "Meeting", EventKind.RALLY: "Public meeting", EventKind.LEAFLETING: "Leafleting",
        EventKind.CANVASSING: "Door-to-door", EventKind.DEBATE: "Debate", EventKind.TRAINING: "Training",
        EventKind.CONVIVIAL: "Convivial", EventKind.ONLINE: "Online",
    },
}  # fmt: skip
_STATES = {
    "fr": {EventStatus.CANCELLED: "Annulé", EventStatus.POSTPONED: "Reporté"},
    "en": {EventStatus.CANCELLED: "Cancelled", EventStatus.POSTPONED: "Postponed"},
}
_ANSWERS = {
    "fr": {
        ParticipationState.TENTATIVE: "Vous avez répondu : peut-être.",
        ParticipationState.WAITING: "Vous êtes sur la liste d’attente.",
        ParticipationState.REQUESTED: "Votre demande attend une réponse.",
    },
    "en": {
        ParticipationState.TENTATIVE: "You answered: perhaps.",
        ParticipationState.WAITING: "You are on the waiting list.",
        ParticipationState.REQUESTED: "Your request waits for an answer.",
    },
}


def write(name: str, views: Sequence[PostView], *, language: str | None = None) -> bytes:
    """Write a calendar called `name` of the events among these posts.

    `language` is that in which a member is told what they answered.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//Coopole//Coopole {VERSION}//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", _line(name))
    calendar.add("x-wr-calname", _line(name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH, parameters={"VALUE": "DURATION"})
    shown = [(view.post, view.event, view) for view in views if view.event is not None]
    for zone, first, last in _zones([event.event for _, event, _ in shown]):
        calendar.add_component(described(zone, first, last))
    for post, event, view in shown:
        component = _component(post, event, [tag.shown for tag in view.tags], language)
        if post.is_local and view.picture is not None:  # what is not ours would tell another server who reads this
            _add_picture(component, view.picture)
        calendar.add_component(component)
    return bytes(calendar.to_ical())


def _zones(events: Sequence[Event]) -> list[tuple[str, int, int]]:
    """Tell for which years each time zone must be described."""
    years: dict[str, list[int]] = {}
    for event in events:
        if event.timezone and not event.is_all_day:
            years.setdefault(event.timezone, []).extend((event.starts_at.year, event.ends_at.year))
    return [(zone, min(of) - 1, max(of) + 1) for zone, of in sorted(years.items())]


def _component(post: Post, view: EventView, tags: Sequence[str], language: str | None) -> icalendar.Event:
    event, spoken = view.event, event_line.spoken(post.language)
    changed_at = (post.edited_at or post.published_at).astimezone(UTC).replace(microsecond=0)
    written = icalendar.Event()
    written.add("uid", post.uri)
    written.add("dtstamp", changed_at)
    written.add("created", post.published_at.astimezone(UTC).replace(microsecond=0))
    written.add("last-modified", changed_at)
    written.add("sequence", event.sequence)
    _add_times(written, event)
    state = _STATES[spoken].get(event.status)
    written.add("summary", f"{state} - {_line(post.title)}" if state else _line(post.title))
    written.add("status", _STATUSES[event.status])
    written.add("class", "PUBLIC" if post.visibility in (Visibility.PUBLIC, Visibility.UNLISTED) else "PRIVATE")
    written.add("url", post.url or post.uri)
    written.add("description", _description(post, view, language))
    _add_place(written, view)
    kind = KIND_WORDS[spoken].get(event.kind)
    if categories := [*([kind] if kind else []), *map(_line, tags)]:
        written.add("categories", categories)
    if view.organisers:
        _add_organiser(written, view.organisers[0])
    return written


def _add_times(written: icalendar.Event, event: Event) -> None:
    """Say from when to when; without an end where nobody said one, and in days where it is one of days."""
    zone = ZoneInfo(event.timezone) if event.timezone else UTC
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.is_all_day:
        written.add("dtstart", starts.date())
        written.add("dtend", max(_day_after(ends), starts.date() + DAY))
        return
    written.add("dtstart", starts.replace(microsecond=0))
    if event.is_end_shown:
        written.add("dtend", ends.replace(microsecond=0))


def _day_after(ends: datetime) -> date:
    """Give the first day that is no longer of it."""
    return (ends - timedelta(seconds=1)).date() + DAY


def _description(post: Post, view: EventView, language: str | None) -> str:
    """Write what an event is about as plain text, then the page where people meet, and what the member answered."""
    own = view.own.state if view.own is not None and language is not None else None
    parts = [
        _ANSWERS[event_line.spoken(language)].get(own, "") if own is not None else "",
        _paragraphs(sanitise.plain_text(post.content_html)),
        view.event.online_url,
        post.url or post.uri,
    ]
    return "\n\n".join(part for part in parts if part)


def _add_place(written: icalendar.Event, view: EventView) -> None:
    event, place = view.event, view.place
    where = _line(places.full_name(place)) if place is not None else ""
    if where or event.online_url:
        written.add("location", where or event.online_url)
    if event.online_url:
        written.add("conference", event.online_url, parameters={"VALUE": "URI", "FEATURE": "VIDEO"})
    if place is not None and place.latitude is not None and place.longitude is not None:
        written.add("geo", (place.latitude, place.longitude))


def _add_picture(written: icalendar.Event, picture: Attachment) -> None:
    """Show the cover of an event.   Source: RFC 7986 §5.10"""
    told = {"VALUE": "URI", "DISPLAY": "FULLSIZE", "FMTTYPE": picture.media_type}
    written.add("image", picture.url, parameters=told)


def _add_organiser(written: icalendar.Event, organiser: Actor) -> None:
    """Name who organises, by the address of their page: a calendar is to write to nobody."""
    address = icalendar.vCalAddress(organiser.url or organiser.uri)
    address.params["CN"] = _line(organiser.name).translate(_NOT_IN_PARAMETERS)
    written["ORGANIZER"] = address


def _paragraphs(text: str) -> str:
    """Give text without what no calendar can hold."""
    return _NEVER.sub("", _LINE_ENDS.sub("\n", text))


def _line(text: str) -> str:
    return " ".join(_paragraphs(text).split())
