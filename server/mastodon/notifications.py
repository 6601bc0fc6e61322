"""What a member is told, one by one.   Source: docs.joinmastodon.org/methods/notifications"""

from typing import TypedDict

from starlette.requests import Request

from models.marker import MarkedTimeline
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.notification import Notification, notification, types_named
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, path_id, read
from server.notifications import actions, queries
from server.notifications.queries import Wanted
from server.timelines.markers import last_read

COUNTED = 100
COUNTED_AT_MOST = 1000


class Counted(TypedDict):
    """How many there are."""

    count: int


def read_wanted(parameters: Parameters) -> Wanted:
    """Read which notifications are asked for: `types[]`, `exclude_types[]`, `account_id`, `include_filtered`.

    Raises:
        Invalid: `account_id` is no id.
    """
    types = types_named(parameters.texts("types"), parameters.texts("exclude_types"))
    return Wanted(types, parameters.id("account_id"), parameters.flag("include_filtered"))


async def index(request: Request) -> Json[list[Notification]]:
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


async def show(request: Request) -> Json[Notification]:
    """GET /api/v1/notifications/{id} -> Notification.

    Raises:
        NotFound: there is none, or it is about something that is no longer for this member.
    """
    view = await queries.one(path_id(request), me(request), Wanted(types_named((), ())))
    if view is None:
        raise NotFound("There is no such notification.")
    return Json(notification(view, context(request).names, me(request)))


async def unread_count(request: Request) -> Json[Counted]:
    """GET /api/v1/notifications/unread_count -> {count}: those above the marker, up to `limit`."""
    parameters = await read(request)
    limit = parameters.number("limit", COUNTED, least=1, most=COUNTED_AT_MOST)
    after_id = await last_read(me(request), MarkedTimeline.NOTIFICATIONS)
    count = await queries.count(me(request), read_wanted(parameters), after_id=after_id, limit=limit)
    return Json({"count": count})


async def clear(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/clear -> {}."""
    await actions.clear(me(request))
    return Json({})


async def dismiss(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/{id}/dismiss -> {}.

    Raises:
        NotFound: there is none.
    """
    return await _dismiss(request, path_id(request))


async def dismiss_of_old(request: Request) -> Json[Nothing]:
    """POST /api/v1/notifications/dismiss -> {}: `id` says which.

    Raises:
        NotFound: there is none.
    """
    return await _dismiss(request, (await read(request)).id("id") or 0)


async def _dismiss(request: Request, id_: int) -> Json[Nothing]:
    if not await actions.dismiss(me(request), id_):
        raise NotFound("There is no such notification.")
    return Json({})
