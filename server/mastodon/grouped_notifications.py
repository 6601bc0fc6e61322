"""What a member is told, in groups.   Source: docs.joinmastodon.org/methods/grouped_notifications"""

import re

from starlette.requests import Request

from models import notification_groups
from models.actor import Actor
from models.marker import MarkedTimeline
from models.notification_groups import GROUPED, Scope
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.notification import GroupedNotificationsResults, grouped, types_named
from server.mastodon.notifications import COUNTED, COUNTED_AT_MOST, Counted, read_wanted
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, read
from server.notifications import actions, queries
from server.timelines.markers import last_read

_KEY = re.compile(r"(?:ungrouped|favourite|reblog|follow)-[0-9]{1,19}")


def _scope(parameters: Parameters, recipient: Actor) -> Scope:
    """Read which notifications are asked for, and which of them stand together (`grouped_types[]`).

    Raises:
        Invalid: `account_id` is no id.
    """
    wanted = read_wanted(parameters)
    asked = parameters.texts("grouped_types")
    kinds = tuple(kind for kind in GROUPED if kind in asked) if asked else GROUPED
    return Scope(recipient.id, wanted.types, kinds, wanted.actor_id)


def _of_key(request: Request) -> Scope:
    """Read the group that the path names.

    Raises:
        NotFound: it names none.
    """
    key = request.path_params["key"]
    if _KEY.fullmatch(key) is None:
        raise NotFound("There is no such group of notifications.")
    kinds = () if key.startswith("ungrouped") else GROUPED
    return Scope(me(request).id, types_named((), ()), kinds, key=key)


async def index(request: Request) -> Json[GroupedNotificationsResults]:
    """GET /api/v2/notifications -> GroupedNotificationsResults."""
    parameters, names = await read(request), context(request).names
    page = Page.read(parameters, default=40, most=80)
    found = await queries.groups(
        me(request), _scope(parameters, me(request)), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )
    views = [view for view in found if page.reaches(view.group.newest)]
    headers = link_header(request, names, page, [view.group.newest for view in views])
    is_brief = parameters.text("expand_accounts") == "partial_avatars"
    return Json(grouped(views, names, me(request), is_brief=is_brief), headers=headers)


async def show(request: Request) -> Json[GroupedNotificationsResults]:
    """GET /api/v2/notifications/{key} -> GroupedNotificationsResults.

    Raises:
        NotFound: there is no such group.
    """
    found = await queries.groups(me(request), _of_key(request), limit=1)
    if not found:
        raise NotFound("There is no such group of notifications.")
    return Json(grouped(found, context(request).names, me(request)))


async def accounts(request: Request) -> Json[list[Account]]:
    """GET /api/v2/notifications/{key}/accounts -> [Account], everybody who is in a group, the last one first."""
    rows = await notification_groups.rows_of(_of_key(request))
    ids = list(dict.fromkeys(actor_id for _, actor_id in rows))[:COUNTED_AT_MOST]
    actors = {actor.id: actor for actor in await Actor.filter(id__in=ids)}
    return Json([account(actors[id_], context(request).names) for id_ in ids if id_ in actors])


async def unread_count(request: Request) -> Json[Counted]:
    """GET /api/v2/notifications/unread_count -> {count}: the groups with something above the marker, up to `limit`."""
    parameters = await read(request)
    limit = parameters.number("limit", COUNTED, least=1, most=COUNTED_AT_MOST)
    after_id = await last_read(me(request), MarkedTimeline.NOTIFICATIONS)
    return Json({"count": await notification_groups.count(_scope(parameters, me(request)), after_id, limit)})


async def dismiss(request: Request) -> Json[Nothing]:
    """POST /api/v2/notifications/{key}/dismiss -> {}."""
    await actions.dismiss_group(me(request), _of_key(request))
    return Json({})
