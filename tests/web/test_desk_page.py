"""At the desk: what the section says of itself, and its journal."""

import pytest

from models.role import Role, SectionAct
from models.section import AnnouncesFrom, Openness, Section
from server.sections import membership, roles
from tests.web.pages import fill, form_of, press, read, text

DESK = "/@lille/desk"


async def test_page_of_the_section_is_changed(zoe, visitor, section, member):
    typed = {
        "name": "Section de Lille-Centre", "place": "Lille", "contact": "lille@section.example", "first_colour": "#c8102e",
        "coordinates": "50.6311, 3.0468", "insee_codes": "59350 2A004", "openness": "open", "announces_from": "nobody",
        "charter": "Nous décidons ensemble.", "shows_authors": "yes",
    }  # fmt: skip
    response = await fill(zoe, f"{DESK}/page", **typed)

    assert response.headers["location"] == f"{DESK}/page?said=kept"
    row = await Section.get(actor_id=section.id)
    assert (row.openness, row.announces_from, row.shows_authors) == (Openness.OPEN, AnnouncesFrom.NOBODY, True)
    assert (row.insee_codes, row.charter, row.charter_version) == (["59350", "2A004"], "Nous décidons ensemble.", 1)
    assert text(read(await visitor.get("/")), "h1") == "Section de Lille-Centre"
    shown = form_of(read(await zoe.get(f"{DESK}/page")), f"{DESK}/page")
    assert {name: shown[name] for name in typed if name != "coordinates"} == {
        name: value for name, value in typed.items() if name != "coordinates"
    }
    assert {act.author_id for act in await SectionAct.all()} <= {member.id, None}


async def test_box_that_is_no_longer_ticked_is_read(zoe, section):
    await Section.filter(actor_id=section.id).update(shows_authors=True)
    sent = form_of(read(await zoe.get(f"{DESK}/page")), f"{DESK}/page")
    assert sent.pop("shows_authors") == "yes"
    await zoe.post(f"{DESK}/page", data=sent)

    assert not (await Section.get(actor_id=section.id)).shows_authors


@pytest.mark.parametrize(
    "typed",
    [{"name": ""}, {"first_colour": "red"}, {"coordinates": "far"}, {"insee_codes": "5935"}, {"openness": "x"},
     {"announces_from": "x"}, {"charter": "x" * 20_001}, {"description": "x" * 2001}],
)  # fmt: skip
async def test_what_will_not_do_is_shown_again_with_all_that_was_typed(zoe, section, typed):
    page = read(await fill(zoe, f"{DESK}/page", **{"place": "Ailleurs"} | typed), 422)

    kept = form_of(page, f"{DESK}/page")
    assert kept["place"] == "Ailleurs"
    if not {"openness", "announces_from"} & typed.keys():
        assert typed.items() <= kept.items()
    assert (await Section.get(actor_id=section.id)).place != "Ailleurs"


async def test_editor_changes_the_page_but_not_who_may_come_in_nor_the_charter(enter, main_section, other_member, ctx):
    await roles.give(main_section, other_member, Role.EDITOR, None, ctx)
    ali = await enter(other_member)
    page = read(await ali.get(f"{DESK}/page"))
    assert page.select_one("#openness") is None
    assert page.select_one("#charter") is None
    sent = form_of(page, f"{DESK}/page") | {
        "place": "Fives",
        "openness": "open",
        "charter": "Moi",
        "announces_from": "everybody",
    }

    assert (await ali.post(f"{DESK}/page", data=sent)).status_code == 303

    row = await Section.get(id=main_section.id)
    assert (row.place, row.openness, row.charter, row.announces_from) == (
        "Fives", Openness.MODERATED, "", AnnouncesFrom.MEMBERS,
    )  # fmt: skip


async def test_journal_says_who_did_what_and_who_looked(zoe, section, member, other_member, ctx):
    await membership.ask(other_member, section, ctx)
    await press(zoe, f"{DESK}/requests", "approve")
    page = read(await zoe.get(f"{DESK}/acts"))

    assert "Zoé a répondu à une demande" in text(page, ".rows")
    assert "@ali" in text(page, ".rows")
    assert other_member.uri not in page.get_text()
    assert "les demandes" in text(page, "#looks + .rows")


async def test_journal_is_read_page_by_page(zoe, main_section):
    for number in range(60):
        await SectionAct.create(section=main_section, act="publish", about=str(number))
    first = read(await zoe.get(f"{DESK}/acts"))
    second = read(await zoe.get(f"{DESK}/acts" + first.select_one('[rel="next"]')["href"]))

    assert len(first.select("main .rows")[0].select("li")) == 50
    assert second.select_one('[rel="next"]') is None
    assert (await zoe.get(f"{DESK}/acts?before=x")).status_code == 404
