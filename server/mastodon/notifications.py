"""What a member is told, one by one.   Source: docs.joinmastodon.org/methods/notifications"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.notification import notification, types_named
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.notifications import actions, queries
from server.notifications.queries import Wanted
from server.oauth.scopes import requires

COUNTED = 100
COUNTED_AT_MOST = 1000


def read_wanted(parameters: Parameters) -> Wanted:
    """Read which notifications are asked for: `types[]`, `exclude_types[]`, `account_id`, `include_filtered`.

    Raises:
        Invalid: `account_id` is no id.
    """
    types = types_named(parameters.texts("types"), parameters.texts("exclude_types"))
    return Wanted(types, parameters.id("account_id"), parameters.flag("include_filtered"))


@requires("read:notifications")
async def index(request: Request) -> Response:
    """GET /api/v1/notifications -> [Notification]."""
    parameters = await read(request)
    page, names = Page.read(parameters, default=40, most=80), context(request).names
    found = await queries.page(
        me(request), read_wanted(parameters), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )
    rows = [row for row in found if page.reaches(row.id)]
    headers = link_header(request, names, page, [row.id for row in rows])
    views = await queries.shown(rows, me(request))
    return Json([notification(view, names, me(request)) for view in views], headers=headers)


@requires("read:notifications")
async def show(request: Request) -> Response:
    """GET /api/v1/notifications/{id} -> Notification.

    Raises:
        NotFound: there is none, or it is about something that is no longer for this member.
    """
    view = await queries.one(path_id(request), me(request), Wanted(types_named((), ())))
    if view is None:
        raise NotFound("There is no such notification.")
    return Json(notification(view, context(request).names, me(request)))


@requires("read:notifications")
async def unread_count(request: Request) -> Response:
    """GET /api/v1/notifications/unread_count -> {count}: those that are there, up to `limit`."""
    parameters = await read(request)
    limit = parameters.number("limit", COUNTED, least=1, most=COUNTED_AT_MOST)
    return Json({"count": await queries.count(me(request), read_wanted(parameters), limit=limit)})


@requires("write:notifications")
async def clear(request: Request) -> Response:
    """POST /api/v1/notifications/clear -> {}."""
    await actions.clear(me(request))
    return Json({})


@requires("write:notifications")
async def dismiss(request: Request) -> Response:
    """POST /api/v1/notifications/{id}/dismiss -> {}.

    Raises:
        NotFound: there is none.
    """
    return await _dismiss(request, path_id(request))


@requires("write:notifications")
async def dismiss_of_old(request: Request) -> Response:
    """POST /api/v1/notifications/dismiss -> {}: `id` says which.

    Raises:
        NotFound: there is none.
    """
    return await _dismiss(request, (await read(request)).id("id") or 0)


async def _dismiss(request: Request, id_: int) -> Response:
    if not await actions.dismiss(me(request), id_):
        raise NotFound("There is no such notification.")
    return Json({})


ROUTES = [
    Route("/v1/notifications", index),
    Route("/v1/notifications/clear", clear, methods=["POST"]),
    Route("/v1/notifications/dismiss", dismiss_of_old, methods=["POST"]),
    Route("/v1/notifications/unread_count", unread_count),
    Route("/v1/notifications/{id}", show),
    Route("/v1/notifications/{id}/dismiss", dismiss, methods=["POST"]),
]
