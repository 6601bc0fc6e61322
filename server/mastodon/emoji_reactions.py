"""Answering a status with an emoji, as clients of Pleroma do. Totals only: `accounts` is always empty.

Source: Pleroma's differences from the Mastodon API, "Emoji reactions".
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.status import emoji_reaction
from server.mastodon.parameters import path_id
from server.mastodon.statuses import answer, find_view
from server.oauth.scopes import optional, requires
from server.posts import reactions


@optional("read:statuses")
async def index(request: Request) -> Response:
    """GET /api/v1/pleroma/statuses/{id}/reactions -> how many gave each emoji; never who."""
    view = await find_view(path_id(request), viewer(request))
    return Json([emoji_reaction(item, context(request).names) for item in view.emojis])


@optional("read:statuses")
async def show(request: Request) -> Response:
    """GET /api/v1/pleroma/statuses/{id}/reactions/{emoji} -> the same for one emoji: a list of one, or of none."""
    view = await find_view(path_id(request), viewer(request))
    found = await reactions.chosen(view.post, request.path_params["emoji"])
    return Json([emoji_reaction(item, context(request).names) for item in view.emojis if item.emoji == found.text])


@requires("write:favourites")
async def give(request: Request) -> Response:
    """PUT /api/v1/pleroma/statuses/{id}/reactions/{emoji} -> Status."""
    view = await find_view(path_id(request), me(request))
    await reactions.react(me(request), view.post, request.path_params["emoji"], context(request))
    return await answer(request, view.post.id)


@requires("write:favourites")
async def take_back(request: Request) -> Response:
    """DELETE /api/v1/pleroma/statuses/{id}/reactions/{emoji} -> Status."""
    view = await find_view(path_id(request), me(request))
    await reactions.unreact(me(request), view.post, request.path_params["emoji"], context(request))
    return await answer(request, view.post.id)


ROUTES = [
    Route("/v1/pleroma/statuses/{id}/reactions", index),
    Route("/v1/pleroma/statuses/{id}/reactions/{emoji}", show),
    Route("/v1/pleroma/statuses/{id}/reactions/{emoji}", give, methods=["PUT"]),
    Route("/v1/pleroma/statuses/{id}/reactions/{emoji}", take_back, methods=["DELETE"]),
]
