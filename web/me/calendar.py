"""The private address under which a member's calendar program finds their agenda: made, renewed, taken back."""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from server.errors import AppError
from server.events import calendar_links
from web.shared.logged_in import Deed, LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/calendar"


@for_members
async def calendar(request: Request, who: LoggedIn) -> Response:
    """GET /me/calendar."""
    return await _page(request, who)


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/calendar: do=renew or revoke. 303 to the same page."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, typed, context_of(request))
    except AppError as refused:
        return await _page(request, who, refused)
    return go(ADDRESS, said)


async def _renew(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await calendar_links.renew(who.member)
    return "calendar_address"


async def _revoke(who: LoggedIn, typed: Typed, ctx: Context) -> str:
    await calendar_links.revoke(who.member)
    return "calendar_ended"


_DEEDS: dict[str, Deed] = {"renew": _renew, "revoke": _revoke}


async def _page(request: Request, who: LoggedIn, refused: AppError | None = None) -> Response:
    token = await calendar_links.link_of(who.member)
    origin = context_of(request).names.origin
    return await member_page(
        request,
        who,
        "me/calendar.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        address=f"{origin}/calendar/{token}.ics" if token else "",
        subscribing=f"webcal://{origin.partition('://')[2]}/calendar/{token}.ics" if token else "",
    )
