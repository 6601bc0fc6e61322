"""Filters of a member, for that member alone.   Source: docs.joinmastodon.org/methods/filters"""

from starlette.requests import Request

from server.errors import Invalid
from server.filters import actions, queries
from server.filters.actions import Terms
from server.filters.matching import ActiveFilter
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.filter import Filter, FilterKeyword, FilterStatus, filter_, filter_keyword, filter_status
from server.mastodon.entities.kinds import Nothing
from server.mastodon.filter_terms import read_keyword, read_keywords, read_terms
from server.mastodon.parameters import path_id, read
from server.mastodon.statuses import find_view


async def index(request: Request) -> Json[list[Filter]]:
    """GET /api/v2/filters -> [Filter]."""
    return Json([filter_(view) for view in await queries.all_of(me(request))])


async def create(request: Request) -> Json[Filter]:
    """POST /api/v2/filters -> Filter."""
    parameters, ctx = await read(request), context(request)
    terms = read_terms(parameters, Terms("", ()), ctx.now())
    row = await actions.make(me(request), terms, read_keywords(parameters), ctx)
    return Json(filter_(await queries.one(me(request), row.id)))


async def show(request: Request) -> Json[Filter]:
    """GET /api/v2/filters/{id} -> Filter."""
    return Json(filter_(await _find(request)))


async def change(request: Request) -> Json[Filter]:
    """PUT /api/v2/filters/{id} -> Filter; what is not sent stays as it was."""
    row, parameters, ctx = (await _find(request)).row, await read(request), context(request)
    terms = read_terms(parameters, actions.terms_of(row), ctx.now())
    await actions.change(me(request), row, terms, read_keywords(parameters), ctx)
    return Json(filter_(await _find(request)))


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v2/filters/{id} -> {}."""
    await actions.delete(me(request), (await _find(request)).row, context(request))
    return Json({})


async def keywords(request: Request) -> Json[list[FilterKeyword]]:
    """GET /api/v2/filters/{id}/keywords -> [FilterKeyword]."""
    return Json([filter_keyword(row) for row in (await _find(request)).keywords])


async def add_keyword(request: Request) -> Json[FilterKeyword]:
    """POST /api/v2/filters/{id}/keywords -> FilterKeyword."""
    view, keyword = await _find(request), read_keyword(await read(request))
    return Json(filter_keyword(await actions.add_keyword(me(request), view.row, keyword, context(request))))


async def show_keyword(request: Request) -> Json[FilterKeyword]:
    """GET /api/v2/filters/keywords/{id} -> FilterKeyword."""
    return Json(filter_keyword(await queries.keyword(me(request), path_id(request))))


async def change_keyword(request: Request) -> Json[FilterKeyword]:
    """PUT /api/v2/filters/keywords/{id} -> FilterKeyword."""
    row = await queries.keyword(me(request), path_id(request))
    await actions.change_keyword(me(request), row, read_keyword(await read(request)), context(request))
    return Json(filter_keyword(row))


async def delete_keyword(request: Request) -> Json[Nothing]:
    """DELETE /api/v2/filters/keywords/{id} -> {}."""
    row = await queries.keyword(me(request), path_id(request))
    await actions.delete(me(request), row, context(request))
    return Json({})


async def statuses(request: Request) -> Json[list[FilterStatus]]:
    """GET /api/v2/filters/{id}/statuses -> [FilterStatus]."""
    return Json([filter_status(row) for row in (await _find(request)).posts])


async def add_status(request: Request) -> Json[FilterStatus]:
    """POST /api/v2/filters/{id}/statuses -> FilterStatus; of a boost, what it shows is filtered."""
    view = await _find(request)
    if (status_id := (await read(request)).id("status_id")) is None:
        raise Invalid("status_id is missing.")
    post = (await find_view(status_id, me(request))).post
    return Json(filter_status(await actions.add_post(me(request), view.row, post, context(request))))


async def show_status(request: Request) -> Json[FilterStatus]:
    """GET /api/v2/filters/statuses/{id} -> FilterStatus."""
    return Json(filter_status(await queries.post(me(request), path_id(request))))


async def delete_status(request: Request) -> Json[FilterStatus]:
    """DELETE /api/v2/filters/statuses/{id} -> FilterStatus, as it was."""
    row = await queries.post(me(request), path_id(request))
    await actions.delete(me(request), row, context(request))
    return Json(filter_status(row))


async def _find(request: Request) -> ActiveFilter:
    return await queries.one(me(request), path_id(request))
