"""Looks at members are written down, and those who answer for the section read them."""

import pytest

from models.actor import Actor
from models.role import Role, RoleHolder
from models.section import Section
from server.consents.looks import look, looks
from server.errors import Forbidden


async def test_who_looked_at_what_is_told_to_managers_newest_first(
    main_section: Section, member: Actor, other_member: Actor
) -> None:
    await RoleHolder.create(section=main_section, holder=member, role=Role.MANAGER)
    await look(main_section.actor, None, "list", 12)
    await look(main_section.actor, member, "@ali", 1)

    for by in (member, None):
        found = await looks(main_section, by)
        assert [(row.viewer and row.viewer.username, row.at_what, row.rows) for row in found] == [
            ("zoe", "@ali", 1),
            (None, "list", 12),
        ]
    with pytest.raises(Forbidden):
        await looks(main_section, other_member)
