"""Lists of a member, for that member alone, and one of this server's: the network.

Source: docs.joinmastodon.org/methods/lists; /methods/accounts#lists
"""

from starlette.requests import Request

from models.actor import Actor
from models.filters import FilterContext
from models.lists import ReadingList, RepliesPolicy
from server.errors import Forbidden, Invalid
from server.lists import actions, queries
from server.lists.actions import Terms
from server.mastodon.accounts import find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, login, me
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.list import NETWORK_LIST, List, list_, network_list
from server.mastodon.entities.status import Status
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.mastodon.timelines import answer_page
from server.network import queries as network
from server.timelines import queries as timelines

POLICIES = {policy.value: policy for policy in RepliesPolicy}


async def index(request: Request) -> Json[list[List]]:
    """GET /api/v1/lists -> [List]: the network, then those of whoever asks."""
    own = [list_(row) for row in await queries.all_of(me(request))]
    return Json([network_list(login(request).language), *own])


async def create(request: Request) -> Json[List]:
    """POST /api/v1/lists -> List."""
    terms = _terms(await read(request), Terms(""))
    return Json(list_(await actions.make(me(request), terms)))


async def show(request: Request) -> Json[List]:
    """GET /api/v1/lists/{id} -> List."""
    if path_id(request) == NETWORK_LIST:
        return Json(network_list(login(request).language))
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
    parameters = await read(request)
    page = Page.read(parameters, default=40, most=80)
    is_whole = parameters.text("limit").strip() == "0"
    found = await _listed(request, None if is_whole else page.limit, page)
    shown = [(id_, actor) for id_, actor in found if page.reaches(id_)]
    names = context(request).names
    headers = {} if is_whole else link_header(request, names, page, [id_ for id_, _ in shown])
    return Json([account(actor, names) for _, actor in shown], headers=headers)


async def _listed(request: Request, limit: int | None, page: Page) -> list[tuple[int, Actor]]:
    """Load who is in a list, with the ids by which the list is paged."""
    if path_id(request) == NETWORK_LIST:
        sections = await network.shown(limit=limit, max_id=page.max_id, min_id=page.min_id)
        return [(actor.id, actor) for actor in sections]
    found = await queries.listed(await _find(request), limit=limit, max_id=page.max_id, min_id=page.min_id)
    return [(item.id, item.actor) for item in found]


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
    page = Page.read(await read(request))
    if path_id(request) == NETWORK_LIST:
        found = await timelines.network(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    else:
        row = await _find(request)
        found = await timelines.of_list(me(request), row, limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    return answer_page(request, page, found, FilterContext.HOME)


async def _find(request: Request) -> ReadingList:
    """Load a list of whoever asks.

    Raises:
        Forbidden: it is the network, which nobody changes by hand.
        NotFound: there is none, or it is another's.
    """
    if path_id(request) == NETWORK_LIST:
        raise Forbidden("This list is of the server: it shows the sections of the network, and cannot be changed.")
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
