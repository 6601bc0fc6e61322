"""Who acts for a section that is named by its actor, as far as their role allows."""

from models.actor import Actor
from models.section import Section
from server.errors import NotFound
from server.sections import permissions, queries
from server.sections.permissions import Act


async def check(by: Actor | None, act: Act, section: Actor) -> Section:
    """Let somebody do what their role allows, and give the section's row; None is whoever has the command line.

    Raises:
        Forbidden: it does not.
        NotFound: it is no section of ours.
    """
    if (row := await queries.of_actor(section.id)) is None:
        raise NotFound(f"{section.handle} is no section of this server.")
    if by is not None:
        await permissions.check(by, act, row)
    return row
