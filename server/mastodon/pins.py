"""Pinned statuses: those put in front of the others.   Source: docs.joinmastodon.org/methods/statuses#pin"""

from starlette.requests import Request

from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.status import Status
from server.mastodon.parameters import path_id
from server.mastodon.statuses import answer, find_view
from server.posts import featured


async def pin(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/pin -> Status."""
    view = await find_view(path_id(request), me(request))
    await featured.pin(me(request), view.post, context(request))
    return await answer(request, view.post.id)


async def unpin(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/unpin -> Status."""
    view = await find_view(path_id(request), me(request))
    await featured.unpin(me(request), view.post, context(request))
    return await answer(request, view.post.id)
