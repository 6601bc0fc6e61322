"""What somebody typed who announces an event, and whether it can be announced."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from federation import sanitise
from federation.objects.event import (
    LONGEST,
    MAX_CAPACITY,
    MAX_CHOICES,
    MAX_GUESTS,
    MAX_QUESTIONS,
    MAX_SHIFTS,
    QUESTION_KINDS,
    USUAL_LENGTH,
)
from models.event import MAX_LINE, EventKind, EventStatus, JoinMode
from models.media import Media
from models.post import Visibility
from server.errors import Invalid

MIN_TITLE_CHARACTERS, MAX_TITLE_CHARACTERS = 3, 200  # Mobilizon takes no others
MAX_CHARACTERS = 20_000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """Where, as it was typed; degrees are None where nobody gave them."""

    name: str = ""
    street: str = ""
    postal_code: str = ""
    locality: str = ""
    region: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not any((self.name, self.street, self.postal_code, self.locality))


@dataclass(frozen=True, slots=True)
class ShiftDraft:
    """Something to do, from when to when as the clock shows it there, by how many. `id` is that of one there is already."""

    name: str
    starts: datetime
    ends: datetime
    places: int = 1
    id: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """Something that whoever comes is asked: "text", "yes_no", or "choice" with what there is to choose.

    `id` is that of one that is asked already: whoever answered it has answered this one.
    """

    label: str
    kind: str = "text"
    choices: Sequence[str] = ()
    is_required: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class EventDraft:
    """What was typed. `starts` and `ends` are naive: what the clock shows in `timezone`. `text` is plain text.

    Of an event that `is_all_day` the hours do not count, and `ends` is its last day. Of `media` the first is its
    banner; None, in an edit: those it shows already.
    """

    title: str
    starts: datetime
    ends: datetime | None = None
    text: str = ""
    timezone: str = "Europe/Paris"
    is_all_day: bool = False
    kind: EventKind = EventKind.MEETING
    status: EventStatus = EventStatus.CONFIRMED
    place: PlaceDraft | None = None
    online_url: str = ""
    has_wheelchair_access: bool = False
    has_sign_language: bool = False
    is_streamed: bool = False
    join_mode: JoinMode = JoinMode.FREE
    external_url: str = ""
    capacity: int | None = None
    most_guests: int = 0
    questions: Sequence[QuestionDraft] = ()
    shifts: Sequence[ShiftDraft] = ()
    visibility: Visibility = Visibility.PUBLIC
    language: str | None = None
    media: Sequence[Media] | None = None

    @property
    def starts_at(self) -> datetime:
        """When it begins."""
        starts = self.starts.replace(hour=0, minute=0, second=0) if self.is_all_day else self.starts
        return instant(starts, self.timezone)

    @property
    def ends_at(self) -> datetime:
        """When it ends; if nobody said when, after the usual two hours."""
        if self.is_all_day:
            return instant((self.ends or self.starts).replace(hour=0, minute=0, second=0) + DAY, self.timezone)
        return instant(self.ends, self.timezone) if self.ends is not None else self.starts_at + USUAL_LENGTH


def instant(clock: datetime, zone: str) -> datetime:
    """Tell when the clock shows this there, microseconds left out; in the hour that a zone has twice, the first time.

    Raises:
        Invalid: there is no such zone.
    """
    if zone not in available_timezones():
        raise Invalid("There is no such time zone.")
    return clock.replace(microsecond=0, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def check(draft: EventDraft) -> None:
    """Refuse what cannot be announced.

    Raises:
        Invalid: it has no title or too long a one, too long a text, ends before it begins, lasts for more than a year, takes
            place nowhere, asks what cannot be answered, or has a number or an address that is none.
    """
    for part in _CHECKS.values():
        part(draft)


def faults(draft: EventDraft) -> dict[str, str]:
    """Tell why something cannot be announced, by the name of what was typed there; empty for what can be."""
    found = {}
    for name, part in _CHECKS.items():
        try:
            part(draft)
        except Invalid as refused:
            found[name] = refused.message
    return found


def _check_title(draft: EventDraft) -> None:
    if not MIN_TITLE_CHARACTERS <= len(draft.title.strip()) <= MAX_TITLE_CHARACTERS:
        raise Invalid("The title of an event has 3 to 200 characters.")


def _check_text(draft: EventDraft) -> None:
    if len(draft.text) > MAX_CHARACTERS:
        raise Invalid("The description of an event may have 20,000 characters at most.")


def _check_ends(draft: EventDraft) -> None:
    if draft.ends_at < draft.starts_at:
        raise Invalid("An event cannot end before it begins.")
    if draft.ends_at - draft.starts_at > LONGEST:
        raise Invalid("An event may last a year at most.")


def _check_place(draft: EventDraft) -> None:
    place = draft.place or PlaceDraft()
    if place.is_empty and not draft.online_url:
        raise Invalid("Say where it takes place, or on which page people meet.")
    lines = (place.name, place.street, place.locality, place.region, place.country)
    if any(len(line) > MAX_LINE for line in lines) or len(place.postal_code) > 32:
        raise Invalid("A line of an address may have 255 characters at most.")
    if (place.latitude is None) != (place.longitude is None):
        raise Invalid("A point on the map has two coordinates.")
    if abs(place.latitude or 0) > 90 or abs(place.longitude or 0) > 180:
        raise Invalid("These coordinates are nowhere on the map.")


def _check_online(draft: EventDraft) -> None:
    _check_page(draft.online_url)


def _check_external(draft: EventDraft) -> None:
    _check_page(draft.external_url)
    if draft.join_mode is JoinMode.EXTERNAL and not draft.external_url:
        raise Invalid("Say on which page people put their names down.")


def _check_page(url: str) -> None:
    if url and sanitise.safe_url(url) is None:
        raise Invalid("This is not the address of a page.")


def _check_capacity(draft: EventDraft) -> None:
    if draft.capacity is not None and not 1 <= draft.capacity <= MAX_CAPACITY:
        raise Invalid("The number of places is a number from 1 to 1,000,000.")


def _check_guests(draft: EventDraft) -> None:
    if not 0 <= draft.most_guests <= MAX_GUESTS:
        raise Invalid("Everybody may bring 50 guests at most.")


def _check_questions(draft: EventDraft) -> None:
    if len(draft.questions) > MAX_QUESTIONS:
        raise Invalid("There may be 20 questions at most.")
    for question in draft.questions:
        check_question(question)


def check_question(question: QuestionDraft) -> None:
    """Refuse what nobody could answer.

    Raises:
        Invalid: it asks nothing, too much, or has too few answers to choose from, or too many.
    """
    if not 0 < len(question.label.strip()) <= MAX_LINE or question.kind not in QUESTION_KINDS:
        raise Invalid("Every question has a text of 255 characters at most.")
    if question.kind == "choice" and not 2 <= len(question.choices) <= MAX_CHOICES:
        raise Invalid("A question with answers to choose from has 2 to 30 of them.")


def _check_shifts(draft: EventDraft) -> None:
    if len(draft.shifts) > MAX_SHIFTS:
        raise Invalid("There may be 100 shifts at most.")
    for shift in draft.shifts:
        check_shift(shift, draft.timezone)


def check_shift(shift: ShiftDraft, zone: str) -> None:
    """Refuse what nobody could do.

    Raises:
        Invalid: there is nothing to do, or nobody is needed for it, or it ends before it begins.
    """
    if not 0 < len(shift.name.strip()) <= MAX_LINE:
        raise Invalid("Say of every shift what there is to do, in 255 characters at most.")
    if instant(shift.ends, zone) <= instant(shift.starts, zone):
        raise Invalid("A shift cannot end before it begins.")
    if not 1 <= shift.places <= MAX_CAPACITY:
        raise Invalid("A shift needs one person at least.")


_CHECKS: Mapping[str, Callable[[EventDraft], None]] = {
    "title": _check_title,
    "text": _check_text,
    "ends": _check_ends,
    "place": _check_place,
    "online_url": _check_online,
    "external_url": _check_external,
    "capacity": _check_capacity,
    "most_guests": _check_guests,
    "questions": _check_questions,
    "shifts": _check_shifts,
}
