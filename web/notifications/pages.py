"""What a member was told, in groups: read, marked, put away; who asks to follow them or to be heard, and the answer."""

from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.actor import Actor
from models.filters import FilterAction, FilterContext
from models.marker import MarkedTimeline
from models.notification import NotificationType
from models.notification_groups import GROUPED, Scope
from server.errors import AppError, Invalid, NotFound
from server.follows import actions as follows
from server.follows import queries as followed
from server.notifications import actions, queries, requests
from server.timelines import markers
from web.home.paging import PAGE_ITEMS, Cursor
from web.home.shown import titles
from web.shared.forms import read_id
from web.shared.in_place import is_in_place
from web.shared.logged_in import LoggedIn, Typed, for_members, go, live_page, own_form, perform
from web.shared.rendering import NEVER_KEEP
from web.shared.site import context_of

HOME = "/notifications"
MOST_WAITING = 40
MAX_KEY_CHARACTERS = 40

T = NotificationType
ONLY: Mapping[str, Collection[NotificationType]] = {
    "": list(T),
    "mentions": (T.MENTION, T.QUOTE),
    "reactions": (T.LIKE, T.EMOJI_REACTION, T.ANNOUNCE, T.POLL, T.UPDATE),
    "follows": (T.FOLLOW, T.FOLLOW_REQUEST, T.STATUS, T.MOVE),
    "events": (T.EVENT_INVITE, T.EVENT_REQUEST, T.EVENT_ANSWER, T.EVENT_CHANGE, T.EVENT_REMINDER),
    "sections": (
        T.MEMBER_REQUEST, T.MEMBER_INVITE, T.MEMBER_ACCEPTED, T.TRANSFER_REQUEST, T.TRANSFER_REFUSED,
        T.ORGANISE_REQUEST, T.ORGANISE_ANSWER, T.ADMIN_REPORT,
    ),
}  # fmt: skip


@for_members
async def told(request: Request, who: LoggedIn) -> Response:
    """GET /notifications?only=<one of ONLY, or requests>&before=<id>."""
    return await _page(request, who)


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /notifications: do=read, newest; dismiss, key; clear; accept or refuse, actor; hear or leave, request."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, typed, context_of(request))
    except AppError as refused:
        return await _page(request, who, refused)
    if is_in_place(request):
        return Response(status_code=204, headers={"Cache-Control": NEVER_KEEP})
    only = typed.get("only", "")
    return go(f"{HOME}?only={only}" if only and (only in ONLY or only == "requests") else HOME, said)


async def _page(request: Request, who: LoggedIn, refused: AppError | None = None) -> Response:
    only = request.query_params.get("only", "")
    if only not in (*ONLY, "requests"):
        raise NotFound("This page does not exist.")
    last_read = await markers.last_read(who.actor, MarkedTimeline.NOTIFICATIONS)
    values = await (_requests(who) if only == "requests" else _groups(who, only, Cursor.read(request)))
    return await live_page(
        request,
        who,
        "notifications/list.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        only=only,
        last_read=last_read,
        waiting=await followed.waiting(who.actor, limit=MOST_WAITING) if only in ("", "follows") else [],
        apart=await requests.summary(who.actor),
        **values,
    )


async def _groups(who: LoggedIn, only: str, cursor: Cursor) -> dict[str, Any]:
    scope = Scope(who.actor.id, list(ONLY[only]))
    found = await queries.groups(who.actor, scope, limit=PAGE_ITEMS + 1, max_id=cursor.before)
    shown = found[:PAGE_ITEMS]
    older = shown[-1].group.newest if len(found) > PAGE_ITEMS else None
    where = FilterContext.NOTIFICATIONS
    kept = [view for view in shown if view.post is None or not view.post.is_hidden(where)]
    warned = {view.group.key: titles(view.post, FilterAction.WARN, where) for view in kept if view.post is not None}
    return {"groups": kept, "warned": warned, "older": older, "before": cursor.before, "asking": []}


async def _requests(who: LoggedIn) -> dict[str, Any]:
    asking = await requests.page(who.actor, limit=MOST_WAITING)
    return {"groups": [], "warned": {}, "older": None, "before": None, "asking": asking}


async def _read(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    """Mark what was on the page as read; what has come meanwhile is not."""
    newest = read_id(typed.get("newest", ""))
    if newest > await markers.last_read(who.actor, MarkedTimeline.NOTIFICATIONS):
        await markers.mark(who.actor, {MarkedTimeline.NOTIFICATIONS: newest}, ctx.now())
    return ""


async def _dismiss(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    key = typed.get("key", "")
    if not 0 < len(key) <= MAX_KEY_CHARACTERS:
        raise Invalid("This form could not be read.")
    kinds = () if key.startswith("ungrouped") else GROUPED
    await actions.dismiss_group(who.actor, Scope(who.actor.id, list(T), kinds, key=key))
    return "put_away"


async def _clear(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await actions.clear(who.actor)
    return "cleared"


async def _accept(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await follows.decide(who.actor, await _follower(who, typed), ctx, accept=True)
    return "follower_accepted"


async def _refuse(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await follows.decide(who.actor, await _follower(who, typed), ctx, accept=False)
    return "follower_refused"


async def _follower(who: LoggedIn, typed: Typed) -> Actor:
    """Find who asks to follow.

    Raises:
        NotFound: they do not ask, or no longer.
    """
    row = await followed.waiting_from(who.actor, read_id(typed.get("actor", "")))
    if row is None:
        raise NotFound("There is no such request.")
    return row.follower


async def _hear(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    return _answered(await requests.accept(who.actor, [read_id(typed.get("request", ""))], ctx), "heard")


async def _leave(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    return _answered(await requests.dismiss(who.actor, [read_id(typed.get("request", ""))]), "put_away")


def _answered(total: int, said: str) -> str:
    if not total:
        raise NotFound("There is no such request.")
    return said


_DEEDS = {
    "read": _read,
    "dismiss": _dismiss,
    "clear": _clear,
    "accept": _accept,
    "refuse": _refuse,
    "hear": _hear,
    "leave": _leave,
}
