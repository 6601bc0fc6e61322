"""Every look at what a section knows of its members is written down, for the section and for those looked at."""

from models.actor import Actor
from models.consent import Look
from models.section import Section
from server.sections.permissions import Act, check

MAX_LISTED = 500


async def look(group: Actor, viewer: Actor | None, at_what: str, rows: int) -> None:
    """Write down that somebody looked at what `at_what` says (models/consent.py).

    None is whoever runs the server from its command line; `rows` is how many people were shown.
    """
    await Look.create(
        group_id=group.id, viewer_id=None if viewer is None else viewer.id, at_what=at_what[:255], rows=rows
    )


async def looks(section: Section, by: Actor | None) -> list[Look]:
    """Tell who looked at the members of a section, newest first, `viewer` loaded.

    Raises:
        Forbidden: their role does not allow it.
    """
    if by is not None:
        await check(by, Act.SEE_ACTS, section)
    rows = Look.filter(group_id=section.actor_id).select_related("viewer")
    return await rows.order_by("-id").limit(MAX_LISTED)
