"""Announcing what comes next of an event that repeats, in its time: docs/decisions/0019.

Whoever announces, changes or ends a series holds its row until the transaction ends: a worker that looked a moment ago
never sets going again what was postponed or ended meanwhile, and whoever ends a series finds all that was announced.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from federation import markup
from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.event import Event, EventSeries
from models.ids import new_id
from models.post import Post
from server.atomically import atomically
from server.errors import AppError
from server.events import actions, covers, kept_drafts
from server.events.drafts import DAY, EventDraft, instant
from server.events.kept_drafts import moved
from server.events.recurrence import occurrences
from server.follows.lookup import find_many

AT_ONCE = 2
AHEAD = timedelta(weeks=8)
SERIES_AT_ONCE = 20

log = structlog.get_logger()


async def announce_due(ctx: Context) -> None:
    """Announce, of each series of which it is time, the next event; what cannot be announced is tried again tomorrow."""
    for series in await EventSeries.filter(due_at__lte=ctx.now()).order_by("due_at", "id").limit(SERIES_AT_ONCE):
        try:
            await announce_next(series, ctx)
        except (AppError, FederationError) as refused:
            log.warning("event of a series not announced", series=series.uri, error=str(refused))
            same = EventSeries.filter(id=series.id, next_post_id=series.next_post_id, due_at__lte=ctx.now())
            await same.update(due_at=ctx.now() + DAY)


async def announce_next(series: EventSeries, ctx: Context) -> None:
    """Announce the next event of a series, if there is one; done again after a crash, it is still announced once.

    Who is named in it is asked for before, without holding the series: what was changed meanwhile is left as it is now.

    Raises:
        Forbidden: the organiser has moved away.
        Invalid: what was accepted once is so no longer.
    """
    seen = await EventSeries.get_or_none(id=series.id)
    if seen is None:
        return
    author = await Actor.get(id=seen.organiser_id)
    if seen.draft is None or seen.next_at is None or seen.next_post_id is None or author.gone_at is not None:
        await EventSeries.filter(id=seen.id).update(due_at=None)
        return
    named = await find_many(markup.find_mentions(seen.draft["text"]), ctx)
    async with atomically(ctx) as whole:
        now = await locked(seen.id)
        if now is not None and now.due_at is not None and _is_same(now, seen):
            await _announce(now, author, named, whole)


def _is_same(now: EventSeries, seen: EventSeries) -> bool:
    """Whether the event to announce is still the one that was looked at."""
    return now.next_post_id == seen.next_post_id and now.draft == seen.draft


async def locked(id_: int) -> EventSeries | None:
    """Give a series as it stands, and let nobody else announce or change any of it until the transaction ends."""
    return await EventSeries.select_for_update(no_key=True).get_or_none(id=id_)


async def _announce(series: EventSeries, author: Actor, named: Mapping[str, Actor], ctx: Context) -> None:
    """Announce what is next, and reckon what comes after; `named` are those whom it names. Call it in a transaction."""
    draft, id_, begins_at = kept_drafts.read(series.draft or {}), series.next_post_id, series.next_at
    if id_ is None or begins_at is None:
        return
    starts = clock_of(begins_at, draft.timezone)
    is_held = begins_at >= _earliest(draft, ctx.now()) and starts not in left_out_of(series)
    if is_held and not await Post.exists(id=id_):
        shown = await covers.for_next(series, ctx.now())
        fresh = replace(moved(draft, starts), media=shown)
        await actions.publish(author, fresh, ctx, id_=id_, series=series, named=named)
    await Event.filter(post_id=id_).update(recurs_at=begins_at)
    next_at = await await_next(series, draft, begins_at, ctx.now())
    await series.save(update_fields=["next_at", "next_post_id", "due_at"])
    if next_at is None:
        await covers.let_go(series, ctx.now())


async def await_next(series: EventSeries, draft: EventDraft, after: datetime | None, now: datetime) -> datetime | None:
    """Reckon when the next one begins, the first after `after` that is neither over nor left out, and when it is due.

    It is due at once until enough are to come, then eight weeks ahead, and tomorrow at the earliest.
    """
    clocks, never = occurrences(series.rule, draft.starts, draft.timezone), left_out_of(series)
    moments = [instant(clock, draft.timezone) for clock in clocks if clock not in never]
    earliest = _earliest(draft, now)
    left = (moment for moment in moments if moment >= earliest and (after is None or moment > after))
    series.next_at = next(left, None)
    series.next_post_id = None if series.next_at is None else new_id()
    series.due_at = None if series.next_at is None else now
    to_come = await Event.filter(series_id=series.id, starts_at__gt=now).count() if after is not None else 0
    if to_come >= AT_ONCE and series.next_at is not None:
        series.due_at = max(series.next_at - AHEAD, now + DAY)
    return series.next_at


def _earliest(draft: EventDraft, now: datetime) -> datetime:
    return now - DAY if draft.is_all_day else now


def clock_of(moment: datetime, zone: str) -> datetime:
    """Tell what the clock shows there then."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def left_out_of(series: EventSeries) -> frozenset[datetime]:
    """Give the times of its rule at which none is held, as the clock shows them there."""
    return frozenset(datetime.fromisoformat(written) for written in series.left_out)
