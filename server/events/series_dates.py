"""The dates of a series as its organisers see them, announced or not, and whom a change of those that follow reaches.

A date that is not announced yet may be left out, and held after all; one that is, is an event and called off as any other.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tortoise.transactions import in_transaction

from models.actor import Actor
from models.event import Event, EventSeries
from models.participation import Participation
from models.post import Post
from server.errors import Conflict, NotFound
from server.events import covers, kept_drafts
from server.events.announcing import await_next, clock_of, left_out_of, locked
from server.events.drafts import EventDraft, instant
from server.events.notices import CONCERNED
from server.events.recurrence import occurrences
from server.events.series import begins_after, recurs, rest_of
from server.media.queries import shown_by


class DateState(StrEnum):
    """What became of a date. `GONE`: its event was deleted, or it was over before anybody could be told."""

    ANNOUNCED = "announced"
    AHEAD = "ahead"
    LEFT_OUT = "left_out"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SeriesDate:
    """When one of a series begins, as the clock shows it there, or was to begin; `event` (post, place) is the one announced.

    `may_change` where it may be left out, or be held after all.
    """

    clock: datetime
    state: DateState
    event: Event | None = None
    may_change: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a change of an event and of those that follow reaches.

    `announced` are events, it among them; `ahead` are dates that are not announced yet; `persons` said something of any.
    """

    announced: int
    ahead: int
    persons: int


async def of_section(organiser: Actor, id_: int) -> EventSeries:
    """Find a series that a section made.

    Raises:
        NotFound: there is none of that number.
    """
    found = await EventSeries.get_or_none(id=id_, organiser_id=organiser.id)
    if found is None or found.draft is None:
        raise NotFound("The section has no such series.")
    return found


async def dates(series: EventSeries, now: datetime) -> list[SeriesDate]:
    """List all dates of a series of ours, the first one first."""
    template = kept_drafts.read(series.draft or {})
    zone, never = template.timezone, left_out_of(series)
    rows = Event.filter(series_id=series.id, post__actor_id=series.organiser_id).select_related("post", "place")
    events = {recurs(event, zone): event for event in await rows.order_by("recurs_at")}
    last = max([clock_of(now, zone), *events])
    next_ = clock_of(series.next_at, zone) if series.next_at is not None else None
    found = []
    for clock in sorted({*occurrences(series.rule, template.starts, zone), *events}):
        if (event := events.get(clock)) is not None:
            found.append(SeriesDate(clock, DateState.ANNOUNCED, event))
        elif clock in never:
            found.append(SeriesDate(clock, DateState.LEFT_OUT, may_change=clock > last))
        elif next_ is not None and clock >= next_:
            found.append(SeriesDate(clock, DateState.AHEAD, may_change=True))
        else:
            found.append(SeriesDate(clock, DateState.GONE))
    return found


async def change(series: EventSeries, clock: datetime, now: datetime, *, is_held: bool) -> None:
    """Leave out a date that is not announced yet, or hold one after all that was left out.

    Raises:
        Conflict: it is announced already, or another is that comes after it; by a worker a moment ago, too.
        NotFound: the series has no such date.
    """
    async with in_transaction():
        held = await locked(series.id)
        found = next((one for one in await dates(held, now) if one.clock == clock), None) if held is not None else None
        if held is None or found is None:
            raise NotFound("The series has no such date.")
        if found.state is (DateState.AHEAD if is_held else DateState.LEFT_OUT):
            return
        if not found.may_change:
            raise Conflict("This date is announced already, or over. Cancel the event instead.")
        await _write(held, clock, now, is_held=is_held)


async def _write(series: EventSeries, clock: datetime, now: datetime, *, is_held: bool) -> None:
    """Write down that a date is held or left out, and what comes next then; one that waits goes on waiting."""
    never = left_out_of(series) - {clock} if is_held else left_out_of(series) | {clock}
    series.left_out = [one.isoformat() for one in sorted(never)]
    was_next, was_id, was_due = series.next_at, series.next_post_id, series.due_at
    last = await Event.filter(series_id=series.id).select_related("post").order_by("-recurs_at").first()
    await await_next(series, kept_drafts.read(series.draft or {}), last.recurs_at if last is not None else None, now)
    if series.next_at == was_next:
        series.next_post_id, series.due_at = was_id, was_due
    elif was_next is not None and was_due is None:
        series.due_at = None
    await series.save(update_fields=["left_out", "next_at", "next_post_id", "due_at"])
    if series.next_at is None:
        await covers.let_go(series, now)
    elif was_next is None and last is not None:
        await covers.keep(series, await shown_by(last.post), now)


async def reach(author: Actor, post: Post, now: datetime) -> Reach | None:
    """Tell whom a change of an event and of those that follow reaches; None where none follows."""
    try:
        rest = await rest_of(author, post)
    except NotFound:
        return None
    if len(rest.events) + len(rest.ahead) < 2:
        return None
    ids = [event.post_id for event in rest.events if event.ends_at > now]
    rows = Participation.filter(event_id__in=ids, state__in=CONCERNED)
    said = await rows.values_list("id", "actor_id", "email_fingerprint") if ids else []
    persons = {(actor_id, email) if actor_id or email else id_ for id_, actor_id, email in said}
    return Reach(len(rest.events), len(rest.ahead), len(persons))


async def moved_to(author: Actor, post: Post, draft: EventDraft) -> list[datetime]:
    """Tell when an event and those that follow begin, once it is as `draft` says and they go along; none that is left out.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
    """
    rest = await rest_of(author, post)
    never = left_out_of(rest.series)
    return [after for was, after in zip(rest.begins, begins_after(rest, draft), strict=False) if was not in never]


def begins_at(found: SeriesDate, zone: str) -> datetime:
    """Tell at which instant a date begins: where its event was moved, when that does."""
    return found.event.starts_at if found.event is not None else instant(found.clock, zone)
