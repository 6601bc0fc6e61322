"""The form by which an event is announced or changed: what was typed, as an event, and back. Nothing typed is lost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import available_timezones

from models.event import EventKind, EventStatus, JoinMode, Place
from models.post import Visibility
from server.errors import Invalid
from server.events.drafts import (
    EventDraft,
    PlaceDraft,
    QuestionDraft,
    ShiftDraft,
    check_question,
    check_shift,
    faults,
    instant,
)
from server.events.recurrence import MAX_OCCURRENCES
from web.organising.clocks import ending, read_date, read_time, written_ending, written_time
from web.shared.forms import MAX_ID, read_number
from web.writing.pictures import Slot

ALONE = (
    "title", "kind", "text", "language", "timezone", "starts_on", "starts_at", "ends_on", "ends_at", "is_all_day",
    "place_id", "place", "street", "postal_code", "locality", "online_url", "has_wheelchair_access", "has_sign_language",
    "is_streamed", "join_mode", "external_url", "capacity", "most_guests", "visibility", "takes_place", "repeat",
    "repeat_until", "repeat_times",
)  # fmt: skip
OF_A_QUESTION = ("id", "label", "kind", "choices", "is_required")
OF_A_SHIFT = ("id", "name", "on", "from", "to", "places")
VISIBILITIES = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.SECTION)
MAX_ROWS = 100
BLANK_QUESTION = {"kind": "text"}
BLANK_SHIFT = {"places": "1"}

_ROW = re.compile(r"(question|shift)-([0-9]{1,3})-([a-z_]+)")
_SKIP = re.compile(r"skip-([0-9]{4}-[0-9]{2}-[0-9]{2})")
_CHOICE = TypeVar("_CHOICE", EventKind, JoinMode, Visibility)
# Stands in where no day was typed, so that all else can be checked.
_SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - what a clock shows somewhere

Row = dict[str, str]


@dataclass(slots=True)
class EventForm:
    """What stands in the fields, those of each question and each shift apart. `problems` are sentences by field or row.

    `skips` are the days ("2027-03-09") on which what repeats is left out; `cover` is the picture, and what is said of it.
    """

    values: Row
    questions: list[Row] = field(default_factory=list)
    shifts: list[Row] = field(default_factory=list)
    problems: Row = field(default_factory=dict)
    skips: tuple[str, ...] = ()
    cover: Slot = field(default_factory=lambda: Slot(1))

    @property
    def flat(self) -> Row:
        """All of it as it is sent."""
        kept = {"kept1": str(self.cover.media.id)} if self.cover.media is not None else {}
        return self.alone | kept | {"said1": self.cover.said} | {f"skip-{day}": "yes" for day in self.skips}

    @property
    def alone(self) -> Row:
        """What is sent besides the picture and the days that are left out."""
        rows = {"question": self.questions, "shift": self.shifts}
        sent = {
            f"{kind}-{number}-{name}": value
            for kind, some in rows.items()
            for number, row in enumerate(some)
            for name, value in row.items()
        }
        return self.values | sent


def of_typed(typed: Mapping[str, str]) -> EventForm:
    """Gather what was sent; fields that are not of this form are left out, and so are rows with nothing in them."""
    rows: dict[str, dict[int, Row]] = {"question": {}, "shift": {}}
    known = {"question": OF_A_QUESTION, "shift": OF_A_SHIFT}
    for name, value in typed.items():
        if (found := _ROW.fullmatch(name)) and found[3] in known[found[1]]:
            rows[found[1]].setdefault(int(found[2]), {})[found[3]] = value
    kept = {kind: [row for _, row in sorted(some.items())][:MAX_ROWS] for kind, some in rows.items()}
    values = {name: typed[name] for name in ALONE if name in typed}
    skips = sorted(found[1] for name in typed if (found := _SKIP.fullmatch(name)))[:MAX_OCCURRENCES]
    return EventForm(values, kept["question"], kept["shift"], skips=tuple(skips))


def of_draft(draft: EventDraft) -> EventForm:
    """Put an event into the fields."""
    place, (ends_on, ends_at) = draft.place or PlaceDraft(), _written_end(draft)
    values = {
        "title": draft.title, "kind": draft.kind.value, "text": draft.text, "language": draft.language or "",
        "timezone": draft.timezone, "starts_on": draft.starts.date().isoformat(), "ends_on": ends_on, "ends_at": ends_at,
        "starts_at": "" if draft.is_all_day else written_time(draft.starts), "place": place.name, "street": place.street,
        "postal_code": place.postal_code, "locality": place.locality, "online_url": draft.online_url,
        "join_mode": draft.join_mode.value, "external_url": draft.external_url,
        "capacity": str(draft.capacity or ""), "most_guests": str(draft.most_guests),
        "visibility": draft.visibility.value,
    }  # fmt: skip
    ticked = ("is_all_day", "has_wheelchair_access", "has_sign_language", "is_streamed")
    values |= {name: "yes" for name in ticked if getattr(draft, name)}
    return EventForm(
        values,
        [_written_question(question) for question in draft.questions],
        [_written_shift(shift, draft) for shift in draft.shifts],
    )


def _written_end(draft: EventDraft) -> tuple[str, str]:
    if draft.ends is None:
        return "", ""
    if draft.is_all_day:
        is_one_day = draft.ends.date() == draft.starts.date()
        return "" if is_one_day else draft.ends.date().isoformat(), ""
    return written_ending(draft.starts, draft.ends)


def _written_question(question: QuestionDraft) -> Row:
    row = {"label": question.label, "kind": question.kind, "choices": "\n".join(question.choices)}
    return row | ({"id": question.id} if question.id else {}) | ({"is_required": "yes"} if question.is_required else {})


def _written_shift(shift: ShiftDraft, draft: EventDraft) -> Row:
    row = {
        "name": shift.name,
        "on": "" if shift.starts.date() == draft.starts.date() else shift.starts.date().isoformat(),
        "from": written_time(shift.starts),
        "to": written_time(shift.ends),
        "places": str(shift.places),
    }
    return row | ({"id": str(shift.id)} if shift.id is not None else {})


def read(form: EventForm, used: Sequence[Place], before: EventDraft | None = None) -> EventDraft | None:
    """Read an event; None where something cannot be announced, which `form.problems` tells then.

    `used` are the places that may be chosen. `before` is the event that is changed: what the form does not show stays.

    Raises:
        Invalid: it is no form of ours.
    """
    reader = _Reader(form)
    starts, zone = reader.starts(), form.values.get("timezone", "")
    if zone not in available_timezones():
        raise Invalid("There is no such time zone.")
    draft = EventDraft(
        title=form.values.get("title", ""),
        text=form.values.get("text", ""),
        starts=starts or _SOME_DAY,
        ends=reader.ends(starts),
        timezone=zone,
        is_all_day="is_all_day" in form.values,
        kind=_chosen(EventKind, form.values.get("kind", "")),
        place=_place(form.values, used),
        online_url=form.values.get("online_url", "").strip(),
        has_wheelchair_access="has_wheelchair_access" in form.values,
        has_sign_language="has_sign_language" in form.values,
        is_streamed="is_streamed" in form.values,
        join_mode=_chosen(JoinMode, form.values.get("join_mode", "")),
        external_url=form.values.get("external_url", "").strip(),
        capacity=reader.number("capacity"),
        most_guests=reader.number("most_guests") or 0,
        questions=reader.questions(),
        language=_language(form.values.get("language", "")),
    )
    draft = replace(
        draft, shifts=reader.shifts(draft, starts), visibility=_visibility(form, before), status=_status(form, before)
    )
    found = faults(draft) | form.problems
    if starts is None:
        found.pop("ends", None)
    form.problems = found
    return None if found else draft


def _visibility(form: EventForm, before: EventDraft | None) -> Visibility:
    if before is not None:
        return before.visibility
    visibility = _chosen(Visibility, form.values.get("visibility", ""))
    if visibility not in VISIBILITIES:
        raise Invalid("This form could not be read.")
    return visibility


def _status(form: EventForm, before: EventDraft | None) -> EventStatus:
    if before is None or (before.status is EventStatus.POSTPONED and "takes_place" in form.values):
        return EventStatus.CONFIRMED
    return before.status


def _chosen(kind: type[_CHOICE], typed: str) -> _CHOICE:
    try:
        return kind(typed)
    except ValueError as error:
        raise Invalid("This form could not be read.") from error


def _language(typed: str) -> str | None:
    if len(typed) > 16:
        raise Invalid("This form could not be read.")
    return typed or None


def _place(values: Row, used: Sequence[Place]) -> PlaceDraft | None:
    """Give the place that was chosen or typed; one where an event was before keeps its point on the map."""
    name, street, code, town = (values.get(part, "").strip() for part in ("place", "street", "postal_code", "locality"))
    typed, chosen = PlaceDraft(name, street, code, town), values.get("place_id", "")
    for place in used:
        words = PlaceDraft(place.name, place.street, place.postal_code, place.locality)
        if chosen == str(place.id) or (not chosen and typed == words):
            return replace(
                words, region=place.region, country=place.country, latitude=place.latitude, longitude=place.longitude
            )
    return typed


class _Reader:
    """Reads the fields of a form that may hold anything, and writes down what could not be read."""

    def __init__(self, form: EventForm) -> None:
        self.form, self.values, self.problems = form, form.values, form.problems

    def starts(self) -> datetime | None:
        day = read_date(self.values.get("starts_on", ""))
        if day is None:
            self.problems["starts_on"] = Invalid("Say on which day it begins.").message
        if "is_all_day" in self.values:
            return None if day is None else datetime(day.year, day.month, day.day)  # noqa: DTZ001
        clock = read_time(self.values.get("starts_at", ""))
        if clock is None:
            self.problems["starts_at"] = Invalid("Say at what time it begins, as 19:00.").message
        return None if day is None or clock is None else datetime.combine(day, clock)

    def ends(self, starts: datetime | None) -> datetime | None:
        typed_day, typed_clock = self.values.get("ends_on", "").strip(), self.values.get("ends_at", "").strip()
        day, clock = read_date(typed_day), read_time(typed_clock)
        is_all_day = "is_all_day" in self.values
        if (typed_day and day is None) or (typed_clock and clock is None and not is_all_day):
            self.problems["ends"] = Invalid("This is no day, or no time.").message
        if starts is None:
            return None
        if is_all_day:
            return starts if day is None else datetime(day.year, day.month, day.day)  # noqa: DTZ001
        if clock is None and day is not None:
            self.problems["ends"] = Invalid("Say at what time it ends, too.").message
        return None if clock is None else ending(starts, day, clock)

    def number(self, name: str) -> int | None:
        typed = self.values.get(name, "").strip()
        try:
            return read_number(typed) if typed else None
        except Invalid as refused:
            self.problems[name] = refused.message
            return None

    def questions(self) -> list[QuestionDraft]:
        found = []
        for number, row in enumerate(self.form.questions):
            if not row.get("label", "").strip() and not row.get("choices", "").strip():
                continue
            kind = row.get("kind", "text")
            lines = [line.strip() for line in row.get("choices", "").splitlines() if line.strip()]
            choices = tuple(dict.fromkeys(lines)) if kind == "choice" else ()
            question = QuestionDraft(row.get("label", ""), kind, choices, "is_required" in row, row.get("id", ""))
            try:
                check_question(question)
            except Invalid as refused:
                self.problems[f"question-{number}"] = refused.message
            else:
                found.append(question)
        return found

    def shifts(self, draft: EventDraft, starts: datetime | None) -> list[ShiftDraft]:
        found = []
        for number, row in enumerate(self.form.shifts):
            if not any(row.get(name, "").strip() for name in ("name", "on", "from", "to")):
                continue
            try:
                shift = self._shift(row, starts)
                check_shift(shift, draft.timezone)
                self._check_near(shift, draft, starts)
            except Invalid as refused:
                self.problems[f"shift-{number}"] = refused.message
            else:
                found.append(shift)
        return found

    def _shift(self, row: Row, starts: datetime | None) -> ShiftDraft:
        typed_day = row.get("on", "").strip()
        day = read_date(typed_day) if typed_day else (starts or _SOME_DAY).date()
        begins, ends = read_time(row.get("from", "")), read_time(row.get("to", ""))
        if day is None or begins is None or ends is None:
            raise Invalid("Say of every shift from when to when it lasts.")
        places = read_number(row.get("places", "").strip() or "1")
        id_, from_ = row.get("id", ""), datetime.combine(day, begins)
        known = int(id_) if id_.isascii() and id_.isdigit() and len(id_) < 20 and int(id_) <= MAX_ID else None
        return ShiftDraft(row.get("name", ""), from_, ending(from_, None, ends), places, known)

    def _check_near(self, shift: ShiftDraft, draft: EventDraft, starts: datetime | None) -> None:
        if starts is None or "ends" in self.problems:
            return
        early, late = draft.starts_at - timedelta(days=2), draft.ends_at + timedelta(days=2)
        if not early <= instant(shift.starts, draft.timezone) <= late:
            raise Invalid("This shift lies far away from the event. Is its day right?")
