"""What was done in a section's name and who looked at its members; who left an address with it."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from models.post import Post
from models.role import SectionAct
from server.consents import looks
from server.contacts import queries as contacts
from server.sections import acts
from server.sections.permissions import Act
from web.profiles.pages import before_of
from web.sections.finding import Desk, at_desk, desk_page


@at_desk(Act.SEE_ACTS)
async def list_acts(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/acts?before=<id>."""
    before = before_of(request)
    rows = await acts.acts_of(desk.section, desk.by, limit=acts.PAGE_ACTS + 1, max_id=before)
    shown = rows[: acts.PAGE_ACTS]
    return await desk_page(
        request,
        desk,
        "acts.html",
        acts=await told(shown),
        next_before=shown[-1].id if len(rows) > acts.PAGE_ACTS else None,
        looks=await looks.looks(desk.section, desk.by) if before is None else [],
    )


async def told(rows: Sequence[SectionAct]) -> list[tuple[SectionAct, list[str], Actor | Post | None]]:
    """Tell of each act what it was about: words ("manager", "Accept"), and the person or the post that a uri names."""
    uris = {word for row in rows for word in row.about.split() if word.startswith(("https://", "http://"))}
    known: dict[str, Actor | Post] = {actor.uri: actor for actor in await Actor.filter(uri__in=list(uris))}
    known |= {post.uri: post for post in await Post.filter(uri__in=list(uris - known.keys()))}
    found = []
    for row in rows:
        words = row.about.split()
        named = next((word for word in words if word in known), None)
        found.append((row, [word for word in words if word != named], known.get(named or "")))
    return found


@at_desk(Act.SEE_CONTACTS)
async def list_contacts(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/contacts: that somebody looked is written down."""
    return await desk_page(request, desk, "contacts.html", contacts=await contacts.contacts_of(desk.section, desk.by))
