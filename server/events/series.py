"""Events that repeat: begin, change or call off "this one and those that follow".

Each is an event of its own, and "this one" is changed, called off or deleted as any other (actions.py). What is far ahead
is not announced yet: announcing.py. Times are reckoned by the clock on the wall, so that a meeting stays at seven.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.event import Event, EventSeries, EventStatus
from models.ids import new_id
from models.post import Post
from server.errors import AppError, Forbidden, Invalid, NotFound
from server.events import actions, covers, kept_drafts
from server.events.announcing import AT_ONCE, announce_next, await_next, clock_of, left_out_of, locked
from server.events.drafts import EventDraft, check, instant
from server.events.kept_drafts import moved, plainly
from server.events.recurrence import MAX_OCCURRENCES, Rule, ended, occurrences, restarted
from server.media import actions as pictures
from server.media.queries import shown_by

TIMES = frozenset({"starts", "ends", "timezone", "is_all_day"})
NAMES = frozenset(field.name for field in fields(EventDraft)) - TIMES - {"visibility"}


async def begin(
    author: Actor,
    draft: EventDraft,
    rule: Rule,
    ctx: Context,
    *,
    left_out: Collection[datetime] = (),
    id_: int | None = None,
) -> EventSeries:
    """Have an event repeat from `draft` on, and announce the next two; `announce_due` announces the others in time.

    None is held at the times `left_out`. The first bears the row id that was made for it, where there is one.

    Raises:
        Invalid: it cannot be announced as it was typed, the rule does not end, or all of it is over.
        Forbidden: the author has moved away.
    """
    check(draft)
    pictures.check(author, draft.media or ())
    written, series_id = rule.written(draft.starts), new_id()
    begins = occurrences(written, draft.starts, draft.timezone)
    series = EventSeries(id=series_id, uri=ctx.names.series(series_id), organiser_id=author.id, rule=written)
    if not begins:
        raise Invalid("By this rule all of it is over.")
    draft = moved(draft, begins[0])
    series.draft, series.left_out = kept_drafts.kept(draft), _written(set(begins).intersection(left_out))
    await await_next(series, draft, None, ctx.now())
    if series.next_at is None:
        raise Invalid("By this rule all of it is over.")
    series.next_post_id = id_ or series.next_post_id
    await series.save(force_create=True)
    try:
        await covers.keep(series, draft.media or (), ctx.now())
        await announce_next(series, ctx)
    except (AppError, FederationError):
        await series.delete()
        raise
    for _ in range(1, AT_ONCE):
        await announce_next(series, ctx)
    await series.refresh_from_db()
    return series


def _written(clocks: Collection[datetime]) -> list[str]:
    return [clock.isoformat() for clock in sorted(clocks)]


@dataclass(frozen=True, slots=True)
class Rest:
    """A series of ours from one of its events on: that one first, then those announced that follow; `template` as typed.

    `begins` is when each begins by the rule, announced, to be announced or left out, as the clock shows it there.
    """

    series: EventSeries
    template: EventDraft
    events: list[Event]
    begins: list[datetime]

    def place_of(self, event: Event) -> int:
        """Tell where among `begins` an event stands."""
        return self.begins.index(recurs(event, self.template.timezone))

    @property
    def ahead(self) -> list[datetime]:
        """When those begin that are not announced yet, and will be."""
        if self.series.next_at is None:
            return []
        next_, never = clock_of(self.series.next_at, self.template.timezone), left_out_of(self.series)
        return [clock for clock in self.begins if clock >= next_ and clock not in never]


def recurs(event: Event, zone: str) -> datetime:
    """Tell when the rule of its series had an event begin, as the clock shows it there."""
    return clock_of(event.recurs_at or event.starts_at, zone)


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
    first, zone = recurs(event, template.timezone), template.timezone
    reckoned = [moment for moment in occurrences(event.series.rule, template.starts, zone) if moment >= first]
    begins = sorted({*reckoned, *(recurs(one, zone) for one in events)})
    return Rest(event.series, template, events, begins)


async def _held_rest(author: Actor, post: Post) -> Rest:
    """Find the same, all that is announced by now, and hold the series until the transaction ends.

    Raises:
        Forbidden, NotFound: as `rest_of`.
    """
    await locked((await rest_of(author, post)).series.id)
    return await rest_of(author, post)


async def edit_following(author: Actor, post: Post, draft: EventDraft, ctx: Context) -> None:
    """Change this event and those that follow, announced or not, in what is changed of this one.

    Where one that follows differs from the others already it keeps what is its own; its hour, too, unless the hour is
    what is changed. What was postponed with this one takes place again where this one does.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
        Invalid: it cannot be announced as it was typed.
    """
    check(draft)
    async with in_transaction():
        rest, old = await _held_rest(author, post), await actions.draft_of(post)
        here = plainly(moved(draft, old.starts))
        changed = {name for name in NAMES if getattr(here, name) != getattr(plainly(old), name)}
        moves, before = is_moved(old, draft), await shown_by(post)
        has_other_cover = await covers.is_other(draft.media, post)
        begins = await _rewrite(rest, draft, changed, moves=moves)
        if "status" in changed and rest.series.next_at is not None:
            await EventSeries.filter(id=rest.series.id).update(due_at=ctx.now())
    await actions.edit(author, post, draft, ctx)
    if has_other_cover:
        await _keep_cover(rest.series, draft, ctx.now())
    for event in rest.events[1:]:
        own = await actions.draft_of(event.post)
        fresh = _followed(own, old, draft, rest.template, changed)
        place = rest.place_of(event)
        if moves and place < len(begins):
            told = {name: getattr(moved(draft, begins[place]), name) for name in TIMES}
            fresh = replace(moved(fresh, begins[place]), **told)
        if has_other_cover and covers.written(await shown_by(event.post)) == covers.written(before):
            fresh = replace(fresh, media=await covers.shared(draft.media or (), event.post, ctx.now()))
        if fresh.media is not None or plainly(fresh) != plainly(own):
            await actions.edit(author, event.post, fresh, ctx)


async def _keep_cover(series: EventSeries, draft: EventDraft, now: datetime) -> None:
    """Have what is to come show what was chosen for this one, unless nothing is to come any more."""
    async with in_transaction():
        held = await locked(series.id)
        if held is not None and held.next_at is not None:
            await covers.keep(held, draft.media or (), now)


def is_moved(old: EventDraft, new: EventDraft) -> bool:
    """Whether an event is at another time now, however long it lasts."""
    lasts_as_long = moved(new, old.starts).ends == old.ends
    return not lasts_as_long or any(getattr(new, name) != getattr(old, name) for name in TIMES - {"ends"})


def begins_after(rest: Rest, draft: EventDraft) -> list[datetime]:
    """Reckon when each of `rest.begins` begins once the first of them is at the time of `draft`."""
    rule = restarted(rest.series.rule, draft.starts, min(len(rest.begins), MAX_OCCURRENCES))
    return occurrences(rule, draft.starts, draft.timezone)


def _followed(own: EventDraft, old: EventDraft, new: EventDraft, template: EventDraft, changed: set[str]) -> EventDraft:
    """Change one that follows in what it had in common with all of them; who does a shift goes on doing it."""
    is_own = plainly(moved(own, template.starts))
    alike = {name for name in changed if getattr(is_own, name) == getattr(plainly(template), name)}
    if "status" in changed and own.status is old.status:
        alike.add("status")
    there = moved(new, own.starts)
    fresh = replace(own, **{name: getattr(there, name) for name in alike})
    if "shifts" in alike:
        ids = {shift.id: same.id for shift in old.shifts for same in own.shifts if shift.name == same.name}
        fresh = replace(fresh, shifts=tuple(replace(shift, id=ids.get(shift.id)) for shift in fresh.shifts))
    return fresh


async def _rewrite(rest: Rest, draft: EventDraft, changed: set[str], *, moves: bool) -> list[datetime]:
    """Write what is to come of a series as it is to be now; when each of `rest.begins` now begins. The series is held."""
    series, template, before = rest.series, rest.template, rest.begins
    fresh = replace(template, **{name: getattr(moved(draft, template.starts), name) for name in changed})
    begins = before
    if moves:
        begins = begins_after(rest, draft)
        fresh = replace(moved(fresh, draft.starts), **{name: getattr(draft, name) for name in TIMES})
        series.rule = restarted(series.rule, draft.starts, min(len(before), MAX_OCCURRENCES))
        never = left_out_of(series)
        series.left_out = _written([after for was, after in zip(before, begins, strict=False) if was in never])
        if series.next_at is not None:
            place = before.index(clock_of(series.next_at, template.timezone))
            series.next_at = instant(begins[place], draft.timezone) if place < len(begins) else None
            series.due_at = None if series.next_at is None else series.due_at
    series.draft = kept_drafts.kept(fresh)
    await series.save(update_fields=["rule", "draft", "left_out", "next_at", "due_at"])
    for event in rest.events if moves else ():
        if (place := rest.place_of(event)) < len(begins):
            await Event.filter(id=event.id).update(recurs_at=instant(begins[place], draft.timezone))
    return begins


async def set_status_following(author: Actor, post: Post, status: EventStatus, ctx: Context) -> None:
    """Postpone this event and those that follow as it stands, or hold them after all; or call them off.

    What is not announced yet waits until they are held after all. One that follows and stood otherwise keeps its own.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of ours that repeats.
    """
    if status is EventStatus.CANCELLED:
        await cancel_following(author, post, ctx)
        return
    async with in_transaction():
        rest = await _held_rest(author, post)
        waits = status is EventStatus.POSTPONED or rest.series.next_at is None
        await EventSeries.filter(id=rest.series.id).update(due_at=None if waits else ctx.now())
    stood = rest.events[0].status
    for event in rest.events:
        if event.status is stood is not status:
            await actions.set_status(author, event.post, status, ctx)


async def cancel_following(author: Actor, post: Post, ctx: Context) -> None:
    """Call off this event and those that follow; what is not announced yet never is.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
    """

    async def call_off(event: Event) -> None:
        if event.status is not EventStatus.CANCELLED:
            await actions.set_status(author, event.post, EventStatus.CANCELLED, ctx)

    await _end(author, post, call_off, ctx.now())


async def delete_following(author: Actor, post: Post, ctx: Context) -> None:
    """Delete this event and those that follow as if they had never been announced.

    Raises:
        Forbidden: it is another's.
        NotFound: it is no event of a series of ours.
    """

    async def remove(event: Event) -> None:
        await actions.delete(author, event.post, ctx)

    await _end(author, post, remove, ctx.now())


async def _end(author: Actor, post: Post, do: Callable[[Event], Awaitable[None]], now: datetime) -> None:
    """Announce nothing more of a series from this event on, and do this with all that is announced."""
    async with in_transaction():
        rest = await _held_rest(author, post)
        last = rest.begins[0] - timedelta(seconds=1)
        stopped = {"rule": ended(rest.series.rule, last), "next_at": None, "next_post_id": None, "due_at": None}
        await EventSeries.filter(id=rest.series.id).update(**stopped)
        await covers.let_go(rest.series, now)
    for event in rest.events:
        await do(event)
