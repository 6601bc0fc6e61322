"""Filters of a member, for that member alone.   Source: docs.joinmastodon.org/methods/filters"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.errors import Invalid
from server.filters import actions, queries
from server.filters.actions import Terms
from server.filters.matching import ActiveFilter
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.filter import filter_, filter_keyword, filter_status
from server.mastodon.filter_terms import read_keyword, read_keywords, read_terms
from server.mastodon.parameters import path_id, read
from server.mastodon.statuses import find_view
from server.oauth.scopes import requires


@requires("read:filters")
async def index(request: Request) -> Response:
    """GET /api/v2/filters -> [Filter]."""
    return Json([filter_(view) for view in await queries.all_of(me(request))])


@requires("write:filters")
async def create(request: Request) -> Response:
    """POST /api/v2/filters -> Filter."""
    parameters, ctx = await read(request), context(request)
    terms = read_terms(parameters, Terms("", ()), ctx.now())
    row = await actions.make(me(request), terms, read_keywords(parameters), ctx)
    return Json(filter_(await queries.one(me(request), row.id)))


@requires("read:filters")
async def show(request: Request) -> Response:
    """GET /api/v2/filters/{id} -> Filter."""
    return Json(filter_(await _find(request)))


@requires("write:filters")
async def change(request: Request) -> Response:
    """PUT /api/v2/filters/{id} -> Filter; what is not sent stays as it was."""
    row, parameters, ctx = (await _find(request)).row, await read(request), context(request)
    terms = read_terms(parameters, actions.terms_of(row), ctx.now())
    await actions.change(me(request), row, terms, read_keywords(parameters), ctx)
    return Json(filter_(await _find(request)))


@requires("write:filters")
async def delete(request: Request) -> Response:
    """DELETE /api/v2/filters/{id} -> {}."""
    await actions.delete(me(request), (await _find(request)).row, context(request))
    return Json({})


@requires("read:filters")
async def keywords(request: Request) -> Response:
    """GET /api/v2/filters/{id}/keywords -> [FilterKeyword]."""
    return Json([filter_keyword(row) for row in (await _find(request)).keywords])


@requires("write:filters")
async def add_keyword(request: Request) -> Response:
    """POST /api/v2/filters/{id}/keywords -> FilterKeyword."""
    view, keyword = await _find(request), read_keyword(await read(request))
    return Json(filter_keyword(await actions.add_keyword(me(request), view.row, keyword, context(request))))


@requires("read:filters")
async def show_keyword(request: Request) -> Response:
    """GET /api/v2/filters/keywords/{id} -> FilterKeyword."""
    return Json(filter_keyword(await queries.keyword(me(request), path_id(request))))


@requires("write:filters")
async def change_keyword(request: Request) -> Response:
    """PUT /api/v2/filters/keywords/{id} -> FilterKeyword."""
    row = await queries.keyword(me(request), path_id(request))
    await actions.change_keyword(me(request), row, read_keyword(await read(request)), context(request))
    return Json(filter_keyword(row))


@requires("write:filters")
async def delete_keyword(request: Request) -> Response:
    """DELETE /api/v2/filters/keywords/{id} -> {}."""
    row = await queries.keyword(me(request), path_id(request))
    await actions.delete(me(request), row, context(request))
    return Json({})


@requires("read:filters")
async def statuses(request: Request) -> Response:
    """GET /api/v2/filters/{id}/statuses -> [FilterStatus]."""
    return Json([filter_status(row) for row in (await _find(request)).posts])


@requires("write:filters")
async def add_status(request: Request) -> Response:
    """POST /api/v2/filters/{id}/statuses -> FilterStatus; of a boost, what it shows is filtered."""
    view = await _find(request)
    if (status_id := (await read(request)).id("status_id")) is None:
        raise Invalid("status_id is missing.")
    post = (await find_view(status_id, me(request))).post
    return Json(filter_status(await actions.add_post(me(request), view.row, post, context(request))))


@requires("read:filters")
async def show_status(request: Request) -> Response:
    """GET /api/v2/filters/statuses/{id} -> FilterStatus."""
    return Json(filter_status(await queries.post(me(request), path_id(request))))


@requires("write:filters")
async def delete_status(request: Request) -> Response:
    """DELETE /api/v2/filters/statuses/{id} -> FilterStatus, as it was."""
    row = await queries.post(me(request), path_id(request))
    await actions.delete(me(request), row, context(request))
    return Json(filter_status(row))


async def _find(request: Request) -> ActiveFilter:
    return await queries.one(me(request), path_id(request))


ROUTES = [
    Route("/v2/filters", index),
    Route("/v2/filters", create, methods=["POST"]),
    Route("/v2/filters/{id}", show),
    Route("/v2/filters/{id}", change, methods=["PUT"]),
    Route("/v2/filters/{id}", delete, methods=["DELETE"]),
    Route("/v2/filters/{id}/keywords", keywords),
    Route("/v2/filters/{id}/keywords", add_keyword, methods=["POST"]),
    Route("/v2/filters/keywords/{id}", show_keyword),
    Route("/v2/filters/keywords/{id}", change_keyword, methods=["PUT"]),
    Route("/v2/filters/keywords/{id}", delete_keyword, methods=["DELETE"]),
    Route("/v2/filters/{id}/statuses", statuses),
    Route("/v2/filters/{id}/statuses", add_status, methods=["POST"]),
    Route("/v2/filters/statuses/{id}", show_status),
    Route("/v2/filters/statuses/{id}", delete_status, methods=["DELETE"]),
]
