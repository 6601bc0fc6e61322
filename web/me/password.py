"""Changing one's own password, which ends all that the old one opened elsewhere."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError, Invalid
from server.members.actions import reset_password
from server.sessions import actions
from server.sessions.devices import device_of
from server.throttle import address_of
from web.login.pages import guesses_of
from web.shared.cookies import set_session
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form
from web.shared.site import context_of


@for_members
async def password_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/password."""
    return await member_page(request, who, "me/password.html")


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/password: old, password, password_again. 303 to the sessions, of which one is left, with a new cookie."""
    ctx = context_of(request)
    try:
        await actions.prove(who.member, typed.get("old", ""), guesses=guesses_of(request), address=address_of(request))
        if typed.get("password", "") != typed.get("password_again", ""):
            raise Invalid("The two passwords are not the same.")
        await reset_password(who.member, typed.get("password", ""), ctx)
    except AppError as refused:
        return await member_page(request, who, "me/password.html", status=refused.status, problem=refused.message)
    device = device_of(request.headers.get("user-agent", ""))
    response = go("/me/sessions", "password")
    set_session(request, response, await actions.open_session(who.member, ctx, device=device))
    return response
