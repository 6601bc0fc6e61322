"""At the desk: events that repeat, from the form to the page of all their dates; "this one" or "those that follow, too"."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from httpx2 import AsyncClient, Response

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventSeries, EventStatus
from models.participation import EventNotice, Participation, ParticipationState
from models.post import Post
from models.role import Role, SectionAct
from models.section import Section
from server.events import series
from server.events.kept_drafts import moved
from server.events.recurrence import Frequency, Rule
from server.sections import roles
from tests.server.events.test_series import DRAFT, MONDAY, PARIS, announced, clocks, pass_days
from tests.web.conftest import Enter
from tests.web.pages import form_of, read, text, texts
from tests.world import World

EVENTS = "/@lille/desk/events"
NEW = f"{EVENTS}/new"
WEEKLY = {"repeat": "week", "repeat_times": "52"}


@pytest.fixture
def now() -> datetime:
    """A Monday in winter."""
    return MONDAY


@pytest.fixture
async def meetings(section: Actor, ctx: Context) -> EventSeries:
    """A meeting on five Tuesdays."""
    return await series.begin(section, DRAFT, Rule(Frequency.WEEKLY, count=5), ctx)


async def typed(client: AsyncClient, **more: str) -> dict[str, str]:
    """What the form holds once a meeting is typed into it."""
    sent = form_of(read(await client.get(f"{NEW}?kind=meeting&on=2027-01-05&at=19:00")), NEW)
    sent.pop("picture1", None)
    return sent | {"title": "Réunion du mardi", "place": "Local"} | more


async def send(client: AsyncClient, sent: dict[str, str], do: str, address: str = NEW) -> Response:
    return await client.post(address, data={**sent, "do": do})


def again(page: BeautifulSoup, address: str, **chosen: str) -> dict[str, str]:
    """What a page would send, with this radio button chosen."""
    return form_of(page, address) | chosen


async def comes(event: Post, actor: Actor) -> None:
    await Participation.create(event=event, actor=actor, state=ParticipationState.ACCEPTED)


async def test_a_year_of_weekly_meetings_is_at_the_same_hour_on_every_page(
    zoe: AsyncClient, visitor: AsyncClient, enter: Enter, member: Actor, world: World, ctx: Context
) -> None:
    sent = await typed(zoe, **WEEKLY)
    preview = read(await send(zoe, sent, "preview"))
    assert text(preview, "#dates legend") == "Les 52 dates"
    dates = texts(preview, "#dates .choice")
    assert len(dates) == 52
    assert {line.rpartition(", ")[2] for line in dates} == {"19 h 00"}
    assert not await Event.exists()

    response = await send(zoe, again(preview, NEW), "publish")

    first = (await announced())[0]
    assert response.headers["location"] == f"{EVENTS}/{first.id}?said=series_announced"
    await pass_days(world, ctx, 280)
    zoe = await enter(member)  # for nobody stays logged in for so long
    page = read(await zoe.get(f"{EVENTS}/series/{(await EventSeries.get()).id}"))
    rows = texts(page, ".door > li")
    assert len(rows) == 52
    for row, line in zip(rows, dates, strict=True):
        assert row.startswith(line)
    for month, day in ((3, 23), (3, 30), (10, 26), (11, 2)):  # before and after the clocks change
        at = datetime(2027, month, day, 19, tzinfo=PARIS).astimezone(UTC)
        event = await Event.get(starts_at=at)
        assert "19 h 00" in text(read(await visitor.get(f"/@lille/{event.post_id}")), ".event-facts .event-when")
    offsets = {row.starts_at.hour for row in await Event.all()}
    assert offsets == {17, 18}


async def test_days_that_are_ticked_are_left_out(zoe: AsyncClient, ctx: Context) -> None:
    sent = await typed(zoe, repeat="week", repeat_until="2027-02-02")
    preview = read(await send(zoe, sent, "preview"))
    assert len(preview.select("#dates input")) == 5

    back = read(await send(zoe, again(preview, NEW, **{"skip-2027-01-12": "yes"}), "change"))
    kept = form_of(back, NEW)
    assert kept["skip-2027-01-12"] == "yes"
    kept.pop("picture1")
    preview = read(await send(zoe, kept, "preview"))
    ticked = preview.select("#dates input[checked]")
    assert [box["name"] for box in ticked] == ["skip-2027-01-12"]

    for _ in range(2):  # a form that is sent twice announces once
        await send(zoe, again(preview, NEW), "publish")

    assert await clocks() == ["01-05 19:00", "01-19 19:00"]
    assert (await EventSeries.get()).left_out == ["2027-01-12T19:00:00"]
    assert await SectionAct.filter(act="organise").count() == 1


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("week", ["5 janvier", "12 janvier", "19 janvier"]),
        ("fortnight", ["5 janvier", "19 janvier", "2 février"]),
        ("month_day", ["5 janvier", "5 février", "5 mars"]),
        ("month_weekday", ["5 janvier", "2 février", "2 mars"]),
    ],
)
async def test_each_way_to_repeat_shows_its_dates(zoe: AsyncClient, chosen: str, expected: list[str]) -> None:
    preview = read(await send(zoe, await typed(zoe, repeat=chosen, repeat_times="3"), "preview"))
    for line, day in zip(texts(preview, "#dates .choice"), expected, strict=True):
        assert f"{day} 2027" in line


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"repeat": "week"}, "combien de fois"),
        ({"repeat": "week", "repeat_times": "3", "repeat_until": "2027-03-01"}, "combien de fois"),
        ({"repeat": "week", "repeat_times": "beaucoup"}, "pas un nombre"),
        ({"repeat": "week", "repeat_times": "105"}, "104"),
        ({"repeat": "week", "repeat_until": "demain"}, "pas une date"),
        ({"repeat": "week", "repeat_until": "2027-01-06"}, "une seule fois"),
        ({"repeat": "week", "repeat_until": "2026-12-01"}, "une seule fois"),
        (
            {"repeat": "week", "repeat_times": "2", "skip-2027-01-05": "yes", "skip-2027-01-12": "yes"},
            "Il ne reste aucune",
        ),
    ],
)
async def test_what_cannot_repeat_is_told_beside_the_fields(zoe: AsyncClient, more: dict[str, str], said: str) -> None:
    page = read(await send(zoe, await typed(zoe, **more), "preview"), 422)
    assert said in text(page, "#repeat-error")
    kept = form_of(page, NEW)
    assert (kept["title"], kept["repeat"]) == ("Réunion du mardi", "week")
    assert not await EventSeries.exists()


async def test_a_way_to_repeat_that_no_form_of_ours_sends_is_refused(zoe: AsyncClient) -> None:
    assert (await send(zoe, await typed(zoe, repeat="moon", repeat_times="3"), "preview")).status_code == 422


async def test_one_that_stands_alone_is_asked_nothing(zoe: AsyncClient) -> None:
    await send(zoe, again(read(await send(zoe, await typed(zoe), "preview")), NEW), "publish")
    event = (await announced())[0]
    for path in ("status?to=cancelled", "delete"):
        assert not read(await zoe.get(f"{EVENTS}/{event.id}/{path}")).select("input[name=scope]")
    assert not read(await zoe.get(f"{EVENTS}/{event.id}")).select('a[href*="/series/"]')


@pytest.mark.parametrize(
    ("scope", "titles", "said"),
    [
        ("this", ["Congrès", "Réunion du mardi"], "event_changed"),
        ("following", ["Congrès", "Congrès"], "series_changed"),
    ],
)
async def test_whoever_changes_one_says_whether_those_that_follow_go_along(
    zoe: AsyncClient, meetings: EventSeries, member: Actor, scope: str, titles: list[str], said: str
) -> None:
    first, second = await announced()
    await comes(second, member)
    address = f"{EVENTS}/{first.id}/edit"
    sent = form_of(read(await zoe.get(address)), address) | {"title": "Congrès"}
    sent.pop("picture1")
    preview = read(await send(zoe, sent, "preview", address))
    assert [box["value"] for box in preview.select("input[name=scope]")] == ["this", "following"]
    assert "2 événements déjà annoncés, et 3 qui ne le sont pas encore" in text(preview, ".scope")
    assert "personne" not in text(preview, ".scope").lower()  # nobody is told of another title
    response = await send(zoe, again(preview, address, scope=scope), "publish", address)

    assert response.headers["location"] == f"{EVENTS}/{first.id}?said={said}"
    assert [post.title for post in await announced()] == titles


async def test_another_hour_says_who_is_told_and_when_they_take_place_then(
    zoe: AsyncClient, meetings: EventSeries, member: Actor
) -> None:
    first, second = await announced()
    await comes(second, member)
    address = f"{EVENTS}/{first.id}/edit"
    sent = form_of(read(await zoe.get(address)), address) | {"starts_at": "20:00", "ends_at": "22:00"}
    sent.pop("picture1")
    preview = read(await send(zoe, sent, "preview", address))
    this, following = texts(preview, ".scope .choice")
    assert "Il n’y a pas encore d’inscription." in this
    assert "1 personne qui vient, ou viendra peut-être, est prévenue." in following
    assert len(texts(preview, ".dates li")) == 5
    assert texts(preview, ".dates li")[0].endswith("20 h 00")

    back = read(await send(zoe, again(preview, address, scope="following"), "change", address))
    kept = form_of(back, address)
    kept.pop("picture1")
    preview = read(await send(zoe, kept, "preview", address))
    assert preview.select_one("input[name=scope][checked]")["value"] == "following"  # type: ignore[index]
    await send(zoe, again(preview, address), "publish", address)

    assert await clocks() == ["01-05 20:00", "01-12 20:00"]
    assert await EventNotice.all().count() == 1


@pytest.mark.parametrize(
    ("to", "said", "status"),
    [
        ("cancelled", "series_cancelled", EventStatus.CANCELLED),
        ("postponed", "series_postponed", EventStatus.POSTPONED),
    ],
)
async def test_those_that_follow_are_called_off_or_put_off_too(
    zoe: AsyncClient, meetings: EventSeries, member: Actor, other_member: Actor, to: str, said: str, status: EventStatus
) -> None:
    first, second = await announced()
    await comes(first, member)
    await comes(second, member)
    await comes(second, other_member)
    address = f"{EVENTS}/{first.id}/status"
    page = read(await zoe.get(f"{address}?to={to}"))
    this, following = texts(page, ".scope .choice")
    assert "1 personne" in this
    assert "2 personnes" in following

    response = await zoe.post(address, data=again(page, address, scope="following"))

    assert response.headers["location"] == f"{EVENTS}/{first.id}?said={said}"
    assert [row.status for row in await Event.all()] == [status, status]
    assert (await EventSeries.get()).due_at is None
    assert await EventNotice.all().count() == 3
    assert await SectionAct.filter(act="organise").count() == 1


async def test_this_one_alone_is_what_is_chosen_at_first(zoe: AsyncClient, meetings: EventSeries) -> None:
    first, _ = await announced()
    address = f"{EVENTS}/{first.id}/status"
    await zoe.post(address, data=again(read(await zoe.get(f"{address}?to=cancelled")), address))
    assert [row.status for row in await Event.all().order_by("starts_at")] == [
        EventStatus.CANCELLED,
        EventStatus.CONFIRMED,
    ]


async def test_what_was_put_off_is_held_after_all(
    zoe: AsyncClient, meetings: EventSeries, world: World, ctx: Context
) -> None:
    first, _ = await announced()
    address = f"{EVENTS}/{first.id}/status"
    for to in ("postponed", "confirmed"):
        page = read(await zoe.get(f"{address}?to={to}"))
        await zoe.post(address, data=again(page, address, scope="following"))
        shown = read(await zoe.get(f"{EVENTS}/series/{meetings.id}"))
        assert bool(shown.select(".said")) is (to == "postponed")
    await pass_days(world, ctx, 60)
    assert {row.status for row in await Event.all()} == {EventStatus.CONFIRMED}
    assert await Event.all().count() == 5


async def test_those_that_follow_are_deleted_too(zoe: AsyncClient, meetings: EventSeries) -> None:
    _, second = await announced()
    address = f"{EVENTS}/{second.id}/delete"
    page = read(await zoe.get(address))
    assert "1 événement déjà annoncé, et 3 qui ne le sont pas encore" in text(page, ".scope")
    response = await zoe.post(address, data=again(page, address, scope="following"))
    assert response.headers["location"] == f"{EVENTS}?said=series_deleted"
    assert await clocks() == ["01-05 19:00"]
    assert (await EventSeries.get()).next_at is None


@pytest.mark.parametrize("path", ["status", "delete", "edit"])
async def test_a_choice_that_is_none_is_refused(zoe: AsyncClient, meetings: EventSeries, path: str) -> None:
    first, _ = await announced()
    address = f"{EVENTS}/{first.id}/{path}"
    sent = form_of(read(await zoe.get(f"{address}?to=cancelled")), address)
    sent.pop("picture1", None)
    answer = await zoe.post(address, data=sent | {"scope": "all", "do": path if path != "edit" else "publish"})
    assert answer.status_code == 422
    assert await Event.filter(status=EventStatus.CONFIRMED).count() == 2


async def test_page_of_a_series_says_what_became_of_each_date(
    zoe: AsyncClient, meetings: EventSeries, member: Actor, section: Actor, world: World, ctx: Context
) -> None:
    first, second = await announced()
    await comes(first, member)
    await series.actions.set_status(section, second, EventStatus.CANCELLED, ctx)
    address = f"{EVENTS}/series/{meetings.id}"
    assert read(await zoe.get(f"{EVENTS}/{first.id}")).select_one(f'a[href="{address}"]')
    assert read(await zoe.get(EVENTS)).select_one(f'a[href="{address}"]')

    page = read(await zoe.get(address))

    assert text(page, ".lead") == "Chaque semaine"
    rows = texts(page, ".door > li")
    assert len(rows) == 5
    assert "1 personne vient" in rows[0]
    assert "Annulé" in rows[1]
    assert all("pas encore annoncé" in row for row in rows[2:])
    assert page.select_one(f'a[href="{EVENTS}/{first.id}/edit"]')
    world.pass_time(days=3)
    assert "terminé" in texts(read(await zoe.get(address)), ".door > li")[0]


async def test_a_date_ahead_is_left_out_and_held_after_all_at_its_page(
    zoe: AsyncClient, meetings: EventSeries, member: Actor, world: World, ctx: Context
) -> None:
    address = f"{EVENTS}/series/{meetings.id}"
    for do, said, ahead in (
        ("leave_out", "date_left_out", 2),
        ("hold", "date_held", 3),
        ("leave_out", "date_left_out", 2),
    ):
        page = read(await zoe.get(address))
        response = await zoe.post(address, data=form_of(page, address, do, date="2027-01-19T19:00:00"))
        assert response.headers["location"] == f"{address}?said={said}"
        assert len(read(await zoe.get(address)).select("input[value=leave_out]")) == ahead
    await pass_days(world, ctx, 60)
    assert await clocks() == ["01-05 19:00", "01-12 19:00", "01-26 19:00", "02-02 19:00"]
    assert {act.about for act in await SectionAct.filter(act="organise")} == {meetings.uri}


@pytest.mark.parametrize(
    ("date", "status"),
    [("2027-01-05T19:00:00", 409), ("2027-01-06T19:00:00", 404), ("", 404), ("2027-01-19", 404)],
)
async def test_a_date_that_cannot_be_left_out_stays(
    zoe: AsyncClient, meetings: EventSeries, date: str, status: int
) -> None:
    address = f"{EVENTS}/series/{meetings.id}"
    sent = form_of(read(await zoe.get(address)), address, "leave_out") | {"date": date}
    assert (await zoe.post(address, data=sent)).status_code == status
    assert (await EventSeries.get()).left_out == []


async def test_who_does_not_organise_sees_no_series(
    enter: Enter, visitor: AsyncClient, zoe: AsyncClient, meetings: EventSeries, main_section: Section,
    other_member: Actor, ctx: Context,
) -> None:  # fmt: skip
    address = f"{EVENTS}/series/{meetings.id}"
    assert (await visitor.get(address)).headers["location"].startswith("/login?next=")
    await roles.give(main_section, other_member, Role.MODERATOR, None, ctx)
    ali = await enter(other_member)
    assert (await ali.get(address)).status_code == 403
    sent = form_of(read(await ali.get("/me")), "/logout")
    assert (await ali.post(address, data=sent | {"do": "leave_out", "date": "2027-01-19T19:00:00"})).status_code == 403
    assert (await zoe.get(f"{EVENTS}/series/1")).status_code == 404
    assert (await EventSeries.get()).left_out == []


async def test_a_moved_event_is_shown_at_its_own_hour_on_the_page_of_its_series(
    zoe: AsyncClient, meetings: EventSeries, section: Actor, ctx: Context
) -> None:
    _, second = await announced()
    draft = await series.actions.draft_of(second)
    await series.actions.edit(section, second, moved(draft, draft.starts + timedelta(hours=1)), ctx)
    rows = texts(read(await zoe.get(f"{EVENTS}/series/{meetings.id}")), ".door > li")
    assert ["20 h 00" in row for row in rows] == [False, True, False, False, False]
