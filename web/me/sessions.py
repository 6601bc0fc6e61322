"""Where a member is logged in, browsers and applications, and ending what should not be."""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from server.errors import AppError
from server.oauth import held
from server.sessions import actions, queries
from web.shared.forms import read_id
from web.shared.logged_in import Deed, LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/sessions"


@for_members
async def sessions(request: Request, who: LoggedIn) -> Response:
    """GET /me/sessions."""
    return await _page(request, who)


@own_form
async def end(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/sessions: do=end and session, end_others, end_app and token, or end_apps. 303 to the same page."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, typed, context_of(request))
    except AppError as refused:
        return await _page(request, who, refused)
    return go(ADDRESS, said)


async def _end(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await actions.end(who.member, read_id(typed.get("session", "")))
    return "ended"


async def _end_others(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await actions.end_others(who.session)
    return "ended_others"


async def _end_app(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await held.end(who.member, read_id(typed.get("token", "")))
    return "ended_app"


async def _end_apps(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await held.end_all(who.member)
    return "ended_apps"


_DEEDS: dict[str, Deed] = {"end": _end, "end_others": _end_others, "end_app": _end_app, "end_apps": _end_apps}


async def _page(request: Request, who: LoggedIn, refused: AppError | None = None) -> Response:
    return await member_page(
        request,
        who,
        "me/sessions.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        tokens=await held.of_member(who.member),
        sessions=await queries.of_member(who.member, context_of(request)),
    )
