"""Agendas for news readers, for programs and for pages of other sites: what is to come, and nothing that is not public."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from models.event import Event, EventStatus, Organising, OrganisingState, Place
from models.participation import Participation, ParticipationState
from models.post import Visibility
from tests import factories
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite

ATOM = "{http://www.w3.org/2005/Atom}"
AGENDAS = [f"{where}/agenda.{form}" for where in ("", "/@lille") for form in ("atom", "rss", "json", "ics")]


@pytest.fixture
async def meeting(section, ctx):
    """An event of the section at a place."""
    place = await Place.create(
        uri="https://lille.test/places/1", name="Halles", locality="Lille", latitude=50.5, longitude=3.0
    )
    return await factories.event(section, "Réunion de rentrée", place=place, language="fr", capacity=12)


async def test_posts_among_which_is_an_event_say_when_and_where(visitor, section, meeting):
    event = await Event.get(post_id=meeting.id)

    entry = ElementTree.fromstring((await visitor.get("/@lille.atom")).content).find(f"{ATOM}entry")
    item = ElementTree.fromstring((await visitor.get("/@lille.rss")).content).find("channel/item")

    for content in (entry.findtext(f"{ATOM}content"), item.findtext("description")):
        assert content.startswith("<p>")
        assert f" {event.starts_at.year}, " in content
        assert "(Paris) - Halles, Lille</p><p>Venez</p>" in content


async def test_json_feed_of_posts_has_what_its_format_demands(visitor, section, say):
    post = await say(section, "Bonjour #bus", language="fr")

    response = await visitor.get("/@lille.json")
    feed = response.json()

    assert response.headers["content-type"] == "application/feed+json; charset=utf-8"
    assert (feed["version"], feed["title"]) == ("https://jsonfeed.org/version/1.1", "Section de Lille")
    assert (feed["home_page_url"], feed["feed_url"]) == (section.url, "https://lille.test/@lille.json")
    [item] = feed["items"]
    assert (item["id"], item["url"], item["tags"], item["language"]) == (post.uri, post.url, ["bus"], "fr")
    assert item["content_html"] == post.content_html
    assert "_event" not in item
    assert (await visitor.get("/feed.json")).json()["items"] == feed["items"]


async def test_json_feed_of_an_agenda_tells_all_that_is_public_of_an_event(visitor, section, meeting, member):
    await Participation.create(event=meeting, actor=member, state=ParticipationState.ACCEPTED)
    response = await visitor.get("/@lille/agenda.json")

    [item] = response.json()["items"]

    event = item["_event"]
    assert event["place"] == {"name": "Halles", "locality": "Lille", "latitude": 50.5, "longitude": 3.0}
    assert event["start"].endswith(("+01:00", "+02:00"))
    assert (event["timezone"], event["status"], event["kind"], event["all_day"]) == (
        "Europe/Paris",
        "confirmed",
        "other",
        False,
    )
    assert event["organisers"] == [{"name": "Section de Lille", "url": section.url}]
    assert event["places_left"] == 11
    assert not any(name in response.text for name in ("zoe", "Zoé", member.uri))


async def test_the_next_event_comes_first_and_what_is_over_is_gone(visitor, section, ctx, world):
    soon, late = ctx.now() + timedelta(days=1), ctx.now() + timedelta(days=9)
    await factories.event(section, "Plus tard", starts_at=late)
    await factories.event(section, "Bientôt", starts_at=soon)
    await factories.event(section, "Passé", starts_at=ctx.now() - timedelta(days=1))

    first = [item["title"] for item in (await visitor.get("/@lille/agenda.json")).json()["items"]]
    world.pass_time(days=2)
    then = [item["title"] for item in (await visitor.get("/@lille/agenda.json")).json()["items"]]

    assert (first, then) == (["Bientôt", "Plus tard"], ["Plus tard"])


async def test_agendas_in_xml_are_whole_feeds(visitor, section, meeting):
    atom = ElementTree.fromstring((await visitor.get("/@lille/agenda.atom")).content)
    rss = ElementTree.fromstring((await visitor.get("/agenda.rss")).content)

    assert atom.findtext(f"{ATOM}title") == "Agenda\N{NO-BREAK SPACE}: Section de Lille"
    assert atom.findtext(f"{ATOM}id") == f"{section.uri}/agenda"
    assert atom.findtext(f"{ATOM}entry/{ATOM}title") == "Réunion de rentrée"
    assert rss.findtext("channel/item/link") == meeting.url


@pytest.mark.parametrize("address", AGENDAS)
@pytest.mark.parametrize(
    "visibility", [Visibility.FOLLOWERS, Visibility.SECTION, Visibility.DIRECT, Visibility.UNLISTED]
)
async def test_agenda_holds_nothing_but_what_is_public(visitor, section, address, visibility):
    await factories.event(section, "Secret", visibility=visibility)

    response = await visitor.get(address)

    assert response.status_code == 200
    assert "Secret" not in response.text


@pytest.mark.parametrize("address", [*AGENDAS, "/@lille.json", "/@lille/agenda/embed", "/embed/agenda.js"])
async def test_reader_who_has_it_already_is_not_sent_it_again(visitor, section, meeting, address):
    first = await visitor.get(address)

    again = await visitor.get(address, headers={"If-None-Match": first.headers["etag"]})

    assert first.status_code == 200
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "address", ["/@nobody/agenda.atom", "/@nobody/agenda.ics", "/@nobody/agenda/embed", "/@nobody.json"]
)
async def test_agenda_of_nobody_is_not_found(visitor, section, address):
    assert (await visitor.get(address)).status_code == 404


@pytest.mark.parametrize("address", ["/agenda.atom", "/agenda.ics", "/feed.json"])
async def test_there_is_no_agenda_before_the_set_up(visitor, ctx, address):
    assert (await visitor.get(address)).status_code == 404


@pytest.mark.parametrize("state", OrganisingState)
async def test_what_is_organised_together_stands_in_both_agendas(visitor, section, remote_actor, state):
    theirs = await factories.event(remote_actor, "Grande marche")
    event = await Event.get(post_id=theirs.id)
    await Organising.create(uri="https://far.test/offers/1", event=event, section=section, state=state)

    for address in ("/@lille/agenda.json", "/agenda.json"):
        titles = [item["title"] for item in (await visitor.get(address)).json()["items"]]
        assert titles == (["Grande marche"] if state is OrganisingState.ACCEPTED else [])


async def test_what_others_organise_alone_stands_in_no_agenda_of_ours(visitor, section, remote_actor):
    await factories.event(remote_actor, "Ailleurs")

    assert (await visitor.get("/agenda.json")).json()["items"] == []


async def test_only_what_other_sites_need_is_open_to_their_pages(visitor, section, meeting):
    opened = ["/@lille/agenda.json", "/embed/agenda.js"]
    closed = ["/agenda.json", "/@lille.json", "/@lille/agenda.ics", "/@lille/agenda/embed", "/@lille"]
    headers = {"Origin": "https://blog.example"}

    for address in opened:
        assert (await visitor.get(address, headers=headers)).headers["access-control-allow-origin"] == "*"
    for address in closed:
        assert "access-control-allow-origin" not in (await visitor.get(address, headers=headers)).headers


async def test_page_for_frames_may_stand_in_one_and_no_other_page_may(visitor, section, meeting):
    framed = await visitor.get("/@lille/agenda/embed")

    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert framed.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert "frame-ancestors 'none'" in (await visitor.get("/@lille")).headers["content-security-policy"]
    page = read(framed)
    assert text(page, "h1") == "Agenda : Section de Lille"
    assert texts(page, ".row-name a") == ["Réunion de rentrée"]
    assert page.select_one(".row-name a")["target"] == "_blank"
    assert "Halles, Lille" in text(page, ".rows .note")
    assert "<script" not in framed.text


async def test_page_for_frames_says_where_nothing_is_planned(visitor, section):
    assert texts(read(await visitor.get("/@lille/agenda/embed")), ".empty") == ["Aucun événement n’est encore prévu."]


async def test_what_does_not_take_place_says_so(visitor, section):
    await factories.event(section, "Débat", status=EventStatus.CANCELLED)

    [item] = (await visitor.get("/@lille/agenda.json")).json()["items"]

    assert item["_event"]["status"] == "cancelled"
    assert item["content_html"].startswith("<p>Annulé - ")


async def test_the_script_asks_its_own_server_and_nobody_else(visitor, section):
    response = await visitor.get("/embed/agenda.js")

    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text.count("fetch(") == 1
    assert "fetch(`${origin}/@${section}/agenda.json`" in response.text
    assert not any(
        word in response.text for word in ("innerHTML", "eval(", "http://", "document.write", "localStorage")
    )


@needs_sqlite
@pytest.mark.parametrize("address", [*AGENDAS, "/@lille/agenda/embed", "/@lille.json"])
async def test_agenda_asks_as_much_for_twenty_events_as_for_one(visitor, section, address):
    place = await Place.create(uri="https://lille.test/places/1", name="Halles")
    await factories.event(section, place=place)
    one = await asked(visitor, address)
    for number in range(19):
        await factories.event(section, f"Réunion {number}", place=place)

    assert await asked(visitor, address) == one <= 18
