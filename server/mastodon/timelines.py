"""Home and public timelines, and that of the network.   Source: docs.joinmastodon.org/methods/timelines"""

from collections.abc import Sequence
from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response

from models.filters import FilterContext
from server.kept_answers import kept_for
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.status import Status, status
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.posts import queries as posts
from server.posts.queries import PostView
from server.search import links
from server.timelines import queries as timelines


async def home(request: Request) -> Annotated[Response, list[Status]]:
    """GET /api/v1/timelines/home -> [Status]."""
    query: bytes = request.scope["query_string"]
    return await kept_for(request, ("home", str(me(request).id), query.decode("latin-1")), _home)


async def _home(request: Request) -> Json[list[Status]]:
    page = Page.read(await read(request))
    rows = await timelines.home(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    return answer_page(request, page, rows, FilterContext.HOME)


async def public(request: Request) -> Json[list[Status]]:
    """GET /api/v1/timelines/public -> [Status]; `local` and `remote` narrow it."""
    parameters = await read(request)
    page = Page.read(parameters)
    rows = await posts.public(
        viewer(request),
        limit=page.limit,
        local=parameters.flag("local"),
        remote=parameters.flag("remote"),
        max_id=page.max_id,
        min_id=page.min_id,
    )
    return answer_page(request, page, rows, FilterContext.PUBLIC)


async def network(request: Request) -> Json[list[Status]]:
    """GET /api/v1/timelines/network -> [Status]: what the sections of the network publish."""
    page = Page.read(await read(request))
    rows = await timelines.network(viewer(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    return answer_page(request, page, rows, FilterContext.PUBLIC)


async def link(request: Request) -> Json[list[Status]]:
    """GET /api/v1/timelines/link?url=… -> [Status], those with a link to that page that may be found by their words."""
    parameters = await read(request)
    page = Page.read(parameters)
    rows = await links.linking(
        parameters.text("url"), me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )  # fmt: skip
    return answer_page(request, page, rows, FilterContext.PUBLIC)


def answer_page(request: Request, page: Page, rows: Sequence[PostView], where: FilterContext) -> Json[list[Status]]:
    """Answer a page of posts, newest first, with the way to its neighbours, but those that a filter hides there."""
    names, asking = context(request).names, viewer(request)
    shown = [row for row in rows if page.reaches(row.item_id)]
    headers = link_header(request, names, page, [row.item_id for row in shown])
    return Json([status(row, names, asking) for row in shown if not row.is_hidden(where)], headers=headers)
