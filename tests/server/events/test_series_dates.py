"""The dates of a series as its organisers see them: what became of each, leaving some out, whom a change reaches."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventSeries, EventStatus
from models.participation import Participation, ParticipationState
from models.post import Post
from server.errors import Conflict, Invalid, NotFound
from server.events import actions, announcing, series, series_dates
from server.events.kept_drafts import moved
from server.events.recurrence import Frequency, Rule
from server.events.series_dates import DateState
from tests.server.events.test_series import DRAFT, MONDAY, announced, clocks, pass_days
from tests.world import World

FIVE = Rule(Frequency.WEEKLY, count=5)
FIRST = DRAFT.starts
WEEK = timedelta(weeks=1)


@pytest.fixture
def now() -> datetime:
    """A Monday in winter."""
    return MONDAY


@pytest.fixture
async def meetings(section: Actor, ctx: Context) -> EventSeries:
    """A meeting on five Tuesdays, but not on the fourth."""
    return await series.begin(section, DRAFT, FIVE, ctx, left_out=[FIRST + 3 * WEEK])


async def states(ctx: Context) -> list[str]:
    return [one.state.value for one in await series_dates.dates(await EventSeries.get(), ctx.now())]


async def change(clock: datetime, ctx: Context, *, is_held: bool) -> None:
    await series_dates.change(await EventSeries.get(), clock, ctx.now(), is_held=is_held)


async def test_each_date_says_what_became_of_it(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    assert await states(ctx) == ["announced", "announced", "ahead", "left_out", "ahead"]
    await actions.delete(section, (await announced())[1], ctx)
    assert await states(ctx) == ["announced", "gone", "ahead", "left_out", "ahead"]
    await pass_days(world, ctx, 60)
    assert await states(ctx) == ["announced", "gone", "announced", "left_out", "announced"]
    assert await clocks() == ["01-05 19:00", "01-19 19:00", "02-02 19:00"]


async def test_the_first_that_is_left_out_is_not_announced(section: Actor, ctx: Context) -> None:
    await series.begin(section, DRAFT, FIVE, ctx, left_out=[FIRST], id_=7)
    assert await clocks() == ["01-12 19:00", "01-19 19:00"]
    assert (await announced())[0].id == 7


async def test_nothing_begins_of_which_every_date_is_left_out(section: Actor, ctx: Context) -> None:
    with pytest.raises(Invalid):
        await series.begin(section, DRAFT, FIVE, ctx, left_out=[FIRST + number * WEEK for number in range(5)])
    assert not await EventSeries.exists()


async def test_a_date_ahead_is_left_out_and_held_after_all(meetings: EventSeries, world: World, ctx: Context) -> None:
    for _ in range(2):
        await change(FIRST + 2 * WEEK, ctx, is_held=False)
    assert (await EventSeries.get()).next_at == MONDAY.replace(hour=18) + timedelta(days=1) + 4 * WEEK
    await change(FIRST + 3 * WEEK, ctx, is_held=True)
    assert await states(ctx) == ["announced", "announced", "left_out", "ahead", "ahead"]
    await pass_days(world, ctx, 60)
    assert await clocks() == ["01-05 19:00", "01-12 19:00", "01-26 19:00", "02-02 19:00"]


async def test_a_series_whose_last_dates_are_left_out_goes_on_where_one_is_held(
    meetings: EventSeries, world: World, ctx: Context
) -> None:
    for number in (2, 4):
        await change(FIRST + number * WEEK, ctx, is_held=False)
    assert (await EventSeries.get()).due_at is None
    await change(FIRST + 4 * WEEK, ctx, is_held=True)
    await pass_days(world, ctx, 60)
    assert await clocks() == ["01-05 19:00", "01-12 19:00", "02-02 19:00"]


async def test_what_is_announced_or_over_is_no_longer_left_out(
    meetings: EventSeries, world: World, ctx: Context
) -> None:
    with pytest.raises(Conflict):
        await change(FIRST, ctx, is_held=False)
    with pytest.raises(NotFound):
        await change(FIRST + timedelta(days=1), ctx, is_held=False)
    await pass_days(world, ctx, 60)
    with pytest.raises(Conflict):
        await change(FIRST + 3 * WEEK, ctx, is_held=True)


async def test_what_was_just_announced_is_not_left_out(meetings: EventSeries, ctx: Context) -> None:
    held = await EventSeries.get()
    await announcing.announce_next(await EventSeries.get(), ctx)
    with pytest.raises(Conflict):
        await series_dates.change(held, FIRST + 2 * WEEK, ctx.now(), is_held=False)
    assert await states(ctx) == ["announced", "announced", "announced", "left_out", "ahead"]


async def test_a_worker_that_read_the_series_before_announces_no_date_that_was_left_out(
    meetings: EventSeries, ctx: Context
) -> None:
    await EventSeries.all().update(left_out=[(FIRST + 2 * WEEK).isoformat()])
    await announcing.announce_next(await EventSeries.get(), ctx)
    assert await clocks() == ["01-05 19:00", "01-12 19:00"]


async def test_dates_that_are_left_out_go_along_to_another_day(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    first = (await announced())[0]
    thursday = moved(await actions.draft_of(first), FIRST + timedelta(days=2))
    to = await series_dates.moved_to(section, first, thursday)
    assert to == [FIRST + timedelta(days=2) + number * WEEK for number in (0, 1, 2, 4)]
    await series.edit_following(section, first, thursday, ctx)
    assert await states(ctx) == ["announced", "announced", "ahead", "left_out", "ahead"]
    await pass_days(world, ctx, 60)
    assert await clocks() == ["01-07 19:00", "01-14 19:00", "01-21 19:00", "02-04 19:00"]


async def test_postponed_from_one_on_nothing_more_is_announced_until_they_are_held(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    second = (await announced())[1]
    await series.set_status_following(section, second, EventStatus.POSTPONED, ctx)
    await pass_days(world, ctx, 3)
    rows = await Event.all().order_by("starts_at")
    assert [row.status for row in rows] == [EventStatus.CONFIRMED, EventStatus.POSTPONED]
    await series.set_status_following(section, second, EventStatus.CONFIRMED, ctx)
    await pass_days(world, ctx, 9)
    assert {row.status for row in await Event.all()} == {EventStatus.CONFIRMED}
    assert await clocks() == ["01-05 19:00", "01-12 19:00", "01-19 19:00", "02-02 19:00"]


async def test_a_postponed_series_stays_so_while_dates_of_it_are_left_out(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await series.set_status_following(section, (await announced())[0], EventStatus.POSTPONED, ctx)
    await change(FIRST + 2 * WEEK, ctx, is_held=False)
    await pass_days(world, ctx, 3)
    assert await Event.all().count() == 2


async def test_a_new_day_for_all_that_were_postponed_has_them_take_place(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    first = (await announced())[0]
    await series.set_status_following(section, first, EventStatus.POSTPONED, ctx)
    draft = replace(await actions.draft_of(first), status=EventStatus.CONFIRMED)
    await series.edit_following(section, first, moved(draft, FIRST + timedelta(days=2)), ctx)
    await pass_days(world, ctx, 30)
    rows = await Event.all()
    assert {row.status for row in rows} == {EventStatus.CONFIRMED}
    assert await clocks() == ["01-07 19:00", "01-14 19:00", "01-21 19:00", "02-04 19:00"]


async def test_one_that_was_called_off_before_stays_so(meetings: EventSeries, section: Actor, ctx: Context) -> None:
    first, second = await announced()
    await actions.set_status(section, second, EventStatus.CANCELLED, ctx)
    for status in (EventStatus.POSTPONED, EventStatus.CONFIRMED):
        await series.set_status_following(section, first, status, ctx)
    assert (await Event.get(post_id=second.id)).status is EventStatus.CANCELLED
    assert (await Event.get(post_id=first.id)).status is EventStatus.CONFIRMED
    await series.set_status_following(section, first, EventStatus.CANCELLED, ctx)
    assert await states(ctx) == ["announced", "announced"]


async def test_a_change_reaches_each_person_once(
    meetings: EventSeries, section: Actor, member: Actor, other_member: Actor, ctx: Context
) -> None:
    first, second = await announced()
    for event, actor, state in (
        (first, member, ParticipationState.ACCEPTED),
        (second, member, ParticipationState.WAITING),
        (second, other_member, ParticipationState.DECLINED),
    ):
        await Participation.create(event=event, actor=actor, state=state)
    for event in (first, second):
        await Participation.create(
            event=event, email="lou@post.example", email_fingerprint="1", state=ParticipationState.TENTATIVE
        )
        await Participation.create(event=event, name="Awa", state=ParticipationState.ACCEPTED)
    found = await series_dates.reach(section, first, ctx.now())
    assert found is not None
    assert (found.announced, found.ahead, found.persons) == (2, 2, 4)
    found = await series_dates.reach(section, second, ctx.now())
    assert found is not None
    assert (found.announced, found.ahead, found.persons) == (1, 2, 3)


async def test_nothing_follows_the_last_one_nor_one_that_stands_alone(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    alone: Post = await actions.publish(section, replace(DRAFT, title="Fête"), ctx)
    assert await series_dates.reach(section, alone, ctx.now()) is None
    await pass_days(world, ctx, 60)
    last = await Event.filter(series_id=meetings.id).order_by("-starts_at").select_related("post__actor").first()
    assert last is not None
    assert await series_dates.reach(section, last.post, ctx.now()) is None


async def test_nobody_finds_the_series_of_another_section(
    meetings: EventSeries, section: Actor, member: Actor, ctx: Context
) -> None:
    assert (await series_dates.of_section(section, meetings.id)).id == meetings.id
    with pytest.raises(NotFound):
        await series_dates.of_section(member, meetings.id)
    await EventSeries.create(id=9, uri="https://far.test/series/9", organiser=section)
    with pytest.raises(NotFound):
        await series_dates.of_section(section, 9)


def test_a_moved_event_begins_when_it_does() -> None:
    event = Event(starts_at=datetime(2027, 1, 5, 20, tzinfo=UTC))
    of_event = series_dates.SeriesDate(FIRST, DateState.ANNOUNCED, event)
    assert series_dates.begins_at(of_event, "Europe/Paris") == event.starts_at
    ahead = series_dates.SeriesDate(FIRST, DateState.AHEAD)
    assert series_dates.begins_at(ahead, "Europe/Paris") == datetime(2027, 1, 5, 18, tzinfo=UTC)
