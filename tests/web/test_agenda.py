"""The agenda as visitors and members see it: by days, by months, near a place, of a kind, with some words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, Place, Shift
from models.ids import new_id
from models.membership import Membership, MembershipState
from models.post import Post, Visibility
from models.section import Section
from server.errors import NotFound
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft
from tests import factories
from tests.web.conftest import Enter, browser
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite, statements
from web.events import agenda
from web.events.filters import read_after, read_month, written_after

TITLES = ".agenda .event-title"
LILLE, PARIS = (50.6366, 3.0635), (48.8566, 2.3522)

pytestmark = pytest.mark.usefixtures("main_section")


@pytest.fixture
def monday(now: datetime) -> datetime:
    """Ten in the morning, on the Monday of the week after next."""
    return (now + timedelta(days=14 - now.weekday())).replace(hour=10, minute=0, second=0)


async def hold(organiser: Actor, title: str, starts_at: datetime, **more: Any) -> Post:
    """An event, at a place of that name where `point` or `address` is given."""
    where = {"latitude": more["point"][0], "longitude": more["point"][1]} if more.get("point") else {}
    where |= more.pop("address", {})
    if more.pop("point", None) or where:
        more["place"] = await Place.create(uri=f"{organiser.uri}/{new_id()}", name=f"Place {title}", **where)
    return await factories.event(organiser, title, starts_at=starts_at, **more)


async def test_events_stand_under_their_days(visitor: AsyncClient, section: Actor, monday: datetime) -> None:
    await hold(section, "Le soir", monday + timedelta(hours=8))
    await hold(section, "Le matin", monday)
    await hold(section, "Demain", monday + timedelta(days=1), kind=EventKind.DEBATE, status=EventStatus.CANCELLED)
    page = read(await visitor.get("/agenda"))
    assert texts(page, TITLES) == ["Le matin", "Le soir", "Demain"]
    assert len(page.select(".agenda-day")) == 2
    assert [len(day.select(".event-card")) for day in page.select(".agenda-day")] == [2, 1]
    assert text(page, ".event-off") == "Annulé"
    assert text(page, ".agenda-date .hidden").endswith(str(monday.year))
    assert text(page, 'nav [aria-current="page"]') == "Agenda"


async def test_what_goes_on_already_comes_first(visitor: AsyncClient, section: Actor, now: datetime) -> None:
    await hold(section, "Bientôt", now + timedelta(days=1))
    await hold(section, "Exposition", now - timedelta(days=3), ends_at=now + timedelta(days=9))
    page = read(await visitor.get("/agenda"))
    assert texts(page, TITLES) == ["Exposition", "Bientôt"]
    assert text(page, ".agenda-going-on") == "En ce moment"
    assert "Jusqu’au" in text(page, ".event-when")


async def test_nothing_planned_is_said_in_a_sentence(visitor: AsyncClient, section: Actor) -> None:
    assert text(read(await visitor.get("/agenda")), ".empty .lead") == "Aucun événement n’est encore prévu."
    page = read(await visitor.get("/agenda", params={"words": "tractage"}))
    assert text(page, ".empty .lead") == "Rien de prévu ne correspond à cette recherche."


async def test_only_what_is_public_and_of_this_server_is_on_its_agenda(
    visitor: AsyncClient, section: Actor, remote_actor: Actor, monday: datetime
) -> None:
    await hold(section, "Pour tout le monde", monday)
    await hold(section, "Pour les membres", monday, visibility=Visibility.SECTION, group=section)
    await hold(remote_actor, "Ailleurs", monday)
    assert texts(read(await visitor.get("/agenda")), TITLES) == ["Pour tout le monde"]


async def test_a_section_has_its_own_agenda(
    visitor: AsyncClient, section: Actor, ctx: Context, monday: datetime
) -> None:
    roubaix = await factories.section(ctx, "roubaix", "Section de Roubaix", is_main=False)
    await hold(section, "À Lille", monday)
    await hold(roubaix, "À Roubaix", monday)
    page = read(await visitor.get("/@roubaix/agenda"))
    assert (text(page, "h1"), texts(page, TITLES)) == ("Agenda : Section de Roubaix", ["À Roubaix"])
    assert (await visitor.get("/@nobody/agenda")).status_code == 404


async def test_a_member_s_agenda_has_what_they_follow_and_belong_to(
    enter: Enter, member: Actor, section: Actor, remote_actor: Actor, stranger: Actor, monday: datetime
) -> None:
    await Membership.create(group=section, member=member, state=MembershipState.ACCEPTED)
    await factories.follow(member, remote_actor)
    inside = await hold(section, "Pour les membres", monday, visibility=Visibility.SECTION, group=section)
    await hold(remote_actor, "Ailleurs", monday + timedelta(hours=1))
    await hold(stranger, "Inconnu", monday)
    answer = await (await enter(member)).get("/me/agenda")
    page = read(answer)
    assert texts(page, TITLES) == ["Pour les membres", "Ailleurs"]
    assert page.select_one(f'{TITLES} a[href="/events/{inside.id}"]') is not None
    assert answer.headers["cache-control"] == "no-store"


async def test_a_member_who_follows_nobody_is_told_so(enter: Enter, member: Actor) -> None:
    page = read(await (await enter(member)).get("/me/agenda"))
    assert text(page, ".empty .lead") == "Rien n’est prévu par les sections et les personnes que vous suivez."


async def test_a_member_s_agenda_asks_to_log_in(visitor: AsyncClient) -> None:
    answer = await visitor.get("/me/agenda?month=2026-12")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fme%2Fagenda%3Fmonth%3D2026-12")


async def test_filters_by_kind_and_words(visitor: AsyncClient, section: Actor, ctx: Context, monday: datetime) -> None:
    for title, kind in (("Débat à la Bourse", EventKind.DEBATE), ("Tractage place Rihour", EventKind.LEAFLETING)):
        draft = EventDraft(title, monday.replace(tzinfo=None), kind=kind, place=PlaceDraft("Ici"))
        await actions.publish(section, draft, ctx)
    assert texts(read(await visitor.get("/agenda?kind=debate")), TITLES) == ["Débat à la Bourse"]
    assert texts(read(await visitor.get("/agenda?words=rihour")), TITLES) == ["Tractage place Rihour"]
    assert texts(read(await visitor.get("/agenda?words=DEBAT+bours")), TITLES) == ["Débat à la Bourse"]


@pytest.mark.parametrize("near", ["59000", "lille", "Lil", "roubaix"])
async def test_near_a_postal_code_or_a_town(visitor: AsyncClient, section: Actor, monday: datetime, near: str) -> None:
    await hold(section, "Lille", monday, point=LILLE)
    await hold(section, "Paris", monday, point=PARIS)
    await hold(section, "Sans point", monday, address={"postal_code": "59200", "locality": "Tourcoing"})
    await hold(section, "Hamm", monday, address={"postal_code": "59063", "country": "Deutschland"})
    await hold(section, "Nulle part", monday)
    page = read(await visitor.get("/agenda", params={"near": near, "km": "25"}))
    assert texts(page, TITLES) == ["Lille", "Sans point"]
    assert page.select_one('meta[name="robots"][content="noindex"]') is not None


async def test_other_places_of_that_name_are_offered(visitor: AsyncClient, section: Actor, monday: datetime) -> None:
    await hold(section, "Marché", monday, point=(48.9362, 2.3574))
    page = read(await visitor.get("/agenda?near=Saint-Denis"))
    assert "À moins de 25 km de Saint-Denis (974)." in text(page, ".agenda-near")
    assert texts(page, ".agenda-near a") == ["Saint-Denis (93)", "Saint-Denis (11)", "Saint-Denis (30)"]
    assert texts(page, TITLES) == []
    chosen = page.select(".agenda-near a")[0]["href"]
    page = read(await visitor.get(f"/agenda{chosen}"))
    assert texts(page, TITLES) == ["Marché"]
    assert page.select_one("#near")["value"] == "Saint-Denis"


async def test_a_place_that_nobody_knows_is_said_to_be_unknown(
    visitor: AsyncClient, section: Actor, monday: datetime
) -> None:
    await hold(section, "Réunion", monday)
    page = read(await visitor.get("/agenda?near=Atlantis"))
    assert text(page, "#near-error") == "Aucune commune de France n’a ce nom ou ce code postal."
    assert texts(page, TITLES) == ["Réunion"]


@pytest.mark.parametrize(
    "query",
    ["kind=party", "month=2026-13", "month=december", "month=0001-01", "after=1", "after=x-1", "after=999999999999-1",
     "after=1-9999999999999999999", "km=7", "commune=00000"],
)  # fmt: skip
async def test_what_no_page_of_ours_asks_is_not_found(visitor: AsyncClient, section: Actor, query: str) -> None:
    assert (await visitor.get(f"/agenda?{query}")).status_code == 404


@given(st.text(max_size=40))
def test_any_month_is_one_or_not_found(typed: str) -> None:
    for text_ in (typed, f"{typed[:4]}-12", f"2026-{typed[:2]}"):
        try:
            found = read_month(text_)
        except NotFound:
            continue
        assert found is None or f"{found:%Y-%m}" == text_


@given(st.text(max_size=40))
def test_any_place_in_the_agenda_is_one_or_not_found(typed: str) -> None:
    for text_ in (typed, f"{typed}-1", f"1-{typed}"):
        try:
            found = read_after(text_)
        except NotFound:
            continue
        assert found is None or found.id >= 0


@given(st.integers(0, 10**11), st.integers(1, 2**63 - 1))
def test_a_place_in_the_agenda_is_read_as_it_was_written(seconds: int, id_: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    found = read_after(written_after(at, id_))
    assert found is not None
    assert (found.starts_at, found.id) == (at, id_)


async def test_a_page_follows_another(
    visitor: AsyncClient, section: Actor, monday: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agenda, "PAGE_EVENTS", 2)
    for number in range(5):
        await hold(section, f"N° {number}", monday + timedelta(hours=number // 2))
    seen, address = [], "/agenda?kind="
    for _ in range(3):
        page = read(await visitor.get(address))
        seen += texts(page, TITLES)
        link = page.select_one('a[rel~="next"]')
        address = f"/agenda{link['href']}" if link else ""
    assert (seen, address) == ([f"N° {number}" for number in range(5)], "")
    assert page.select_one('.paging a[href="?"]') is not None


async def test_a_month_is_a_table_of_weeks(visitor: AsyncClient, section: Actor) -> None:
    starts = datetime(2030, 2, 27, 18, tzinfo=UTC)
    await hold(section, "Congrès", starts, ends_at=starts + timedelta(days=3))
    await hold(section, "Réunion", datetime(2030, 2, 1, 17, tzinfo=UTC))
    page = read(await visitor.get("/agenda?month=2030-02"))
    assert text(page, "#month") == "février 2030"
    assert [head["abbr"] for head in page.select(".month th[scope=col]")][::6] == ["lundi", "dimanche"]
    assert len(page.select(".month tbody tr")) == 5
    busy = [(text(cell, ".month-number"), texts(cell, "a")) for cell in page.select(".month-busy")]
    assert busy == [("1", ["18 h 00 Réunion"]), ("27", ["19 h 00 Congrès"]), ("28", ["19 h 00 Congrès"])]
    assert text(page, ".month-busy .month-full") == "vendredi 1er février 2030"
    assert [link["href"] for link in page.select(".month-turn a")] == ["?month=2030-01", "?month=2030-03"]
    next_month = read(await visitor.get("/agenda?month=2030-03"))
    assert [text(cell, ".month-number") for cell in next_month.select(".month-busy")] == ["1", "2"]


async def test_a_month_without_anything_says_so(visitor: AsyncClient, section: Actor) -> None:
    page = read(await visitor.get("/agenda?month=2031-05"))
    assert text(page, ".empty") == "Rien n’a lieu ce mois-ci."


async def test_a_month_keeps_its_filters(visitor: AsyncClient, section: Actor) -> None:
    page = read(await visitor.get("/agenda?month=2030-02&kind=debate&near=lille&km=10"))
    kept = "month=2030-03&kind=debate&near=lille&km=10"
    assert page.select(".month-turn a")[1]["href"] == f"?{kept}"
    assert page.select_one('input[name="month"]')["value"] == "2030-02"


async def test_an_agenda_is_kept_and_never_older_than_what_is_true(
    visitor: AsyncClient, section: Actor, ctx: Context, monday: datetime
) -> None:
    draft = EventDraft("Affiches", monday.replace(tzinfo=None), place=PlaceDraft("Gare"))
    post = await actions.publish(section, draft, ctx)
    addresses = ("/agenda", "/@lille/agenda", f"/agenda?month={monday:%Y-%m}")
    for address in (*addresses, "/", f"/@lille/{post.id}"):
        assert "Affiches" in (await visitor.get(address)).text
    await actions.set_status(section, post, EventStatus.CANCELLED, ctx)
    for address in (*addresses, "/", f"/@lille/{post.id}"):
        assert "Annulé" in (await visitor.get(address)).text
    await actions.delete(section, post, ctx)
    for address in (*addresses, "/"):
        assert "Affiches" not in (await visitor.get(address)).text


@needs_sqlite
@pytest.mark.parametrize("address", ["/agenda", "/@lille/agenda", "/agenda?month=2030-02"])
async def test_an_agenda_that_nothing_has_changed_asks_for_no_rows(
    visitor: AsyncClient, section: Actor, monday: datetime, address: str
) -> None:
    await hold(section, "Réunion", monday)
    first = await visitor.get(address)
    with statements() as seen:
        again = await visitor.get(address)
    assert (again.content, seen) == (first.content, [])


async def test_what_is_over_leaves_a_kept_agenda(
    app: Starlette, visitor: AsyncClient, section: Actor, world: Any, now: datetime
) -> None:
    await hold(section, "Ce soir", now + timedelta(minutes=30), ends_at=now + timedelta(hours=1))
    assert texts(read(await visitor.get("/agenda")), TITLES) == ["Ce soir"]
    app.state.context = world.context(now + timedelta(hours=3))
    assert texts(read(await visitor.get("/agenda")), TITLES) == []


@needs_sqlite
@pytest.mark.parametrize("address", ["/agenda", "/@lille/agenda", "/agenda?near=lille", "/agenda?month={month}"])
async def test_an_agenda_asks_as_much_for_thirty_events_as_for_one_and_less_than_ten_times(
    visitor: AsyncClient, section: Actor, now: datetime, monday: datetime, address: str
) -> None:
    address = address.format(month=f"{monday:%Y-%m}")
    await fill(section, now, monday, range(1))
    one = await asked(visitor, address)
    await fill(section, now, monday, range(1, 30))
    assert await asked(visitor, address) == one < 10


async def fill(section: Actor, now: datetime, monday: datetime, numbers: range) -> None:
    """Events with all that a card shows, to come and going on."""
    for number in numbers:
        post = await hold(section, f"N° {number}", monday, point=LILLE, capacity=9)
        await hold(section, f"Dure {number}", now - timedelta(days=1), point=LILLE, ends_at=monday + timedelta(days=40))
        event = await Event.get(post_id=post.id)
        times = {"starts_at": monday, "ends_at": monday + timedelta(hours=1)}
        await Shift.create(uri=f"{post.uri}/shift", event=event, name="Table", **times)


async def test_the_next_events_stand_on_the_page_of_a_section(
    visitor: AsyncClient, section: Actor, now: datetime, monday: datetime
) -> None:
    assert read(await visitor.get("/")).select_one(".next-events") is None
    await hold(section, "Hier", now - timedelta(days=1), ends_at=now - timedelta(hours=20))
    for number in range(4):
        await hold(section, f"N° {number}", monday + timedelta(days=number))
    page = read(await visitor.get("/"))
    assert texts(page, ".next-events .event-title") == ["N° 0", "N° 1", "N° 2"]
    assert page.select_one(".next-events .more a")["href"] == "/agenda"


async def test_it_reads_in_english(app: Starlette, section: Actor, monday: datetime) -> None:
    await hold(section, "Réunion", monday, kind=EventKind.MEETING)
    async with browser(app, language="en") as reader:
        page = read(await reader.get("/agenda"))
    assert (text(page, ".event-marks .mark-word"), text(page, ".agenda-views [aria-current]")) == ("Meeting", "List")


async def test_before_the_server_is_set_up_there_is_no_agenda(visitor: AsyncClient) -> None:
    await Section.all().update(is_main=False)
    assert (await visitor.get("/agenda")).status_code == 404
