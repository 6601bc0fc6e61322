"""What the page of a section says of it: where it meets, whom to write to, how to come in, and its charter."""

import pytest

from models.section import Openness, Section
from server.sections.profile import SectionChanges, edit
from tests import factories
from tests.web.pages import read, text, texts
from tests.web.test_queries import asked, needs_sqlite

CHARTER = "Nous décidons ensemble.\n\n<b>Chacun</b> parle à son tour."
EVERYTHING = {
    "place": "Lille, Nord",
    "address": "12, rue des Postes",
    "latitude": 50.631100,
    "longitude": -3.0468,
    "insee_codes": ["59350", "2A004"],
    "contact": "lille@section.example",
    "first_colour": "#c8102e",
    "second_colour": "#ffd100",
    "charter": CHARTER,
    "charter_version": 3,
    "openness": Openness.OPEN,
}


@pytest.fixture
async def full(main_section):
    """The main section, which says everything of itself."""
    await Section.filter(id=main_section.id).update(**EVERYTHING)
    return await Section.get(id=main_section.id).select_related("actor")


async def test_page_says_everything_that_the_section_says_of_itself(visitor, full):
    about = read(await visitor.get("/")).select_one("#section")

    assert texts(about, "dt") == ["Lieu", "Lieu de réunion", "Contact", "Codes INSEE de ses communes", "Charte"]
    assert texts(about, "dd") == [
        "Lille, Nord", "12, rue des Postes", "Voir sur une carte (OpenStreetMap)", "lille@section.example",
        "59350, 2A004", "Lire la version 3",
    ]  # fmt: skip
    assert about.select_one('a[href="/@lille/charter"]') is not None


async def test_map_is_a_link_to_another_server_and_nothing_is_loaded_from_there(visitor, full):
    response = await visitor.get("/")

    [link] = read(response).select('a[href*="openstreetmap"]')
    assert link["href"] == "https://www.openstreetmap.org/?mlat=50.63110&mlon=-3.04680#map=17/50.63110/-3.04680"
    assert {"noopener", "noreferrer"} <= set(link["rel"])
    assert response.text.count("openstreetmap.org") == 1
    assert "openstreetmap" not in response.headers["content-security-policy"]


async def test_many_communes_are_folded(visitor, full):
    await Section.filter(id=full.id).update(insee_codes=[f"{number:05d}" for number in range(59000, 59200)])

    assert text(read(await visitor.get("/")), "#section summary") == "200 communes"


@pytest.mark.parametrize(
    ("openness", "words", "button"),
    [
        (Openness.OPEN, "souhaite la rejoindre entre aussitôt.", "Rejoindre la section"),
        (Openness.MODERATED, "lit votre demande et y répond.", "Rejoindre la section"),
        (Openness.INVITATION, "demandez-lui une invitation.", "Comment y entrer"),
    ],
)
async def test_page_says_how_one_becomes_a_member(visitor, full, openness, words, button):
    await Section.filter(id=full.id).update(openness=openness)

    box = read(await visitor.get("/@lille")).select_one("#join")

    assert words in text(box, "p:nth-of-type(2)")
    assert (text(box, ".button"), box.select_one(".button")["href"]) == (button, "/@lille/join")


async def test_what_the_section_does_not_say_is_left_out(visitor, main_section):
    about = read(await visitor.get("/")).select_one("#section")

    assert texts(about, "dt") == ["Lieu"]
    assert (await visitor.get("/@lille/charter")).status_code == 404


async def test_other_sections_wear_their_own_colours(visitor, full, ctx):
    arras = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    await Section.filter(actor_id=arras.id).update(first_colour="#005500", address="Rue 1")

    page = read(await visitor.get("/@arras"))

    assert page.select("link[rel=stylesheet]")[1]["href"] == "/colours/005500-005500.css"
    assert "Rue 1" in texts(page, "#section dd")


async def test_members_and_groups_without_a_row_of_their_own_show_as_ever(visitor, full, member, ctx):
    group = await factories.section(ctx, "choeur", "Chorale", is_main=False)
    await Section.filter(actor_id=group.id).delete()

    for address in ("/@zoe", "/@choeur"):
        page = read(await visitor.get(address))
        assert page.select("#join, #section dl") == []
        assert page.select_one('a[href$="/charter"]') is None


async def test_charter_is_a_page_of_its_own_with_its_version(visitor, full):
    response = await visitor.get("/@lille/charter")
    page = read(response)

    assert text(page, "h1") == "Charte de Section de Lille"
    assert text(page, ".note").startswith("Version 3")
    assert page.select_one(".words").get_text() == CHARTER
    assert page.select_one('a[href="/@lille/join"].button') is not None
    assert response.headers["cache-control"] == "no-cache"
    assert (
        await visitor.get("/@lille/charter", headers={"If-None-Match": response.headers["etag"]})
    ).status_code == 304


async def test_new_charter_is_shown_at_once_with_its_version(visitor, full, ctx):
    await visitor.get("/@lille/charter")
    await edit(full, SectionChanges(charter="Autrement."), None, ctx)

    page = read(await visitor.get("/@lille/charter"))

    assert (page.select_one(".words").get_text(), text(page, ".note")[:9]) == ("Autrement.", "Version 4")


@pytest.mark.parametrize("address", ["/@zoe/charter", "/@nobody/charter"])
async def test_only_sections_have_a_charter(visitor, full, member, address):
    assert (await visitor.get(address)).status_code == 404


@needs_sqlite
async def test_a_page_that_says_everything_asks_as_much_as_one_that_says_nothing(visitor, main_section):
    addresses = ("/", "/@lille/join", "/about")
    before = [await asked(visitor, address) for address in addresses]
    await Section.filter(id=main_section.id).update(**EVERYTHING)

    # The charter that whoever joins agrees to is read with its words, as before.
    assert [await asked(visitor, address) for address in addresses] == [before[0], before[1] + 1, before[2]]
    assert await asked(visitor, "/@lille/charter") <= 5
    assert await asked(visitor, "/colours/c8102e-ffd100.css") == 0
