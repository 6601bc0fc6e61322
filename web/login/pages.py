"""Logging in and out with a browser."""

import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError, Invalid
from server.sessions import actions
from server.sessions.devices import device_of
from server.sessions.guesses import Guesses
from server.sessions.queries import form_token, is_form_token
from server.throttle import address_of
from web.shared.cookies import FORM, SESSION, drop, read_cookie, set_form, set_session
from web.shared.forms import check_own_form, read_form
from web.shared.logged_in import LoggedIn, Typed, go, member_page, own_form, who_is
from web.shared.site import context_of

HOME = "/me"
MAX_ADDRESS_CHARACTERS = 1000
COOKIE_CHARACTERS = 43

# A path of ours: what begins with two slashes would lead to another host, and so would a backslash in some browsers.
_OWN_ADDRESS = re.compile(r"/(?!/)[!-\[\]-~]*")


async def log_in_form(request: Request) -> Response:
    """GET /login?next=<address of ours>."""
    address = own_address(request.query_params.get("next", ""))
    if await who_is(request) is not None:
        return go(address)
    return await _form(request, address)


async def log_in(request: Request) -> Response:
    """POST /login: name, password, next. 303 to where they wished to go; 422 or 429 with the form."""
    check_own_form(request)
    typed = await read_form(request)
    name, address = typed.get("name", ""), own_address(typed.get("next", ""))
    try:
        if not is_form_token(typed.get("form_token", ""), read_cookie(request, FORM)):
            raise Invalid("This page was open for too long, or your browser keeps no cookie. Try again.")
        token = await actions.log_in(
            name,
            typed.get("password", ""),
            context_of(request),
            guesses=guesses_of(request),
            address=address_of(request),
            device=device_of(request.headers.get("user-agent", "")),
            old_token=read_cookie(request, SESSION),
        )
    except AppError as refused:
        return await _form(request, address, name=name, refused=refused)
    response = go(address)
    set_session(request, response, token)
    return response


@own_form
async def log_out(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /logout: 303 to the log-in form."""
    await actions.log_out(read_cookie(request, SESSION))
    response = go("/login", "logged_out")
    drop(request, response, SESSION)
    return response


async def log_out_address(request: Request) -> Response:
    """GET /logout, where somebody comes back to whose session had ended: there is nothing to see."""
    return go(HOME)


def own_address(typed: str) -> str:
    """Give an address of this server to go to after logging in; anything else becomes the member's own page."""
    return typed if len(typed) <= MAX_ADDRESS_CHARACTERS and _OWN_ADDRESS.fullmatch(typed) else HOME


def guesses_of(request: Request) -> Guesses:
    """Give what this process remembers of wrong passwords."""
    state = request.app.state
    if not hasattr(state, "guesses"):
        state.guesses = Guesses()
    guesses: Guesses = state.guesses
    return guesses


async def _form(request: Request, address: str, *, name: str = "", refused: AppError | None = None) -> Response:
    """Show the form, with a token of its own; what was typed is kept, but for the password."""
    cookie = read_cookie(request, FORM)
    if len(cookie) != COOKIE_CHARACTERS:  # else it is that of another window, in which the form stays good
        cookie = secrets.token_urlsafe(actions.TOKEN_BYTES)
    response = await member_page(
        request,
        None,
        "login/login.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        values={"name": name, "password": ""},
        address=address,
        form_token=form_token(cookie),
    )
    response.headers.update(refused.headers if refused else {})
    set_form(request, response, cookie)
    return response
