"""What somebody typed who announces an event, and whether it can be announced."""

from collections.abc import Sequence
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
from models.event import MAX_LINE, Event, EventKind, EventStatus, JoinMode, Place, Shift
from models.media import Media
from models.post import Post, Visibility
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
    """Something that whoever comes is asked: "text", "yes_no", or "choice" with what there is to choose."""

    label: str
    kind: str = "text"
    choices: Sequence[str] = ()
    is_required: bool = False


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
    if not MIN_TITLE_CHARACTERS <= len(draft.title.strip()) <= MAX_TITLE_CHARACTERS:
        raise Invalid("The title of an event has 3 to 200 characters.")
    if len(draft.text) > MAX_CHARACTERS:
        raise Invalid("The description of an event may have 20,000 characters at most.")
    if draft.ends_at < draft.starts_at:
        raise Invalid("An event cannot end before it begins.")
    if draft.ends_at - draft.starts_at > LONGEST:
        raise Invalid("An event may last a year at most.")
    if (draft.place is None or draft.place.is_empty) and not draft.online_url:
        raise Invalid("Say where it takes place, or on which page people meet.")
    for url in (draft.online_url, draft.external_url):
        if url and sanitise.safe_url(url) is None:
            raise Invalid("This is not the address of a page.")
    if draft.join_mode is JoinMode.EXTERNAL and not draft.external_url:
        raise Invalid("Say on which page people put their names down.")
    if draft.capacity is not None and not 1 <= draft.capacity <= MAX_CAPACITY:
        raise Invalid("The number of places is a number from 1 to 1,000,000.")
    if not 0 <= draft.most_guests <= MAX_GUESTS:
        raise Invalid("Everybody may bring 50 guests at most.")
    if draft.place is not None:
        _check_place(draft.place)
    _check_questions(draft.questions)
    _check_shifts(draft)


def _check_place(place: PlaceDraft) -> None:
    lines = (place.name, place.street, place.locality, place.region, place.country)
    if any(len(line) > MAX_LINE for line in lines) or len(place.postal_code) > 32:
        raise Invalid("A line of an address may have 255 characters at most.")
    if (place.latitude is None) != (place.longitude is None):
        raise Invalid("A point on the map has two coordinates.")
    if abs(place.latitude or 0) > 90 or abs(place.longitude or 0) > 180:
        raise Invalid("These coordinates are nowhere on the map.")


def _check_questions(questions: Sequence[QuestionDraft]) -> None:
    if len(questions) > MAX_QUESTIONS:
        raise Invalid("There may be 20 questions at most.")
    for question in questions:
        if not 0 < len(question.label.strip()) <= MAX_LINE or question.kind not in QUESTION_KINDS:
            raise Invalid("Every question has a text of 255 characters at most.")
        if question.kind == "choice" and not 2 <= len(question.choices) <= MAX_CHOICES:
            raise Invalid("A question with answers to choose from has 2 to 30 of them.")


def _check_shifts(draft: EventDraft) -> None:
    if len(draft.shifts) > MAX_SHIFTS:
        raise Invalid("There may be 100 shifts at most.")
    for shift in draft.shifts:
        if not 0 < len(shift.name.strip()) <= MAX_LINE:
            raise Invalid("Say of every shift what there is to do, in 255 characters at most.")
        if instant(shift.ends, draft.timezone) <= instant(shift.starts, draft.timezone):
            raise Invalid("A shift cannot end before it begins.")
        if not 1 <= shift.places <= MAX_CAPACITY:
            raise Invalid("A shift needs one person at least.")


def typed(post: Post, event: Event, place: Place | None, shifts: Sequence[Shift]) -> EventDraft:
    """Give an event as it would be typed, to be shown in a form or to change one thing of it."""
    zone = ZoneInfo(event.timezone or "UTC")
    ends = event.ends_at.astimezone(zone).replace(tzinfo=None)
    if event.is_all_day:
        ends -= DAY
    return EventDraft(
        title=post.title,
        text=post.source_text or "",
        starts=event.starts_at.astimezone(zone).replace(tzinfo=None),
        ends=ends if event.is_end_shown or event.is_all_day else None,
        timezone=event.timezone or "UTC",
        is_all_day=event.is_all_day,
        kind=event.kind,
        status=event.status,
        place=_typed_place(place),
        online_url=event.online_url,
        has_wheelchair_access=event.has_wheelchair_access,
        has_sign_language=event.has_sign_language,
        is_streamed=event.is_streamed,
        join_mode=event.join_mode,
        external_url=event.external_url,
        capacity=event.capacity,
        most_guests=event.most_guests,
        questions=[_typed_question(question) for question in event.questions],
        shifts=[
            ShiftDraft(
                shift.name,
                shift.starts_at.astimezone(zone).replace(tzinfo=None),
                shift.ends_at.astimezone(zone).replace(tzinfo=None),
                shift.places,
                shift.id,
            )
            for shift in shifts
        ],
        visibility=post.visibility,
        language=post.language,
    )


def _typed_place(place: Place | None) -> PlaceDraft | None:
    if place is None:
        return None
    return PlaceDraft(
        place.name,
        place.street,
        place.postal_code,
        place.locality,
        place.region,
        place.country,
        place.latitude,
        place.longitude,
    )


def _typed_question(question: dict[str, object]) -> QuestionDraft:
    choices = question["choices"]
    return QuestionDraft(
        str(question["label"]),
        str(question["kind"]),
        tuple(str(choice) for choice in choices) if isinstance(choices, list) else (),
        question["is_required"] is True,
    )
