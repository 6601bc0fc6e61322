"""Lists of a member, for that member alone.   Source: docs.joinmastodon.org/methods/lists; /methods/accounts#lists"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.filters import FilterContext
from models.lists import ReadingList, RepliesPolicy
from server.errors import Invalid
from server.lists import actions, queries
from server.lists.actions import Terms
from server.mastodon.accounts import find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import account
from server.mastodon.entities.list import list_
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.mastodon.timelines import answer_page
from server.oauth.scopes import requires
from server.timelines import queries as timelines

POLICIES = {policy.value: policy for policy in RepliesPolicy}


@requires("read:lists")
async def index(request: Request) -> Response:
    """GET /api/v1/lists -> [List]."""
    return Json([list_(row) for row in await queries.all_of(me(request))])


@requires("write:lists")
async def create(request: Request) -> Response:
    """POST /api/v1/lists -> List."""
    terms = _terms(await read(request), Terms(""))
    return Json(list_(await actions.make(me(request), terms)))


@requires("read:lists")
async def show(request: Request) -> Response:
    """GET /api/v1/lists/{id} -> List."""
    return Json(list_(await _find(request)))


@requires("write:lists")
async def change(request: Request) -> Response:
    """PUT /api/v1/lists/{id} -> List; what is not sent stays as it was."""
    row = await _find(request)
    before = Terms(row.title, row.replies_policy, row.is_exclusive)
    await actions.change(row, _terms(await read(request), before))
    return Json(list_(row))


@requires("write:lists")
async def delete(request: Request) -> Response:
    """DELETE /api/v1/lists/{id} -> {}."""
    await (await _find(request)).delete()
    return Json({})


@requires("read:lists")
async def accounts(request: Request) -> Response:
    """GET /api/v1/lists/{id}/accounts -> [Account]; `limit=0` gives all, otherwise pages count the rows of the list."""
    row, parameters = await _find(request), await read(request)
    page = Page.read(parameters, default=40, most=80)
    is_whole = parameters.text("limit").strip() == "0"
    found = await queries.listed(
        row, limit=None if is_whole else page.limit, max_id=page.max_id, min_id=page.min_id
    )  # fmt: skip
    shown = [item for item in found if page.reaches(item.id)]
    names = context(request).names
    headers = {} if is_whole else link_header(request, names, page, [item.id for item in shown])
    return Json([account(item.actor, names) for item in shown], headers=headers)


@requires("write:lists")
async def add(request: Request) -> Response:
    """POST /api/v1/lists/{id}/accounts -> {}."""
    row = await _find(request)
    await actions.add(row, (await read(request)).ids("account_ids"))
    return Json({})


@requires("write:lists")
async def take_out(request: Request) -> Response:
    """DELETE /api/v1/lists/{id}/accounts -> {}; `account_ids` in the query or in the body."""
    row = await _find(request)
    await actions.take_out(row, (await read(request)).ids("account_ids"))
    return Json({})


@requires("read:lists")
async def with_account(request: Request) -> Response:
    """GET /api/v1/accounts/{id}/lists -> [List], those of whoever asks."""
    other = await find_account(request)
    return Json([list_(row) for row in await queries.with_actor(me(request), other)])


@requires("read:lists")
async def timeline(request: Request) -> Response:
    """GET /api/v1/timelines/list/{id} -> [Status]."""
    row, page = await _find(request), Page.read(await read(request))
    found = await timelines.of_list(me(request), row, limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    return answer_page(request, page, found, FilterContext.HOME)


async def _find(request: Request) -> ReadingList:
    return await queries.one(me(request), path_id(request))


def _terms(parameters: Parameters, before: Terms) -> Terms:
    word = parameters.text("replies_policy", before.replies_policy.value)
    if word not in POLICIES:
        raise Invalid("replies_policy must be followed, list or none.")
    return Terms(
        parameters.text("title", before.title),
        POLICIES[word],
        parameters.flag("exclusive", before.is_exclusive),
    )


ROUTES = [
    Route("/v1/lists", index),
    Route("/v1/lists", create, methods=["POST"]),
    Route("/v1/lists/{id}", show),
    Route("/v1/lists/{id}", change, methods=["PUT"]),
    Route("/v1/lists/{id}", delete, methods=["DELETE"]),
    Route("/v1/lists/{id}/accounts", accounts),
    Route("/v1/lists/{id}/accounts", add, methods=["POST"]),
    Route("/v1/lists/{id}/accounts", take_out, methods=["DELETE"]),
    Route("/v1/accounts/{id}/lists", with_account),
    Route("/v1/timelines/list/{id}", timeline),
]
