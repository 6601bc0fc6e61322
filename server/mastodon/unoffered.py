"""What clients ask at their start and this server does not offer: empty answers, since a 404 breaks some of them.

Nothing is ranked by what is popular, nobody is suggested, nothing is announced over the heads of all,
and there are no custom emojis of our own.
Source: docs.joinmastodon.org/methods/trends, /suggestions, /custom_emojis, /announcements, /endorsements
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.mastodon.answers import Json
from server.oauth.scopes import Endpoint, optional, requires


async def trends(request: Request) -> Response:
    """GET /api/v1/trends -> []."""
    return Json([])


async def trending_tags(request: Request) -> Response:
    """GET /api/v1/trends/tags -> []."""
    return Json([])


async def trending_statuses(request: Request) -> Response:
    """GET /api/v1/trends/statuses -> []."""
    return Json([])


async def trending_links(request: Request) -> Response:
    """GET /api/v1/trends/links -> []."""
    return Json([])


async def custom_emojis(request: Request) -> Response:
    """GET /api/v1/custom_emojis -> []."""
    return Json([])


@requires("read")
async def announcements(request: Request) -> Response:
    """GET /api/v1/announcements -> []."""
    return Json([])


@requires("read")
async def suggestions(request: Request) -> Response:
    """GET /api/v2/suggestions -> []."""
    return Json([])


@requires("read")
async def suggestions_v1(request: Request) -> Response:
    """GET /api/v1/suggestions -> []."""
    return Json([])


@requires("write")
async def dismiss_suggestion(request: Request) -> Response:
    """DELETE /api/v1/suggestions/{id} -> {}: nobody was suggested."""
    return Json({})


@requires("read:accounts")
async def endorsements(request: Request) -> Response:
    """GET /api/v1/endorsements -> []: whom somebody recommends is a list of whom they know, and is not kept."""
    return Json([])


@optional("read:accounts")
async def endorsements_of(request: Request) -> Response:
    """GET /api/v1/accounts/{id}/endorsements -> []."""
    return Json([])


ANSWERS: dict[str, Endpoint] = {
    "/v1/trends": trends,
    "/v1/trends/tags": trending_tags,
    "/v1/trends/statuses": trending_statuses,
    "/v1/trends/links": trending_links,
    "/v1/custom_emojis": custom_emojis,
    "/v1/announcements": announcements,
    "/v1/endorsements": endorsements,
    "/v1/accounts/{id}/endorsements": endorsements_of,
    "/v1/suggestions": suggestions_v1,
    "/v2/suggestions": suggestions,
}

ROUTES = [
    *(Route(path, endpoint) for path, endpoint in ANSWERS.items()),
    Route("/v1/suggestions/{id}", dismiss_suggestion, methods=["DELETE"]),
]
