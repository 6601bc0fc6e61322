"""Changing what a section says of itself."""

from dataclasses import fields, replace
from typing import Any

import pytest

from federation.context import Context
from models.actor import Actor
from models.role import Role, RoleHolder, SectionAct
from models.section import Openness, Section
from server.errors import Forbidden, Invalid
from server.members.profiles import document_of
from server.sections import profile
from server.sections.actions import create_section
from server.sections.profile import SectionChanges
from tests import factories
from tests.federation.sending import sent_by

ALL = SectionChanges(
    name="Section de Lille-Fives",
    description="Nous nous réunissons le mardi.\n\nhttps://lille.example/a?b=1",
    place="Lille",
    address="27 rue Jean-Bart, 59000 Lille",
    coordinates="50.631100, 3.046800",
    insee_codes="59350 59378",
    first_colour="#c8102e",
    second_colour="#1d3557",
    contact="bonjour@lille.example",
    charter="Article 1\n\nOn s’écoute.",
    openness=Openness.OPEN,
    shows_authors=True,
)
TEXTS = [field.name for field in fields(ALL) if field.name not in ("name", "openness", "shows_authors")]


@pytest.fixture
async def followed(main_section: Section, remote_actor: Actor) -> Section:
    """The section, followed from another server."""
    await factories.follow(remote_actor, main_section.actor)
    return main_section


async def updates(section: Section) -> list[dict[str, Any]]:
    return [item["object"] for item in await sent_by(section.actor) if item["type"] == "Update"]


async def test_everything_is_changed_at_once_and_told_once(followed: Section, ctx: Context) -> None:
    await profile.edit(followed, ALL, None, ctx)

    row = await Section.get(id=followed.id)
    assert (row.place, row.address, row.latitude, row.longitude) == ("Lille", ALL.address, 50.6311, 3.0468)
    assert (row.insee_codes, row.first_colour, row.second_colour) == (["59350", "59378"], "#c8102e", "#1d3557")
    assert (row.charter, row.charter_version) == (ALL.charter, 1)
    assert (row.openness, row.shows_authors, row.contact) == (Openness.OPEN, True, "bonjour@lille.example")
    assert (followed.place, followed.charter_version, followed.openness) == ("Lille", 1, Openness.OPEN)
    [told] = await updates(followed)
    assert told["name"] == "Section de Lille-Fives"
    assert told["openness"] == "open"
    assert told["location"] == {
        "type": "Place",
        "name": "Lille",
        "latitude": 50.6311,
        "longitude": 3.0468,
        "address": {
            "type": "PostalAddress", "streetAddress": "27 rue Jean-Bart, 59000 Lille", "addressLocality": "Lille",
        },
    }  # fmt: skip
    served = await document_of(await Actor.get(id=row.actor_id), ctx)
    assert told == {name: value for name, value in served.items() if name != "@context"}
    assert {(act.act, act.about) for act in await SectionAct.all()} == {
        ("change charter", "charter"),
        ("change openness", "openness shows_authors"),
        (
            "edit page",
            "address contact display_name first_colour insee_codes latitude longitude note_html place second_colour",
        ),
    }


async def test_what_a_form_shows_changes_nothing_when_it_is_sent_back(followed: Section, ctx: Context) -> None:
    await profile.edit(followed, ALL, None, ctx)
    shown = await profile.typed(await Section.get(id=followed.id))
    assert shown == ALL
    before = await Section.get(id=followed.id).values(), await Actor.get(id=followed.actor_id).values()
    await profile.edit(followed, shown, None, ctx)
    assert (await Section.get(id=followed.id).values(), await Actor.get(id=followed.actor_id).values()) == before
    assert len(await updates(followed)) == 1


async def test_everything_can_be_emptied_but_the_name(followed: Section, ctx: Context) -> None:
    await profile.edit(followed, ALL, None, ctx)
    emptied = replace(ALL, **dict.fromkeys(TEXTS, ""))
    await profile.edit(followed, emptied, None, ctx)
    assert await profile.typed(await Section.get(id=followed.id)) == emptied
    document = (await updates(followed))[-1]
    assert "location" not in document
    assert "summary" not in document


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        (SectionChanges(name="Lille"), True),
        (SectionChanges(description="Bonjour"), True),
        (SectionChanges(place="Fives"), True),
        (SectionChanges(address="Ici"), True),
        (SectionChanges(coordinates="50.1, 3.1"), True),
        (SectionChanges(openness=Openness.INVITATION), True),
        (SectionChanges(insee_codes="59350"), False),
        (SectionChanges(first_colour="#000000"), False),
        (SectionChanges(contact="06"), False),
        (SectionChanges(charter="Oui"), False),
        (SectionChanges(shows_authors=True), False),
        (SectionChanges(openness=Openness.MODERATED, place="Section de Lille"), False),
        (SectionChanges(), False),
    ],
)
async def test_others_are_told_of_what_they_are_shown(
    followed: Section, ctx: Context, changes: SectionChanges, is_told: bool
) -> None:
    await profile.edit(followed, changes, None, ctx)
    assert len(await updates(followed)) == is_told


async def test_each_new_charter_is_a_new_version(main_section: Section, ctx: Context) -> None:
    for charter, version in (("A", 1), ("A", 1), ("  A\r\n", 1), ("B", 2), ("A", 3)):
        await profile.edit(main_section, SectionChanges(charter=charter), None, ctx)
        assert (await Section.get(id=main_section.id)).charter_version == version


@pytest.mark.parametrize(
    "changes",
    [
        SectionChanges(name=" "),
        SectionChanges(name="x" * 201),
        SectionChanges(description="x" * 2001),
        SectionChanges(place="x" * 201),
        SectionChanges(address="x" * 201),
        SectionChanges(contact="x" * 201),
        SectionChanges(coordinates="nord"),
        SectionChanges(insee_codes="lille"),
        SectionChanges(first_colour="red"),
        SectionChanges(second_colour="red"),
        SectionChanges(charter="x" * 20_001),
    ],
)
async def test_what_will_not_do_changes_nothing(followed: Section, ctx: Context, changes: SectionChanges) -> None:
    before = await Section.get(id=followed.id).values(), await Actor.get(id=followed.actor_id).values()
    with pytest.raises(Invalid):
        await profile.edit(followed, replace(changes, openness=Openness.OPEN), None, ctx)
    assert (await Section.get(id=followed.id).values(), await Actor.get(id=followed.actor_id).values()) == before
    assert await updates(followed) == []


async def test_who_may_not_change_one_thing_changes_nothing(followed: Section, member: Actor, ctx: Context) -> None:
    await RoleHolder.create(section=followed, holder=member, role=Role.EDITOR)
    with pytest.raises(Forbidden):
        await profile.edit(followed, SectionChanges(place="Fives", charter="Non"), member, ctx)
    assert (await Section.get(id=followed.id)).place == "Section de Lille"
    assert not await SectionAct.exists()


async def test_what_stays_as_it_is_needs_no_permission(followed: Section, member: Actor, ctx: Context) -> None:
    """A form sends everything, whoever fills it in."""
    await profile.edit(followed, ALL, None, ctx)
    await RoleHolder.create(section=followed, holder=member, role=Role.EDITOR)
    await profile.edit(followed, replace(ALL, place="Fives"), member, ctx)
    assert (await Section.get(id=followed.id)).place == "Fives"


async def test_a_section_is_somewhere_by_its_address_alone(ctx: Context) -> None:
    section = await create_section(ctx, "amiens", "Amiens")
    assert "location" not in await document_of(section.actor, ctx)
    await profile.edit(section, SectionChanges(address="3 place Gambetta"), None, ctx)
    assert (await document_of(section.actor, ctx))["location"] == {
        "type": "Place",
        "name": "3 place Gambetta",
        "address": {"type": "PostalAddress", "streetAddress": "3 place Gambetta"},
    }


async def test_a_charter_is_kept_as_plain_text(main_section: Section, ctx: Context) -> None:
    await profile.edit(main_section, SectionChanges(charter="\x00Article <b>\r\n1\ud800 "), None, ctx)
    assert (await Section.get(id=main_section.id)).charter == "Article <b>\n1"
