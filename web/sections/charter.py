"""The charter of a section, on a page of its own: to be read by everybody, and printed."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import NotFound
from web.sections.finding import section_of
from web.shared.kept_pages import kept
from web.shared.rendering import render
from web.shared.site import site_of


@kept
async def charter(request: Request) -> Response:
    """GET /@{username}/charter."""
    section = await section_of(request)
    if not section.charter:
        raise NotFound("This section has no charter.")
    return render(request, "sections/charter.html", site=await site_of(request), section=section)
