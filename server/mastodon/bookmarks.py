"""Bookmarks, favourites, and conversations of which one is told no more.

Source: docs.joinmastodon.org/methods/bookmarks, /methods/favourites, /methods/statuses#bookmark, #mute, #favourited_by
"""

from collections.abc import Sequence

from starlette.requests import Request

from models.reaction import Announce, Like
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.status import Status, status
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import path_id, read
from server.mastodon.statuses import answer, find_view
from server.posts import bookmarks
from server.posts.queries import PostView


async def index(request: Request) -> Json[list[Status]]:
    """GET /api/v1/bookmarks -> [Status]; pages count the bookmarks, not the statuses."""
    page = Page.read(await read(request))
    rows = await bookmarks.bookmarked(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    return _answer_marked(request, page, rows)


async def favourites(request: Request) -> Json[list[Status]]:
    """GET /api/v1/favourites -> [Status]; pages count the favourites, not the statuses."""
    page = Page.read(await read(request))
    rows = await bookmarks.liked(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    return _answer_marked(request, page, rows)


def _answer_marked(request: Request, page: Page, rows: Sequence[tuple[int, PostView]]) -> Json[list[Status]]:
    names, asking = context(request).names, me(request)
    shown = [row for row in rows if page.reaches(row[0])]
    headers = link_header(request, names, page, [id_ for id_, _ in shown])
    return Json([status(view, names, asking) for _, view in shown], headers=headers)


async def bookmark(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/bookmark -> Status; of a boost, what it shows is kept."""
    view = await find_view(path_id(request), me(request))
    await bookmarks.bookmark(me(request), view.post)
    return await answer(request, view.post.id)


async def unbookmark(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/unbookmark -> Status."""
    view = await find_view(path_id(request), me(request))
    await bookmarks.unbookmark(me(request), view.post)
    return await answer(request, view.post.id)


async def mute(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/mute -> Status."""
    view = await find_view(path_id(request), me(request))
    await bookmarks.mute_conversation(me(request), view.post)
    return await answer(request, view.post.id)


async def unmute(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/unmute -> Status."""
    view = await find_view(path_id(request), me(request))
    await bookmarks.unmute_conversation(me(request), view.post)
    return await answer(request, view.post.id)


async def favourited_by(request: Request) -> Json[list[Account]]:
    """GET /api/v1/statuses/{id}/favourited_by -> [Account], for its author; for others []."""
    page = Page.read(await read(request), default=40, most=80)
    post = (await find_view(path_id(request), viewer(request))).post
    rows = await bookmarks.likers(
        post, viewer(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )  # fmt: skip
    return _answer_actors(request, page, rows)


async def reblogged_by(request: Request) -> Json[list[Account]]:
    """GET /api/v1/statuses/{id}/reblogged_by -> [Account], for those who are logged in; for the public []."""
    page = Page.read(await read(request), default=40, most=80)
    post = (await find_view(path_id(request), viewer(request))).post
    rows = await bookmarks.announcers(
        post, viewer(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )  # fmt: skip
    return _answer_actors(request, page, rows)


def _answer_actors(request: Request, page: Page, rows: Sequence[Like | Announce]) -> Json[list[Account]]:
    names = context(request).names
    shown = [row for row in rows if page.reaches(row.id)]
    headers = link_header(request, names, page, [row.id for row in shown])
    return Json([account(row.actor, names) for row in shown], headers=headers)
