"""Reading a calendar file that anybody may have written: what can be announced of it, and why the rest cannot.

Time zones that a file describes itself are passed over: their rules could keep us reckoning for ever, and every program
names the zones of IANA or Windows, too. Who organises and who comes is not even read.
Source: RFC 5545
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar

from federation import sanitise
from models.event import MAX_LINE, EventStatus
from server.errors import AppError, Invalid
from server.events.calendar_values import Component, degrees_of, kind_of, line_of, paragraphs_of, picture_of, repeats
from server.events.drafts import MAX_CHARACTERS, MAX_TITLE_CHARACTERS, EventDraft, PlaceDraft, check
from server.events.recurrence import occurrences

MAX_BYTES = 1_048_576
MAX_EVENTS = 500
MAX_FOUND = 1000
MAX_REPEATING = 50
MAX_EVENT_LINES = 300
MAX_LINE_CHARACTERS = 100_000
MAX_PROBLEMS = 50

_READ = frozenset(
    {
        "UID", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "DESCRIPTION", "LOCATION", "GEO", "URL",
        "CONFERENCE", "STATUS", "CATEGORIES", "RRULE", "RDATE", "EXDATE", "IMAGE",
    }
)  # fmt: skip
_UNREADABLE = Invalid("It is not written as a calendar is.").message
_FOLD = re.compile("\r?\n[ \t]")
_NAME = re.compile("[A-Za-z-]{1,32}")
_STATUSES = {"TENTATIVE": EventStatus.TENTATIVE, "CANCELLED": EventStatus.CANCELLED}
# What a library may stumble over in a file that was made to trip it.
_STUMBLES = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Found:
    """An event as it would be announced. `key` names it, and the time it is if it repeats: 64 hex digits.

    `picture_url` is where its picture is said to be, which nothing fetches.
    """

    key: str
    draft: EventDraft
    uid: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An event that cannot be taken in, and the sentence that says why."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """What a file holds, what of it cannot be read, and how many events in it are over."""

    found: tuple[Found, ...]
    unreadable: tuple[Unreadable, ...]
    over_count: int


def read(body: bytes, *, zone: str, now: datetime, usual_place: str = "") -> ReadCalendar:
    """Read a calendar. `zone` is for times that name none, `usual_place` for events that name no place.

    Raises:
        Invalid: it is no calendar, or too large.
    """
    if len(body) > MAX_BYTES:
        raise Invalid("A calendar file may have 1 MB at most.")
    text = body.decode("utf-8-sig", "replace")
    if "BEGIN:VCALENDAR" not in text[:4096].upper():
        raise Invalid("This is not a calendar file (.ics).")
    parts = [*_parts(text)]
    if len(parts) > MAX_EVENTS:
        raise Invalid("A calendar file may hold 500 events at most.")
    return _Reader(zone, now, usual_place).read(parts)


def _parts(text: str) -> Iterator[str]:
    """Give each VEVENT of a file with the lines that are read of it."""
    lines: list[str] = []
    within: list[str] = []
    for line in re.split("\r?\n", _FOLD.sub("", text)):
        word = line[:40].strip().upper()
        if word.startswith("BEGIN:"):
            within.append(word[6:])
            lines = [] if word == "BEGIN:VEVENT" else lines
        elif word.startswith("END:"):
            if word == "END:VEVENT" and within[-1:] == ["VEVENT"]:
                yield "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])
            del within[-1:]
        elif within[-1:] == ["VEVENT"] and len(line) <= MAX_LINE_CHARACTERS and len(lines) < MAX_EVENT_LINES:
            name = _NAME.match(line)
            lines += [line] if name is not None and name[0].upper() in _READ else []


class _Reader:
    """Reads the events of one file."""

    def __init__(self, zone: str, now: datetime, usual_place: str) -> None:
        self._zone, self._now, self._usual_place = zone, now, usual_place
        self._found: dict[str, Found] = {}
        self._unreadable: list[Unreadable] = []
        self._over_count = 0
        self._repeating = 0

    def read(self, parts: Sequence[str]) -> ReadCalendar:
        """Read every event; one that cannot be read fails alone."""
        events = [event for part in parts if (event := self._parsed(part)) is not None]
        for event in events:
            if "RECURRENCE-ID" not in event:
                self._take(event, self._overridden(event, events))
        for event in events:
            if "RECURRENCE-ID" in event:
                self._take(event, frozenset())
        found = sorted(self._found.values(), key=lambda one: (one.draft.starts_at, one.key))
        return ReadCalendar(tuple(found[:MAX_FOUND]), tuple(self._unreadable[:MAX_PROBLEMS]), self._over_count)

    def _parsed(self, part: str) -> Component | None:
        try:
            event = icalendar.Event.from_ical(part)
        except _STUMBLES:
            self._unreadable.append(Unreadable("", _UNREADABLE))
            return None
        return event if isinstance(event, icalendar.Event) else None

    def _overridden(self, event: Component, events: Sequence[Component]) -> frozenset[datetime]:
        """Tell which times of an event that repeats the file describes by themselves."""
        if "RRULE" not in event and "RDATE" not in event:
            return frozenset()
        uid = str(event.get("UID", ""))
        told = [other for other in events if "RECURRENCE-ID" in other and str(other.get("UID", "")) == uid]
        return frozenset(moment for other in told for moment in self._dates(other, "RECURRENCE-ID"))

    def _take(self, event: Component, left_out: frozenset[datetime]) -> None:
        title = ""
        try:
            title = line_of(event.get("SUMMARY"))[:MAX_TITLE_CHARACTERS]
            draft = self._draft(event, title)
            check(draft)
            self._keep(event, draft, self._begins(event, draft, left_out))
        except AppError as refused:
            self._unreadable.append(Unreadable(title, refused.message))
        except _STUMBLES:
            self._unreadable.append(Unreadable(title, _UNREADABLE))

    def _keep(self, event: Component, draft: EventDraft, begins: Sequence[datetime]) -> None:
        uid = str(event.get("UID", ""))[:1000]
        if not begins:
            self._over_count += 1
        for starts in begins:
            later = starts - draft.starts
            one = replace(draft, starts=starts, ends=draft.ends + later if draft.ends else None)
            recurs = self._dates(event, "RECURRENCE-ID")[:1] or ([starts] if len(begins) > 1 or repeats(event) else [])
            named = f"{uid}\n{recurs[0].isoformat() if recurs else ''}" if uid else f"\n{draft.title}\n{starts}"
            key = sha256(named.encode("utf-8", "replace")).hexdigest()
            self._found[key] = Found(key, one, "" if recurs else uid, picture_of(event))

    def _begins(self, event: Component, draft: EventDraft, left_out: frozenset[datetime]) -> list[datetime]:
        """Tell when an event begins that is still to come, every time if it repeats."""
        since = self._now.astimezone(ZoneInfo(draft.timezone)).replace(tzinfo=None)
        since = since.replace(hour=0, minute=0, second=0, microsecond=0) if draft.is_all_day else since
        if not repeats(event):
            return [draft.starts] if draft.starts >= since else []
        self._repeating += 1
        if self._repeating > MAX_REPEATING:
            raise Invalid("Too many events of this file repeat.")
        moments = set(self._dates(event, "RDATE")) | {draft.starts}
        if "RRULE" in event:
            rule = event["RRULE"]
            if isinstance(rule, list) or len(written := rule.to_ical().decode()) > 500:
                raise Invalid("It repeats in a way that is not understood here.")
            moments |= {*occurrences(written, draft.starts, draft.timezone, since=since)}
        moments -= {*self._dates(event, "EXDATE")} | left_out
        return sorted(moment for moment in moments if moment >= since)

    def _draft(self, event: Component, title: str) -> EventDraft:
        """Read an event as it would be typed.

        Raises:
            Invalid: nobody could tell when it begins.
        """
        if "DTSTART" not in event:
            raise Invalid("It does not say when it begins.")
        starts, zone, is_all_day = self._moment(event["DTSTART"].dt)
        ends = self._end(event, starts, zone, is_all_day=is_all_day)
        place, online_url = self._place(event)
        return EventDraft(
            title=title if len(title) >= 3 else f"{title} - {place.name if place else ''}".strip(" -"),
            starts=starts,
            ends=ends,
            text=paragraphs_of(event.get("DESCRIPTION"))[:MAX_CHARACTERS],
            timezone=zone,
            is_all_day=is_all_day,
            kind=kind_of(event),
            status=_STATUSES.get(line_of(event.get("STATUS")).upper(), EventStatus.CONFIRMED),
            place=place,
            online_url=online_url,
        )

    def _moment(self, value: Any) -> tuple[datetime, str, bool]:
        """Read a day or a moment: what the clock shows, in which zone, whether it is a day.

        Raises:
            Invalid: it is none.
        """
        if not isinstance(value, date):
            raise Invalid("It does not say when it begins.")
        if not isinstance(value, datetime):
            return datetime(value.year, value.month, value.day), self._zone, True  # noqa: DTZ001 - a clock on the wall
        if value.tzinfo is None:
            return value.replace(microsecond=0), self._zone, False
        named = getattr(value.tzinfo, "key", "")
        if named in available_timezones() and value.tzinfo is not UTC and named not in ("UTC", "Etc/UTC"):
            return value.replace(tzinfo=None, microsecond=0), named, False
        return value.astimezone(ZoneInfo(self._zone)).replace(tzinfo=None, microsecond=0), self._zone, False

    def _end(self, event: Component, starts: datetime, zone: str, *, is_all_day: bool) -> datetime | None:
        """Read when it ends, as the clock shows it where it begins; of one of days, the last day."""
        if "DTEND" in event:
            ends, own_zone, _ = self._moment(event["DTEND"].dt)
            if own_zone != zone:
                ends = ends.replace(tzinfo=ZoneInfo(own_zone)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        elif "DURATION" in event and isinstance(event["DURATION"].dt, timedelta):
            ends = starts + event["DURATION"].dt
        else:
            return None
        if is_all_day:
            return max(ends - timedelta(days=1), starts)
        return ends if ends > starts else None

    def _place(self, event: Component) -> tuple[PlaceDraft | None, str]:
        """Read where it is: (the place, the page where people meet)."""
        where = line_of(event.get("LOCATION"))[:MAX_LINE]
        urls = [line_of(event.get(name)) for name in ("CONFERENCE", "LOCATION", "URL")]
        online = next((url for url in urls[:2] if sanitise.safe_url(url)), "")
        where = "" if online and where in online else where or self._usual_place[:MAX_LINE]
        if not where:
            return None, online or (urls[2] if sanitise.safe_url(urls[2]) else "")
        latitude, longitude = degrees_of(event)
        return PlaceDraft(where, latitude=latitude, longitude=longitude), online

    def _dates(self, event: Component, name: str) -> list[datetime]:
        """Read a list of moments, as the clock shows them where the event begins; what is none is passed over."""
        held = event.get(name)
        found: list[datetime] = []
        for item in held if isinstance(held, list) else [] if held is None else [held]:
            try:
                moments = [one.dt for one in getattr(item, "dts", [item])]
                found += [self._moment(value)[0] for value in moments if isinstance(value, date)]
            except _STUMBLES:
                continue
        return found
