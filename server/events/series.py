"""Events that repeat: begin, announce what comes next, change or call off "this one and those that follow".

Each is an event of its own, and "this one" is changed, called off or deleted as any other (actions.py). What is far ahead
is not announced yet: docs/decisions/0019. Times are reckoned by the clock on the wall, so that a meeting stays at seven.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from tortoise.transactions import in_transaction

from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.event import Event, EventSeries, EventStatus
from models.ids import new_id
from models.post import Post
from server.errors import AppError, Forbidden, Invalid, NotFound
from server.events import actions, kept_drafts
from server.events.drafts import DAY, EventDraft, check, instant
from server.events.kept_drafts import moved, plainly
from server.events.recurrence import MAX_OCCURRENCES, Rule, ended, occurrences, restarted

AT_ONCE = 2
AHEAD = timedelta(weeks=8)
SERIES_AT_ONCE = 20
TIMES = frozenset({"starts", "ends", "timezone", "is_all_day"})
NAMES = frozenset(field.name for field in fields(EventDraft)) - TIMES - {"visibility"}

log = structlog.get_logger()


async def begin(author: Actor, draft: EventDraft, rule: Rule, ctx: Context) -> EventSeries:
    """Have an event repeat from `draft` on, and announce the next two; `announce_due` announces the others in time.

    Raises:
        Invalid: it cannot be announced as it was typed, the rule does not end, or all of it is over.
        Forbidden: the author has moved away.
    """
    check(draft)
    written, id_ = rule.written(draft.starts), new_id()
    begins = occurrences(written, draft.starts, draft.timezone)
    series = EventSeries(id=id_, uri=ctx.names.series(id_), organiser_id=author.id, rule=written)
    if not begins:
        raise Invalid("By this rule all of it is over.")
    draft = moved(draft, begins[0])
    series.draft = kept_drafts.kept(draft)
    _await_next(series, draft, None, ctx.now())
    if series.next_at is None:
        raise Invalid("By this rule all of it is over.")
    await series.save(force_create=True)
    try:
        await announce_next(series, ctx)
    except (AppError, FederationError):
        await series.delete()
        raise
    for _ in range(1, AT_ONCE):
        await announce_next(series, ctx)
    return series


async def announce_due(ctx: Context) -> None:
    """Announce, of each series of which it is time, the next event; what cannot be announced is tried again tomorrow."""
    for series in await EventSeries.filter(due_at__lte=ctx.now()).order_by("due_at", "id").limit(SERIES_AT_ONCE):
        try:
            await announce_next(series, ctx)
        except (AppError, FederationError) as refused:
            log.warning("event of a series not announced", series=series.uri, error=str(refused))
            await EventSeries.filter(id=series.id).update(due_at=ctx.now() + DAY)


async def announce_next(series: EventSeries, ctx: Context) -> None:
    """Announce the next event of a series, if there is one; done again after a crash, it is still announced once.

    Raises:
        Forbidden: the organiser has moved away.
        Invalid: what was accepted once is so no longer.
    """
    author = await Actor.get(id=series.organiser_id)
    if series.draft is None or series.next_at is None or series.next_post_id is None or author.gone_at is not None:
        await EventSeries.filter(id=series.id).update(due_at=None)
        return
    draft, id_, begins_at = kept_drafts.read(series.draft), series.next_post_id, series.next_at
    if begins_at >= _earliest(draft, ctx.now()) and not await Post.exists(id=id_):
        starts = _clock(begins_at, draft.timezone)
        await actions.publish(author, moved(draft, starts), ctx, id_=id_, series=series)
    async with in_transaction():
        await Event.filter(post_id=id_).update(recurs_at=begins_at)
        _await_next(series, draft, begins_at, ctx.now())
        to_come = await Event.filter(series_id=series.id, starts_at__gt=ctx.now()).count()
        if to_come >= AT_ONCE and series.next_at is not None:
            series.due_at = max(series.next_at - AHEAD, ctx.now() + DAY)
        await series.save(update_fields=["next_at", "next_post_id", "due_at"])


def _await_next(series: EventSeries, draft: EventDraft, after: datetime | None, now: datetime) -> None:
    """Reckon which one is next: the first after `after` that is not over; it is due at once."""
    moments = [instant(clock, draft.timezone) for clock in occurrences(series.rule, draft.starts, draft.timezone)]
    earliest = _earliest(draft, now)
    left = (moment for moment in moments if moment >= earliest and (after is None or moment > after))
    series.next_at = next(left, None)
    series.next_post_id = None if series.next_at is None else new_id()
    series.due_at = None if series.next_at is None else now


def _earliest(draft: EventDraft, now: datetime) -> datetime:
    return now - DAY if draft.is_all_day else now


def _clock(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Rest:
    """A series of ours from one of its events on: that one first, then those announced that follow; `template` as typed.

    `begins` is when each begins by the rule, announced or not, as the clock shows it there.
    """

    series: EventSeries
    template: EventDraft
    events: list[Event]
    begins: list[datetime]

    def place_of(self, event: Event) -> int:
        """Tell where among `begins` an event stands."""
        return self.begins.index(_recurs(event, self.template.timezone))


def _recurs(event: Event, zone: str) -> datetime:
    return _clock(event.recurs_at or event.starts_at, zone)


async def rest_of(author: Actor, post: Post) -> Rest:
    """Find this event of a series and those that follow.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
    """
    if post.actor_id != author.id:
        raise Forbidden("Only its organisers may change an event.")
    event = await Event.get_or_none(post_id=post.id).select_related("series")
    if event is None or event.series is None or event.series.draft is None or event.recurs_at is None:
        raise NotFound("This event does not repeat.")
    rows = Event.filter(series_id=event.series.id, recurs_at__gte=event.recurs_at, post__actor_id=author.id)
    events = await rows.select_related("post__actor").order_by("recurs_at").limit(MAX_OCCURRENCES)
    template = kept_drafts.read(event.series.draft)
    first, zone = _recurs(event, template.timezone), template.timezone
    reckoned = [moment for moment in occurrences(event.series.rule, template.starts, zone) if moment >= first]
    begins = sorted({*reckoned, *(_recurs(one, zone) for one in events)})
    return Rest(event.series, template, events, begins)


async def edit_following(author: Actor, post: Post, draft: EventDraft, ctx: Context) -> None:
    """Change this event and those that follow, announced or not, in what is changed of this one.

    Where one that follows differs from the others already it keeps what is its own; its hour, too, unless the hour is
    what is changed.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
        Invalid: it cannot be announced as it was typed.
    """
    check(draft)
    rest, old = await rest_of(author, post), await actions.draft_of(post)
    here = plainly(moved(draft, old.starts))
    changed = {name for name in NAMES if getattr(here, name) != getattr(plainly(old), name)}
    is_moved = here.ends != old.ends or any(getattr(draft, name) != getattr(old, name) for name in TIMES - {"ends"})
    begins = await _rewrite(rest, draft, changed, is_moved=is_moved)
    await actions.edit(author, post, draft, ctx)
    for event in rest.events[1:]:
        own = await actions.draft_of(event.post)
        fresh = _followed(own, old, draft, rest.template, changed)
        place = rest.place_of(event)
        if is_moved and place < len(begins):
            told = {name: getattr(moved(draft, begins[place]), name) for name in TIMES}
            fresh = replace(moved(fresh, begins[place]), **told)
        if plainly(fresh) != plainly(own):
            await actions.edit(author, event.post, fresh, ctx)


def _followed(own: EventDraft, old: EventDraft, new: EventDraft, template: EventDraft, changed: set[str]) -> EventDraft:
    """Change one that follows in what it had in common with all of them; who does a shift goes on doing it."""
    is_own = plainly(moved(own, template.starts))
    alike = {name for name in changed if getattr(is_own, name) == getattr(plainly(template), name)}
    there = moved(new, own.starts)
    fresh = replace(own, **{name: getattr(there, name) for name in alike})
    if "shifts" in alike:
        ids = {shift.id: same.id for shift in old.shifts for same in own.shifts if shift.name == same.name}
        fresh = replace(fresh, shifts=tuple(replace(shift, id=ids.get(shift.id)) for shift in fresh.shifts))
    return fresh


async def _rewrite(rest: Rest, draft: EventDraft, changed: set[str], *, is_moved: bool) -> list[datetime]:
    """Write what is to come of a series as it is to be now; when each of `rest.begins` now begins."""
    series, template, before = rest.series, rest.template, rest.begins
    fresh = replace(template, **{name: getattr(moved(draft, template.starts), name) for name in changed})
    begins = before
    if is_moved:
        rule = restarted(series.rule, draft.starts, min(len(before), MAX_OCCURRENCES))
        begins = occurrences(rule, draft.starts, draft.timezone)
        fresh = replace(moved(fresh, draft.starts), **{name: getattr(draft, name) for name in TIMES})
        series.rule = rule
        if series.next_at is not None:
            place = before.index(_clock(series.next_at, template.timezone))
            series.next_at = instant(begins[place], draft.timezone) if place < len(begins) else None
            series.due_at = None if series.next_at is None else series.due_at
    series.draft = kept_drafts.kept(fresh)
    async with in_transaction():
        await series.save(update_fields=["rule", "draft", "next_at", "due_at"])
        for event in rest.events if is_moved else ():
            if (place := rest.place_of(event)) < len(begins):
                await Event.filter(id=event.id).update(recurs_at=instant(begins[place], draft.timezone))
    return begins


async def cancel_following(author: Actor, post: Post, ctx: Context) -> None:
    """Call off this event and those that follow; what is not announced yet never is.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
    """

    async def call_off(event: Event) -> None:
        if event.status is not EventStatus.CANCELLED:
            await actions.set_status(author, event.post, EventStatus.CANCELLED, ctx)

    await _end(await rest_of(author, post), call_off)


async def delete_following(author: Actor, post: Post, ctx: Context) -> None:
    """Delete this event and those that follow as if they had never been announced.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
    """

    async def remove(event: Event) -> None:
        await actions.delete(author, event.post, ctx)

    await _end(await rest_of(author, post), remove)


async def _end(rest: Rest, do: Callable[[Event], Awaitable[None]]) -> None:
    last = rest.begins[0] - timedelta(seconds=1)
    stopped = {"rule": ended(rest.series.rule, last), "next_at": None, "next_post_id": None, "due_at": None}
    await EventSeries.filter(id=rest.series.id).update(**stopped)
    for event in rest.events:
        await do(event)
