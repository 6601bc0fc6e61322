"""The page of an event: when, where, who organises it, what there is to do, what became of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.event import Event, EventKind, EventStatus, JoinMode, Organising, OrganisingState, Place, Shift
from models.ids import new_id
from models.post import Post, Visibility
from server.events import actions
from server.events.drafts import EventDraft, PlaceDraft
from tests import factories
from tests.web.conftest import Enter, browser
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite

pytestmark = pytest.mark.usefixtures("main_section")

STARTS = datetime(2030, 12, 7, 13, tzinfo=UTC)  # a Saturday, two in the afternoon in Paris


async def place(organiser: Actor, **columns: Any) -> Place:
    named = {"name": "Halles de Wazemmes", "street": "12 rue Colbert", "postal_code": "59000", "locality": "Lille"}
    return await Place.create(uri=f"{organiser.uri}/{new_id()}", **(named | columns))


async def page_of(visitor: AsyncClient, post: Post) -> Any:
    return read(await visitor.get(f"/@lille/{post.id}"))


def fact(page: Any, name: str) -> str:
    """What stands beside a word among the facts."""
    found = [text(row, "dd") for row in page.select(".event-facts > div") if text(row, "dt") == name]
    assert found, f"no {name}"
    return found[0]


async def test_an_event_says_when_and_where(visitor: AsyncClient, section: Actor) -> None:
    at = await place(section, latitude=50.6266, longitude=3.0499)
    post = await factories.event(section, "Tractage", starts_at=STARTS, kind=EventKind.LEAFLETING, place=at)
    page = await page_of(visitor, post)
    assert (text(page, "h1"), text(page, ".event-kind")) == ("Tractage", "Tractage")
    assert fact(page, "Quand") == "samedi 7 décembre 2030, de 14 h 00 à 16 h 00"
    assert fact(page, "Où").startswith("Halles de Wazemmes 12 rue Colbert, 59000 Lille")
    assert fact(page, "Organisé par") == "L Section de Lille @lille"
    link = page.select_one(".event-map")
    assert link["href"] == "https://www.openstreetmap.org/?mlat=50.62660&mlon=3.04990#map=17/50.62660/3.04990"
    assert "noreferrer" in link["rel"]
    assert [page.select_one(".date-block").get_text(" ")] == ["sam. 7 déc."]
    assert not page.select('iframe, script:not([type="application/ld+json"]), img[src^=http]')


async def test_a_place_without_a_point_is_looked_for_by_its_address(visitor: AsyncClient, section: Actor) -> None:
    post = await factories.event(section, "Tractage", starts_at=STARTS, place=await place(section))
    link = (await page_of(visitor, post)).select_one(".event-map")["href"]
    assert link == ("https://www.openstreetmap.org/search?query=Halles+de+Wazemmes%2C+12+rue+Colbert%2C+59000+Lille")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"is_end_shown": False}, "samedi 7 décembre 2030 à 14 h 00"),
        ({"ends_at": STARTS + timedelta(days=1)},
         "du samedi 7 décembre 2030 à 14 h 00 au dimanche 8 décembre 2030 à 14 h 00"),
        ({"is_all_day": True, "starts_at": STARTS - timedelta(hours=14), "ends_at": STARTS + timedelta(hours=10)},
         "samedi 7 décembre 2030, toute la journée"),
        ({"is_all_day": True, "starts_at": STARTS - timedelta(hours=14), "ends_at": STARTS + timedelta(hours=34)},
         "du samedi 7 décembre 2030 au dimanche 8 décembre 2030"),
        ({"timezone": "America/Montreal"},
         "samedi 7 décembre 2030, de 8 h 00 à 10 h 00 heure de Montreal · samedi 7 décembre 2030 à 14 h 00 à Paris"),
        ({"timezone": "Europe/Brussels"}, "samedi 7 décembre 2030, de 14 h 00 à 16 h 00"),
        ({"timezone": ""}, "samedi 7 décembre 2030, de 14 h 00 à 16 h 00"),
    ],
)  # fmt: skip
async def test_times_are_said_in_words(
    visitor: AsyncClient, section: Actor, columns: dict[str, Any], said: str
) -> None:
    post = await factories.event(section, "Réunion", **({"starts_at": STARTS} | columns))
    assert fact(await page_of(visitor, post), "Quand") == said


async def test_it_reads_in_english(app: Starlette, section: Actor) -> None:
    post = await factories.event(section, "Réunion", starts_at=STARTS)
    async with browser(app, language="en") as reader:
        page = read(await reader.get(f"/@lille/{post.id}"))
    assert fact(page, "When") == "Saturday 7 December 2030, 14:00 to 16:00"


@pytest.mark.parametrize(
    ("status", "banner"),
    [
        (EventStatus.CANCELLED, "Annulé Cet événement n’a pas lieu."),
        (EventStatus.POSTPONED, "Reporté Une nouvelle date sera annoncée sur cette page."),
        (EventStatus.TENTATIVE, "À confirmer"),
    ],
)
async def test_what_became_of_it_stands_at_its_head(
    visitor: AsyncClient, section: Actor, status: EventStatus, banner: str
) -> None:
    post = await factories.event(section, starts_at=STARTS, status=status)
    page = await page_of(visitor, post)
    assert text(page, ".event-banner") == banner
    assert bool(page.select_one("#answer")) == (status is EventStatus.TENTATIVE)


async def test_several_organise_it_and_it_is_accessible(visitor: AsyncClient, section: Actor, ctx: Context) -> None:
    roubaix = await factories.section(ctx, "roubaix", "Section de Roubaix", is_main=False)
    access = {"has_wheelchair_access": True, "has_sign_language": True, "is_streamed": True}
    post = await factories.event(section, starts_at=STARTS, online_url="https://visio.example/salle", **access)
    event = await Event.get(post_id=post.id)
    await Organising.create(uri="https://x.test/1", event=event, section=roubaix, state=OrganisingState.ACCEPTED)
    page = await page_of(visitor, post)
    assert texts(page, ".event-organisers .person-name") == ["Section de Lille", "Section de Roubaix"]
    assert len(page.select(".event-access li")) == 3
    assert fact(page, "En ligne") == "Participer sur visio.example"


async def test_places_and_shifts_that_are_left(visitor: AsyncClient, section: Actor) -> None:
    post = await factories.event(section, starts_at=STARTS, capacity=20)
    event = await Event.get(post_id=post.id)
    for number, places in enumerate((2, 0)):
        await Shift.create(uri=f"{post.uri}/{number}", event=event, name=f"N° {number}", places=places,
                           starts_at=STARTS, ends_at=STARTS + timedelta(hours=1), position=number)  # fmt: skip
    page = await page_of(visitor, post)
    assert fact(page, "Places") == "20 places restantes"
    shifts = ["N° 0 14 h 00 – 15 h 00 il manque encore 2 personnes", "N° 1 14 h 00 – 15 h 00 complet"]
    assert texts(page, ".event-shifts li") == shifts
    [free, full] = page.select('#answer input[type="checkbox"]')
    assert (free.has_attr("disabled"), full.has_attr("disabled")) == (False, True)


async def test_afterwards_it_says_how_it_was(visitor: AsyncClient, section: Actor, now: datetime, say: Any) -> None:
    post = await factories.event(section, starts_at=now - timedelta(days=2), came_count=42)
    report = await say(section, "Une belle soirée !")
    await Event.filter(post_id=post.id).update(report_id=report.id)
    page = await page_of(visitor, post)
    assert text(page, ".event-banner") == "Cet événement est terminé."
    assert text(page, ".event-report .prose") == "Une belle soirée !"
    for address in page.select("article .copy"):
        address.decompose()  # its number may hold any other
    assert "42" not in text(page, "article")  # the organisers did not say so
    assert page.select_one("#answer") is None


async def test_a_report_for_members_is_not_on_the_public_page(
    visitor: AsyncClient, section: Actor, now: datetime
) -> None:
    post = await factories.event(section, starts_at=now - timedelta(days=2))
    report = await factories.post(section, "Entre nous", Visibility.SECTION, group=section)
    await Event.filter(post_id=post.id).update(report_id=report.id)
    assert "Entre nous" not in (await visitor.get(f"/@lille/{post.id}")).text


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"join_mode": JoinMode.NONE}, "Pas besoin de s’inscrire : venez."),
        ({"join_mode": JoinMode.EXTERNAL, "external_url": "https://forms.example/1"}, "S’inscrire sur forms.example"),
    ],
)
async def test_how_one_comes_where_not_by_asking_here(
    visitor: AsyncClient, section: Actor, columns: dict[str, Any], said: str
) -> None:
    page = await page_of(visitor, await factories.event(section, starts_at=STARTS, **columns))
    assert said in " ".join(text(page, "article").replace("\N{NO-BREAK SPACE}", " ").split())
    assert page.select_one("#answer") is None


async def test_who_answers_from_elsewhere_is_sent_home(visitor: AsyncClient, section: Actor) -> None:
    post = await factories.event(section, starts_at=STARTS)
    form = (await page_of(visitor, post)).select_one('#answer form[action="/follow"]')
    sent = {field["name"]: field.get("value", "") for field in form.select("input")}
    assert sent == {"post": str(post.id), "act": "come", "address": ""}
    page = read(await visitor.get(f"/follow?post={post.id}&act=come"))
    assert text(page, "h1") == "Répondre depuis votre serveur"


async def test_in_lists_an_event_says_when_and_where_it_is(visitor: AsyncClient, section: Actor, ctx: Context) -> None:
    draft = EventDraft("Tractage", STARTS.replace(tzinfo=None), text="Venez #bus", place=PlaceDraft("Halles"))
    await actions.publish(section, draft, ctx)
    for address in ("/", "/@lille", "/tags/bus"):
        page = read(await visitor.get(address))
        assert text(page, ".post .event-when") == "samedi 7 décembre 2030 à 13 h 00"
        assert text(page, ".post .event-where") == "Halles"
        assert text(page, ".post .prose").startswith("Venez")


async def test_an_event_without_a_text_does_not_say_its_facts_twice(
    visitor: AsyncClient, section: Actor, ctx: Context
) -> None:
    draft = EventDraft("Tractage", STARTS.replace(tzinfo=None), place=PlaceDraft("Halles"))
    await actions.publish(section, draft, ctx)
    assert read(await visitor.get("/")).select(".post .prose") == []


async def test_what_organisers_type_is_text(visitor: AsyncClient, section: Actor) -> None:
    at = await place(section, name="<b>Halles</b>", street='" onclick="x')
    questions = [{"id": "1", "label": "<i>?</i>", "kind": "choice", "choices": ["<u>a</u>"], "is_required": False}]
    post = await factories.event(section, "<s>Tractage</s>", starts_at=STARTS, place=at, questions=questions)
    for address in (f"/@lille/{post.id}", "/agenda", f"/agenda?month={STARTS:%Y-%m}", "/", f"/@lille/{post.id}/come"):
        page = read(await visitor.get(address))
        assert not page.select("main b, main s, main u, main i, [onclick]"), address


async def test_what_is_for_members_has_no_public_page(visitor: AsyncClient, section: Actor) -> None:
    post = await factories.event(section, starts_at=STARTS, visibility=Visibility.SECTION, group=section)
    for address in (f"/@lille/{post.id}", f"/@lille/{post.id}/come"):
        assert (await visitor.get(address)).status_code == 404


@needs_sqlite
async def test_the_page_of_an_event_asks_as_much_for_twenty_shifts_as_for_one(
    visitor: AsyncClient, section: Actor
) -> None:
    post = await factories.event(section, starts_at=STARTS, capacity=9)
    event, costs = await Event.get(post_id=post.id), []
    for numbers in (range(1), range(1, 20)):
        for number in numbers:
            await Shift.create(uri=f"{post.uri}/{number}", event=event, name="Table", position=number,
                               starts_at=STARTS, ends_at=STARTS + timedelta(hours=1))  # fmt: skip
        costs.append(await asked(visitor, f"/@lille/{post.id}"))
    assert costs[0] == costs[1] <= 21


async def test_a_member_reads_any_event_they_may(
    enter: Enter, member: Actor, section: Actor, remote_actor: Actor
) -> None:
    zoe = await enter(member)
    far = await factories.event(remote_actor, "Réunion publique", starts_at=STARTS)
    page = read(await zoe.get(f"/events/{far.id}"))
    assert text(page, "h1") == "Réunion publique"
    assert texts(page, ".answers button") == ["Je participe", "Peut-être", "Je ne peux pas"]
    hidden = await factories.event(section, starts_at=STARTS, visibility=Visibility.SECTION, group=section)
    note = await factories.post(section)
    for id_ in (hidden.id, note.id, 1, 10**18 * 9):
        assert (await zoe.get(f"/events/{id_}")).status_code == 404
