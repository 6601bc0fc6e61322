"""Events that repeat: announced in time, at the same hour all the year, changed and called off from one of them on."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventSeries, EventStatus, Shift
from models.participation import Participation, ParticipationState, ShiftTaken
from models.post import Post
from server.errors import Forbidden, Invalid, NotFound
from server.events import actions, announcing, kept_drafts, series
from server.events.drafts import EventDraft, PlaceDraft, QuestionDraft, ShiftDraft
from server.events.recurrence import Frequency, Rule
from tests import factories
from tests.federation.sending import sent_by
from tests.world import World

PARIS = ZoneInfo("Europe/Paris")
WEEKLY = Rule(Frequency.WEEKLY, count=52)
MONDAY = datetime(2027, 1, 4, 12, tzinfo=UTC)
DRAFT = EventDraft(
    title="Réunion du mardi",
    text="Comme chaque semaine",
    starts=datetime(2027, 1, 5, 19),  # noqa: DTZ001 - a clock on the wall
    ends=datetime(2027, 1, 5, 21),  # noqa: DTZ001
    place=PlaceDraft("Local", "12 rue Colbert", "59000", "Lille"),
    shifts=(ShiftDraft("Accueil", datetime(2027, 1, 5, 18), datetime(2027, 1, 5, 19)),),  # noqa: DTZ001
    questions=(QuestionDraft("Que mangez-vous ?", "choice", ("Tout", "Rien")),),
)


@pytest.fixture
def now() -> datetime:
    """A Monday in winter."""
    return MONDAY


@pytest.fixture
async def meetings(section: Actor, ctx: Context) -> EventSeries:
    """A meeting every Tuesday at seven, for a year."""
    return await series.begin(section, DRAFT, WEEKLY, ctx)


async def pass_days(world: World, ctx: Context, days: int) -> None:
    """Let days pass, and the worker look each morning."""
    for _ in range(days):
        world.pass_time(hours=24)
        await announcing.announce_due(ctx)


async def announced() -> list[Post]:
    rows = await Event.all().select_related("post__actor").order_by("starts_at")
    return [row.post for row in rows]


async def clocks() -> list[str]:
    rows = await Event.all().order_by("recurs_at")
    return [f"{row.starts_at.astimezone(PARIS):%m-%d %H:%M}" for row in rows]


async def test_a_year_of_weekly_meetings_is_at_the_same_hour_of_the_wall(
    meetings: EventSeries, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 370)
    rows = await Event.all().order_by("starts_at")
    assert len(rows) == 52
    local = [row.starts_at.astimezone(PARIS) for row in rows]
    assert {(moment.hour, moment.minute, moment.weekday()) for moment in local} == {(19, 0, 1)}
    assert {moment.utcoffset() for moment in local} == {timedelta(hours=1), timedelta(hours=2)}
    assert {later - earlier for earlier, later in itertools.pairwise(local)} == {timedelta(weeks=1)}
    assert {row.series_id for row in rows} == {meetings.id}
    assert all(row.recurs_at == row.starts_at for row in rows)
    assert (await EventSeries.get()).due_at is None


async def test_followers_are_never_sent_more_than_two_in_a_day(
    section: Actor, stranger: Actor, world: World, ctx: Context
) -> None:
    await factories.follow(stranger, section)
    await series.begin(section, DRAFT, WEEKLY, ctx)
    sent = [len(await sent_by(section))]
    for _ in range(30):
        await announcing.announce_due(ctx)
        await pass_days(world, ctx, 1)
        sent.append(len(await sent_by(section)))
    assert sent[0] == 2
    assert max(later - earlier for earlier, later in itertools.pairwise(sent)) == 1
    assert max(row.starts_at for row in await Event.all()) <= ctx.now() + announcing.AHEAD
    documents = [activity["object"] for activity in await sent_by(section)]
    assert {document["superEvent"] for document in documents} == {(await EventSeries.get()).uri}


async def test_two_are_to_come_even_where_they_are_far_apart(section: Actor, ctx: Context) -> None:
    await series.begin(section, DRAFT, Rule(Frequency.MONTHLY, 6, count=4), ctx)
    assert await clocks() == ["01-05 19:00", "07-05 19:00"]


async def test_what_was_missed_while_the_server_was_off_is_not_announced_late(
    meetings: EventSeries, world: World, ctx: Context
) -> None:
    world.pass_time(days=100)
    await announcing.announce_due(ctx)
    await announcing.announce_due(ctx)
    rows = await Event.all().order_by("starts_at")
    assert len(rows) == 3
    assert rows[2].starts_at > ctx.now()


async def test_done_again_after_a_crash_it_is_announced_once(meetings: EventSeries, world: World, ctx: Context) -> None:
    before = await EventSeries.get()
    await announcing.announce_next(await EventSeries.get(), ctx)
    await before.save()  # as if nothing had been written down
    await announcing.announce_next(before, ctx)
    assert await Event.all().count() == 3
    assert (await EventSeries.get()).next_at == MONDAY.replace(hour=18) + timedelta(days=22)


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        (replace(DRAFT, title="x"), WEEKLY),
        (DRAFT, Rule(Frequency.WEEKLY)),
        (replace(DRAFT, starts=DRAFT.starts - timedelta(days=99), ends=None), Rule(Frequency.WEEKLY, count=3)),
    ],
)
async def test_what_cannot_begin_leaves_nothing(section: Actor, ctx: Context, draft: EventDraft, rule: Rule) -> None:
    with pytest.raises(Invalid):
        await series.begin(section, draft, rule, ctx)
    assert not await EventSeries.exists()


async def test_who_has_moved_away_begins_nothing(section: Actor, ctx: Context) -> None:
    section.moved_to_uri = "https://far.test/lille"
    await section.save()
    with pytest.raises(Forbidden):
        await series.begin(section, DRAFT, WEEKLY, ctx)
    assert not await EventSeries.exists()


async def test_a_series_that_cannot_go_on_waits_a_day(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    section.moved_to_uri = "https://far.test/lille"
    await section.save()
    await pass_days(world, ctx, 1)
    assert await Event.all().count() == 2
    assert (await EventSeries.get()).due_at == ctx.now() + timedelta(days=1)


async def test_a_closed_section_announces_nothing_more(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    section.gone_at = ctx.now()
    await section.save()
    await pass_days(world, ctx, 3)
    assert await Event.all().count() == 2
    assert (await EventSeries.get()).due_at is None


async def test_this_one_and_those_that_follow_get_another_hour(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 2)
    _first, second, *_ = await announced()
    draft = await actions.draft_of(second)
    later = replace(
        draft, starts=draft.starts + timedelta(hours=1), ends=DRAFT.ends and draft.starts + timedelta(hours=2)
    )
    await series.edit_following(section, second, later, ctx)
    await pass_days(world, ctx, 1)
    assert await clocks() == ["01-05 19:00", "01-12 20:00", "01-19 20:00", "01-26 20:00", "02-02 20:00"]
    rows = await Event.all().order_by("starts_at")
    assert {row.ends_at - row.starts_at for row in rows[1:]} == {timedelta(hours=1)}
    assert [row.sequence for row in rows] == [0, 1, 1, 1, 0]
    shifts = await Shift.all().order_by("starts_at")
    assert {f"{shift.starts_at.astimezone(PARIS):%H:%M}" for shift in shifts} == {"18:00"}
    assert len(shifts) == 5


async def test_another_day_of_the_week_is_that_of_all_that_follow(section: Actor, world: World, ctx: Context) -> None:
    await series.begin(section, DRAFT, Rule(Frequency.MONTHLY, count=12, is_by_weekday=True), ctx)
    second = (await announced())[1]
    draft = await actions.draft_of(second)
    await series.edit_following(section, second, kept_drafts.moved(draft, draft.starts + timedelta(days=2)), ctx)
    await pass_days(world, ctx, 60)
    assert await clocks() == ["01-05 19:00", "02-04 19:00", "03-04 19:00", "04-01 19:00"]
    assert (await EventSeries.get()).rule == "FREQ=MONTHLY;INTERVAL=1;BYDAY=1TH;COUNT=11"


async def test_those_that_follow_keep_what_is_their_own(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 2)
    _first, second, third, _fourth = await announced()
    own = await actions.draft_of(third)
    await actions.edit(
        section, third, replace(own, title="Réunion extraordinaire", starts=own.starts + timedelta(hours=1)), ctx
    )
    draft = await actions.draft_of(second)
    await series.edit_following(section, second, replace(draft, title="Réunion", text="Apportez un plat"), ctx)
    titles = [(post.title, post.source_text) for post in await announced()]
    assert titles == [
        ("Réunion du mardi", "Comme chaque semaine"),
        ("Réunion", "Apportez un plat"),
        ("Réunion extraordinaire", "Apportez un plat"),
        ("Réunion", "Apportez un plat"),
    ]
    assert (await clocks())[2] == "01-19 20:00"
    await pass_days(world, ctx, 1)
    assert [post.title for post in await announced()][-1] == "Réunion"


async def test_another_hour_for_all_is_that_of_the_one_that_had_its_own(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 1)
    first, _second, third = await announced()
    own = await actions.draft_of(third)
    await actions.edit(section, third, replace(own, starts=own.starts + timedelta(hours=1)), ctx)
    draft = await actions.draft_of(first)
    await series.edit_following(section, first, kept_drafts.moved(draft, draft.starts - timedelta(hours=1)), ctx)
    assert await clocks() == ["01-05 18:00", "01-12 18:00", "01-19 18:00"]
    await series.edit_following(section, first, kept_drafts.moved(draft, draft.starts), ctx)
    assert await clocks() == ["01-05 19:00", "01-12 19:00", "01-19 19:00"]


async def test_who_does_a_shift_goes_on_doing_it(
    meetings: EventSeries, section: Actor, member: Actor, ctx: Context
) -> None:
    first, second = await announced()
    shift = await Shift.get(event_id=second.id)
    said = await Participation.create(event=second, actor=member, state=ParticipationState.ACCEPTED)
    await ShiftTaken.create(shift=shift, participation=said)
    draft = await actions.draft_of(first)
    more = replace(
        draft, shifts=[replace(draft.shifts[0], places=3), replace(draft.shifts[0], name="Rangement", id=None)]
    )
    await series.edit_following(section, first, more, ctx)
    assert [(row.name, row.places) for row in await Shift.filter(event_id=second.id).order_by("position")] == [
        ("Accueil", 3),
        ("Rangement", 1),
    ]
    assert await ShiftTaken.filter(shift_id=shift.id).exists()


async def test_a_deleted_one_leaves_the_others_where_they_are(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 2)
    first, second, *_ = await announced()
    await actions.delete(section, second, ctx)
    draft = await actions.draft_of(first)
    await series.edit_following(section, first, kept_drafts.moved(draft, draft.starts + timedelta(hours=1)), ctx)
    assert await clocks() == ["01-05 20:00", "01-19 20:00", "01-26 20:00"]


async def test_a_change_of_an_earlier_one_reaches_those_that_were_changed_before(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 1)
    first, second, _ = await announced()
    draft = await actions.draft_of(second)
    await series.edit_following(section, second, kept_drafts.moved(draft, draft.starts + timedelta(days=1)), ctx)
    draft = await actions.draft_of(first)
    await series.edit_following(section, first, kept_drafts.moved(draft, draft.starts + timedelta(hours=1)), ctx)
    await pass_days(world, ctx, 1)
    assert await clocks() == ["01-05 20:00", "01-12 20:00", "01-19 20:00", "01-26 20:00"]


async def test_called_off_from_one_on_the_rest_is_never_announced(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    await pass_days(world, ctx, 1)
    _first, second, third = await announced()
    await series.cancel_following(section, second, ctx)
    await series.cancel_following(section, third, ctx)
    await pass_days(world, ctx, 30)
    rows = await Event.all().order_by("starts_at")
    assert [row.status for row in rows] == [EventStatus.CONFIRMED, EventStatus.CANCELLED, EventStatus.CANCELLED]


async def test_deleted_from_one_on_the_rest_is_never_announced(
    meetings: EventSeries, section: Actor, world: World, ctx: Context
) -> None:
    second = (await announced())[1]
    await series.delete_following(section, second, ctx)
    await pass_days(world, ctx, 30)
    assert await clocks() == ["01-05 19:00"]


async def test_nobody_else_changes_a_series(meetings: EventSeries, member: Actor, ctx: Context) -> None:
    first = (await announced())[0]
    for change in (series.cancel_following, series.delete_following):
        with pytest.raises(Forbidden):
            await change(member, first, ctx)
    with pytest.raises(Forbidden):
        await series.edit_following(member, first, DRAFT, ctx)


async def test_an_event_that_stands_alone_has_none_that_follow(section: Actor, ctx: Context) -> None:
    alone = await actions.publish(section, DRAFT, ctx)
    with pytest.raises(NotFound):
        await series.cancel_following(section, alone, ctx)


def test_a_draft_is_kept_whole() -> None:
    full = replace(DRAFT, capacity=12, is_all_day=True, language="fr")
    assert kept_drafts.read(kept_drafts.kept(full)) == full
    bare = EventDraft("Réunion", DRAFT.starts)
    assert kept_drafts.read(kept_drafts.kept(bare)) == bare


async def test_a_meeting_of_days_goes_on_for_days(section: Actor, world: World, ctx: Context) -> None:
    days = replace(DRAFT, starts=DRAFT.starts - timedelta(days=1), is_all_day=True, ends=None, shifts=())
    await series.begin(section, days, Rule(Frequency.WEEKLY, count=3), ctx)
    assert await clocks() == ["01-04 00:00", "01-11 00:00"]
