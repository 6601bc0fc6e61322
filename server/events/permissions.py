"""Who may act for the organisers of an event: those whose roles in its section allow it, and whoever made it themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models.actor import Actor
from models.event import Event
from models.post import Post
from models.section import Section
from server.errors import Forbidden, NotFound
from server.sections import permissions
from server.sections.permissions import Act


async def check(by: Actor | None, act: Act, event: Post) -> Section | None:
    """Let somebody do what their role allows, and give the section, its `actor` loaded; None where a person organises it.

    `by` is None for whoever runs the server from its command line.

    Raises:
        Forbidden: it does not.
        NotFound: it is no event of ours.
    """
    terms = await Event.get_or_none(post_id=event.id) if event.is_local else None
    if terms is None:
        raise NotFound("There is no such event here.")
    section = await Section.get_or_none(actor_id=terms.organiser_id).select_related("actor")
    if by is None or by.id == event.actor_id:
        return section
    if section is None:
        raise Forbidden("Only its organisers may do this.")
    await permissions.check(by, act, section)
    return section


@asynccontextmanager
async def noted(by: Actor | None, act: Act, event: Post) -> AsyncIterator[None]:
    """Let somebody act for the organisers of an event, and write it down among what is done in the section's name.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: it is no event of ours.
    """
    section = await check(by, act, event)
    if section is None or (by is not None and not await permissions.may(by, act, section)):
        yield
        return
    async with permissions.noted(by, act, section, event.uri):
        yield
