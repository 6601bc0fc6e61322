"""Who the managers of a section may write to."""

import pytest

from models.actor import Actor
from models.consent import Look, Purpose
from models.role import Role, RoleHolder, SectionAct
from models.section import Section
from server.consents import actions as consents
from server.contacts.queries import contacts_of
from server.errors import Forbidden
from tests import factories


async def test_managers_see_those_who_confirmed_and_the_look_is_written_down(
    main_section: Section, member: Actor, other_member: Actor
) -> None:
    group = main_section.actor
    rosa = await factories.contact(group, "rosa@post.example", name="Rosa")
    await factories.contact(group, "unsure@post.example", is_confirmed=False)
    for purpose in (Purpose.NEWS, Purpose.EVENTS):
        await consents.give(group, rosa, purpose, language="fr", by="form")
    await consents.withdraw(group, rosa, Purpose.NEWS, by="link")
    await RoleHolder.create(section=main_section, holder=member, role=Role.MANAGER)

    [found] = await contacts_of(main_section, member)

    assert (found.email, found.name, found.purposes) == ("rosa@post.example", "Rosa", (Purpose.EVENTS,))
    assert found.source == "form"
    look = await Look.get()
    assert (look.viewer_id, look.at_what, look.rows) == (member.id, "contacts", 1)
    assert (await SectionAct.get()).act == "see contacts"
    with pytest.raises(Forbidden):
        await contacts_of(main_section, other_member)


async def test_the_source_of_an_address_is_how_it_first_came(main_section: Section) -> None:
    rosa = await factories.contact(main_section.actor, "rosa@post.example")
    await consents.give(main_section.actor, rosa, Purpose.NEWS, language="fr", by="api")
    await consents.withdraw(main_section.actor, rosa, Purpose.NEWS, by="link")
    await consents.give(main_section.actor, rosa, Purpose.NEWS, language="fr", by="link")
    assert [one.source for one in await contacts_of(main_section, None)] == ["api"]


async def test_a_section_without_contacts_has_none(main_section: Section) -> None:
    assert await contacts_of(main_section, None) == []
