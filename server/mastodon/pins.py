"""Pinned statuses: those put in front of the others.   Source: docs.joinmastodon.org/methods/statuses#pin"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.mastodon.asking import context, me
from server.mastodon.parameters import path_id
from server.mastodon.statuses import answer, find_view
from server.oauth.scopes import requires
from server.posts import featured


@requires("write:accounts")
async def pin(request: Request) -> Response:
    """POST /api/v1/statuses/{id}/pin -> Status."""
    view = await find_view(path_id(request), me(request))
    await featured.pin(me(request), view.post, context(request))
    return await answer(request, view.post.id)


@requires("write:accounts")
async def unpin(request: Request) -> Response:
    """POST /api/v1/statuses/{id}/unpin -> Status."""
    view = await find_view(path_id(request), me(request))
    await featured.unpin(me(request), view.post, context(request))
    return await answer(request, view.post.id)


ROUTES = [
    Route("/v1/statuses/{id}/pin", pin, methods=["POST"]),
    Route("/v1/statuses/{id}/unpin", unpin, methods=["POST"]),
]
