"""Parts of pages, for scripts of ours that put them where they belong; they say so in a header that no form can send."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from server.errors import AppError
from web.shared.logged_in import LoggedIn, refusal
from web.shared.rendering import NEVER_KEEP, render
from web.shared.site import site_of

HEADER = "coopole-in-place"


def is_in_place(request: Request) -> bool:
    """Whether a script asks for a part of the page."""
    return HEADER in request.headers


async def part(request: Request, who: LoggedIn, template: str, **values: Any) -> Response:
    """Give a part of a page."""
    site = await site_of(request)
    vary = "Accept-Language, Cookie"
    return render(request, template, site=site, caching=NEVER_KEEP, vary=vary, who=who, **values)


def refused_part(request: Request, refused: AppError) -> Response:
    """Say why something was refused, in one sentence."""
    said = refusal(request, refused.status, refused.message)
    return PlainTextResponse(said, refused.status, {"Cache-Control": NEVER_KEEP})
