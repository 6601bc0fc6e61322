"""What other sites put into their pages: the agenda of a section, as an element of HTML or in a frame.

Only these two and the JSON feed of an agenda (web/feeds/pages.py) are open to pages of other sites; see docs/embedding.md.
"""

from starlette.requests import Request
from starlette.responses import Response

from federation.objects import event_line
from server.config import Settings
from server.events import agendas
from web.feeds.pages import speaking_actor
from web.shared.headers import frame_headers
from web.shared.kept_pages import hour_of, kept_by_the_hour
from web.shared.rendering import language_of, render
from web.shared.site import site_of
from web.shared.static import for_other_sites

MAX_EVENTS = 20


@kept_by_the_hour
async def agenda(request: Request) -> Response:
    """GET /@{username}/agenda/embed: a page without any frame of its own, that may stand in one of another site."""
    actor = await speaking_actor(request)
    language = language_of(request)
    views = await agendas.of_section(actor, since=hour_of(request), limit=MAX_EVENTS)
    shown = [(view, event_line.line(view.event.event, view.event.place, language)) for view in views if view.event]
    settings: Settings = request.app.state.settings
    return render(
        request,
        "embed/agenda.html",
        site=await site_of(request),
        headers=frame_headers(is_secure=settings.is_secure),
        actor=actor,
        shown=shown,
    )


async def script(request: Request) -> Response:
    """GET /embed/agenda.js."""
    return for_other_sites(request, "embed/agenda.js")
