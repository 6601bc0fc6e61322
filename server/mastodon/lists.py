"""Lists of a member, for that member alone.   Source: docs.joinmastodon.org/methods/lists; /methods/accounts#lists"""

from starlette.requests import Request

from models.filters import FilterContext
from models.lists import ReadingList, RepliesPolicy
from server.errors import Invalid
from server.lists import actions, queries
from server.lists.actions import Terms
from server.mastodon.accounts import find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.list import List, list_
from server.mastodon.entities.status import Status
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.mastodon.timelines import answer_page
from server.timelines import queries as timelines

POLICIES = {policy.value: policy for policy in RepliesPolicy}


async def index(request: Request) -> Json[list[List]]:
    """GET /api/v1/lists -> [List]."""
    return Json([list_(row) for row in await queries.all_of(me(request))])


async def create(request: Request) -> Json[List]:
    """POST /api/v1/lists -> List."""
    terms = _terms(await read(request), Terms(""))
    return Json(list_(await actions.make(me(request), terms)))


async def show(request: Request) -> Json[List]:
    """GET /api/v1/lists/{id} -> List."""
    return Json(list_(await _find(request)))


async def change(request: Request) -> Json[List]:
    """PUT /api/v1/lists/{id} -> List; what is not sent stays as it was."""
    row = await _find(request)
    before = Terms(row.title, row.replies_policy, row.is_exclusive)
    await actions.change(row, _terms(await read(request), before))
    return Json(list_(row))


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/lists/{id} -> {}."""
    await (await _find(request)).delete()
    return Json({})


async def accounts(request: Request) -> Json[list[Account]]:
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


async def add(request: Request) -> Json[Nothing]:
    """POST /api/v1/lists/{id}/accounts -> {}."""
    row = await _find(request)
    await actions.add(row, (await read(request)).ids("account_ids"))
    return Json({})


async def take_out(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/lists/{id}/accounts -> {}; `account_ids` in the query or in the body."""
    row = await _find(request)
    await actions.take_out(row, (await read(request)).ids("account_ids"))
    return Json({})


async def with_account(request: Request) -> Json[list[List]]:
    """GET /api/v1/accounts/{id}/lists -> [List], those of whoever asks."""
    other = await find_account(request)
    return Json([list_(row) for row in await queries.with_actor(me(request), other)])


async def timeline(request: Request) -> Json[list[Status]]:
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
