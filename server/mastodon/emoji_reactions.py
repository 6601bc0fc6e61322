"""Answering a status with an emoji, as clients of Pleroma do. Totals only: `accounts` is always empty.

Source: Pleroma's differences from the Mastodon API, "Emoji reactions".
"""

from starlette.requests import Request

from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.status import EmojiReaction, Status, emoji_reaction
from server.mastodon.parameters import path_id
from server.mastodon.statuses import answer, find_view
from server.posts import reactions


async def index(request: Request) -> Json[list[EmojiReaction]]:
    """GET /api/v1/pleroma/statuses/{id}/reactions -> how many gave each emoji; never who."""
    view = await find_view(path_id(request), viewer(request))
    return Json([emoji_reaction(item, context(request).names) for item in view.emojis])


async def show(request: Request) -> Json[list[EmojiReaction]]:
    """GET /api/v1/pleroma/statuses/{id}/reactions/{emoji} -> the same for one emoji: a list of one, or of none."""
    view = await find_view(path_id(request), viewer(request))
    found = await reactions.chosen(view.post, request.path_params["emoji"])
    return Json([emoji_reaction(item, context(request).names) for item in view.emojis if item.emoji == found.text])


async def give(request: Request) -> Json[Status]:
    """PUT /api/v1/pleroma/statuses/{id}/reactions/{emoji} -> Status."""
    view = await find_view(path_id(request), me(request))
    await reactions.react(me(request), view.post, request.path_params["emoji"], context(request))
    return await answer(request, view.post.id)


async def take_back(request: Request) -> Json[Status]:
    """DELETE /api/v1/pleroma/statuses/{id}/reactions/{emoji} -> Status."""
    view = await find_view(path_id(request), me(request))
    await reactions.unreact(me(request), view.post, request.path_params["emoji"], context(request))
    return await answer(request, view.post.id)
