"""At the desk: the members, what is kept of them, and removing one."""

import pytest

from models.consent import Look
from models.membership import Membership, MembershipStatus
from models.role import SectionAct
from server.sections import membership
from server.sections.permissions import Act
from tests import factories
from tests.web.pages import fill, form_of, press, read, texts

DESK = "/@lille/desk"


async def test_members_are_listed_and_that_somebody_looked_is_written_down(zoe, section, member, other_member):
    await membership.add(section, other_member)
    page = read(await zoe.get(f"{DESK}/members"))

    assert texts(page, ".rows .person-name") == ["Zoé", "Ali"]
    assert (await Look.get(at_what="list")).viewer_id == member.id


async def test_what_is_known_of_a_member_is_kept(zoe, section, other_member):
    await membership.add(section, other_member)
    at = f"{DESK}/members/{other_member.id}"
    response = await fill(zoe, at, status="sympathiser", dues_until="2027-12-31", note="Aide le samedi.\r\nA un vélo.")

    assert response.headers["location"] == f"{at}?said=kept"
    row = await Membership.get(member_id=other_member.id)
    assert (row.status, row.dues_until, row.note) == (
        MembershipStatus.SYMPATHISER, "2027-12-31", "Aide le samedi.\nA un vélo.",
    )  # fmt: skip
    page = read(await zoe.get(at))
    assert page.select_one("#dues_until")["value"] == "2027-12-31"
    assert page.select_one("#status [selected]")["value"] == "sympathiser"
    assert "cotisation jusqu’au 31 décembre 2027" in read(await zoe.get(f"{DESK}/members")).get_text()


@pytest.mark.parametrize("typed", [{"dues_until": "demain"}, {"note": "x" * 2001}, {"status": "boss"}])
async def test_what_will_not_do_is_kept_in_the_form_and_nothing_changed(zoe, section, other_member, typed):
    await membership.add(section, other_member)
    at = f"{DESK}/members/{other_member.id}"
    page = read(await fill(zoe, at, **{"note": "Bonjour", "dues_until": "2027-01-01"} | typed), 422)

    assert page.select_one("#note").get_text().strip() == typed.get("note", "Bonjour")
    row = await Membership.get(member_id=other_member.id)
    assert (row.note, row.dues_until, row.status) == (None, None, MembershipStatus.MEMBER)


async def test_list_is_taken_away_by_the_animation_and_noted(zoe, section, member):
    response = await press(zoe, f"{DESK}/members", "export")

    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="lille.csv"'
    assert response.headers["cache-control"] == "no-store"
    assert response.text.splitlines()[0].startswith("handle,name,status")
    assert "Zoé" in response.text
    assert await SectionAct.exists(act=Act.EXPORT_MEMBERS.value, author_id=member.id)


async def test_member_is_removed_after_being_asked_once(zoe, section, other_member):
    await membership.add(section, other_member)
    at = f"{DESK}/members/{other_member.id}/remove"
    page = read(await zoe.get(at))
    assert await Membership.is_member(other_member.id, section.id)

    response = await zoe.post(at, data=form_of(page, at, "remove"))

    assert response.headers["location"] == f"{DESK}/members?said=removed"
    assert not await Membership.exists(member_id=other_member.id)


@pytest.mark.parametrize("id_", ["1", str(2**63), "9" * 19])
async def test_nobody_is_found_by_another_id(zoe, id_):
    token = form_of(read(await zoe.get("/me")), "/logout")

    for at in (f"{DESK}/members/{id_}", f"{DESK}/members/{id_}/remove"):
        assert (await zoe.get(at)).status_code == 404
        assert (await zoe.post(at, data=token)).status_code == 404


async def test_member_of_another_section_is_not_found(zoe, other_member, ctx):
    arras = await factories.section(ctx, "arras", "Section d’Arras", is_main=False)
    await membership.add(arras, other_member)

    assert (await zoe.get(f"{DESK}/members/{other_member.id}")).status_code == 404
