"""A worker announces an event of a series in the very instant its organisers stop, change or thin out the series."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventSeries, EventStatus
from models.media import Media
from models.post import Post
from server.errors import Conflict
from server.events import actions, announcing, covers, series, series_dates
from tests.server.events.test_series import DRAFT, MONDAY, WEEKLY
from tests.world import World

STEPS = 200
Act = Callable[[Actor, Post, Context], Awaitable[None]]


@pytest.fixture
def now() -> datetime:
    """A Monday in winter."""
    return MONDAY


@pytest.fixture
async def first(section: Actor, world: World, ctx: Context) -> Post:
    """The first meeting of a year of them, on the day before the third is announced."""
    await series.begin(section, DRAFT, WEEKLY, ctx)
    world.pass_time(hours=24)
    return (await events())[0].post


async def events() -> list[Event]:
    return await Event.all().select_related("post__actor").order_by("starts_at")


async def postpone(section: Actor, post: Post, ctx: Context) -> None:
    await series.set_status_following(section, post, EventStatus.POSTPONED, ctx)


async def cancel(section: Actor, post: Post, ctx: Context) -> None:
    await series.cancel_following(section, post, ctx)


async def delete(section: Actor, post: Post, ctx: Context) -> None:
    await series.delete_following(section, post, ctx)


async def rename(section: Actor, post: Post, ctx: Context) -> None:
    await series.edit_following(section, post, replace(await actions.draft_of(post), title="Autre réunion"), ctx)


class Pause:
    """Where a worker stands still until it is let go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def stand(self) -> None:
        """Stand still."""
        self.reached.set()
        await self.go_on.wait()


@pytest.fixture
def before_it_holds_the_series(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """The worker has seen what is next, and asks for those whom it names."""
    pause = Pause()

    async def find_many(handles: list[str], ctx: Context) -> dict[str, Actor]:
        await pause.stand()
        return {}

    monkeypatch.setattr(announcing, "find_many", find_many)
    return pause


@pytest.fixture
def while_it_holds_the_series(monkeypatch: pytest.MonkeyPatch) -> Pause:
    """The worker is in its transaction, and about to announce."""
    pause = Pause()

    async def for_next(row: EventSeries, moment: datetime) -> list[Media]:
        await pause.stand()
        return []

    monkeypatch.setattr(covers, "for_next", for_next)
    return pause


@pytest.mark.parametrize(
    ("act", "left"),
    [
        (postpone, {EventStatus.POSTPONED: 2}),
        (cancel, {EventStatus.CANCELLED: 2}),
        (delete, {}),
        (rename, {EventStatus.CONFIRMED: 2}),
    ],
)
async def test_what_is_stopped_or_changed_before_the_worker_holds_it_is_not_announced(
    first: Post, section: Actor, ctx: Context, before_it_holds_the_series: Pause, act: Act, left: dict[EventStatus, int]
) -> None:
    worker = asyncio.create_task(announcing.announce_due(ctx))
    await before_it_holds_the_series.reached.wait()
    await act(section, first, ctx)
    stands = await EventSeries.get().values("next_at", "next_post_id", "due_at", "rule")
    before_it_holds_the_series.go_on.set()
    await worker

    assert _by_status(await events()) == left
    assert await EventSeries.get().values("next_at", "next_post_id", "due_at", "rule") == stands
    await announcing.announce_due(ctx)  # what was only changed is announced as it is now
    assert _by_status(await events()) == ({EventStatus.CONFIRMED: 3} if act is rename else left)
    if act is rename:
        assert {event.post.title for event in await events()} == {"Autre réunion"}


@pytest.mark.parametrize(
    ("act", "left"),
    [
        (postpone, {EventStatus.POSTPONED: 3}),
        (cancel, {EventStatus.CANCELLED: 3}),
        (delete, {}),
        (rename, {EventStatus.CONFIRMED: 3}),
    ],
)
async def test_what_the_worker_is_announcing_is_stopped_or_changed_along_with_the_others(
    first: Post,
    section: Actor,
    ctx: Context,
    world: World,
    while_it_holds_the_series: Pause,
    act: Act,
    left: dict[EventStatus, int],
) -> None:
    worker = asyncio.create_task(announcing.announce_due(ctx))
    await while_it_holds_the_series.reached.wait()
    organiser = asyncio.create_task(act(section, first, ctx))
    await _steps()
    assert not organiser.done()
    while_it_holds_the_series.go_on.set()
    await asyncio.gather(worker, organiser)

    assert _by_status(await events()) == left
    if act is rename:
        assert {event.post.title for event in await events()} == {"Autre réunion"}
        return
    assert (await EventSeries.get()).due_at is None
    for _ in range(3):
        world.pass_time(hours=24)
        await announcing.announce_due(ctx)
    assert _by_status(await events()) == left


async def test_a_date_that_the_worker_is_announcing_cannot_be_left_out(
    first: Post, ctx: Context, while_it_holds_the_series: Pause
) -> None:
    held, clock = await EventSeries.get(), DRAFT.starts + timedelta(weeks=2)
    worker = asyncio.create_task(announcing.announce_due(ctx))
    await while_it_holds_the_series.reached.wait()
    leaving = asyncio.create_task(series_dates.change(held, clock, ctx.now(), is_held=False))
    await _steps()
    while_it_holds_the_series.go_on.set()
    await worker
    with pytest.raises(Conflict):
        await leaving
    assert len(await events()) == 3
    assert (await EventSeries.get()).left_out == []


async def test_two_workers_at_once_announce_it_once(
    first: Post, ctx: Context, while_it_holds_the_series: Pause
) -> None:
    workers = [asyncio.create_task(announcing.announce_due(ctx)) for _ in range(2)]
    await while_it_holds_the_series.reached.wait()
    await _steps()
    while_it_holds_the_series.go_on.set()
    await asyncio.gather(*workers)
    assert len(await events()) == 3


async def test_what_cannot_be_announced_does_not_set_going_what_was_postponed_meanwhile(
    first: Post, section: Actor, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def announce_next(row: EventSeries, context: Context) -> None:
        await postpone(section, first, context)
        raise Conflict("It cannot be announced.")

    monkeypatch.setattr(announcing, "announce_next", announce_next)
    await announcing.announce_due(ctx)
    assert (await EventSeries.get()).due_at is None


def _by_status(found: list[Event]) -> dict[EventStatus, int]:
    statuses = [event.status for event in found]
    return {status: statuses.count(status) for status in statuses}


async def _steps() -> None:
    """Let the other task go as far as it can."""
    for _ in range(STEPS):
        await asyncio.sleep(0.0005)
