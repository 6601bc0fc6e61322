"""A member's own events: what they answered, which shifts they took, where they stand in a waiting list; what was."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import NotFound
from server.events import own
from web.shared.kept_pages import hour_of
from web.shared.logged_in import LoggedIn, for_members, member_page

PAGE_EVENTS = 30
MOST_PAGES = 1000


@for_members
async def events(request: Request, who: LoggedIn) -> Response:
    """GET /me/events?when=past&page=<n>: what is to come; or what is over, the last first."""
    is_past, page = request.query_params.get("when") == "past", _page(request.query_params.get("page", "1"))
    load, offset = own.past if is_past else own.coming, (page - 1) * PAGE_EVENTS
    found = await load(who.actor, hour_of(request), limit=PAGE_EVENTS + 1, offset=offset)
    return await member_page(
        request,
        who,
        "me/events.html",
        answered=found[:PAGE_EVENTS],
        is_past=is_past,
        page=page,
        has_more=len(found) > PAGE_EVENTS,
    )


def _page(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 0 < int(text) <= MOST_PAGES):
        raise NotFound("This page does not exist.")
    return int(text)
