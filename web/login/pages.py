"""Logging in and out with a browser: by a password, or by a passkey alone."""

import re
import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from models.sign_up import SignUpMode
from server.errors import AppError, Invalid
from server.passkeys import actions as passkeys
from server.passkeys import ceremonies
from server.sessions import actions
from server.sessions.actions import SecondStepWanted
from server.sessions.devices import device_of
from server.sessions.guesses import Guesses
from server.sessions.queries import form_token, is_form_token
from server.sign_up.mode import mode
from server.throttle import address_of, throttled
from web.login.arriving import arrive
from web.shared.cookies import FORM, SESSION, drop, read_cookie, set_form, set_half_in
from web.shared.forms import check_own_form, read_form
from web.shared.headers import let_scripts
from web.shared.logged_in import LoggedIn, Typed, go, member_page, own_form, who_is
from web.shared.site import context_of

HOME = "/home"
MAX_ADDRESS_CHARACTERS = 5000
COOKIE_CHARACTERS = 43

# A path of ours: what begins with two slashes would lead to another host, and so would a backslash in some browsers.
_OWN_ADDRESS = re.compile(r"/(?!/)[!-\[\]-~]*")


async def log_in_form(request: Request) -> Response:
    """GET /login?next=<address of ours>&again=yes: `again` is for whoever logs in as somebody else."""
    address = own_address(request.query_params.get("next", ""))
    if "again" not in request.query_params and await who_is(request) is not None:
        return go(address)
    return await _form(request, address)


async def log_in(request: Request) -> Response:
    """POST /login: name, password, next. 303 to where they wished to go, or to the second step; 422 or 429 with the form."""
    check_own_form(request)
    typed = await read_form(request)
    name, address = typed.get("name", ""), own_address(typed.get("next", ""))
    try:
        _check_token(request, typed)
        token = await actions.log_in(
            name,
            typed.get("password", ""),
            context_of(request),
            guesses=guesses_of(request),
            address=address_of(request),
            device=device_of(request.headers.get("user-agent", "")),
            old_token=read_cookie(request, SESSION),
        )
    except SecondStepWanted as wanted:
        response = go(f"/login/second_step?{urlencode({'next': address})}")
        set_half_in(request, response, wanted.half_in)
        return response
    except AppError as refused:
        return await _form(request, address, name=name, refused=refused)
    return await arrive(request, token, address, HOME)


@throttled("passkey", burst=20, every_seconds=10)
async def log_in_by_passkey(request: Request) -> Response:
    """POST /login/passkey: answer, challenge, next. 303 to where they wished to go; 422 with the form."""
    check_own_form(request)
    typed = await read_form(request)
    address = own_address(typed.get("next", ""))
    try:
        _check_token(request, typed)
        token = await actions.log_in_by_passkey(
            typed.get("answer", ""),
            typed.get("challenge", ""),
            form_token(read_cookie(request, FORM)),
            context_of(request),
            device=device_of(request.headers.get("user-agent", "")),
            old_token=read_cookie(request, SESSION),
        )
    except AppError as refused:
        return await _form(request, address, refused=refused)
    return await arrive(request, token, address, HOME)


async def log_in_address(request: Request) -> Response:
    """GET /login/passkey, where somebody comes back to who was sent there: the form is elsewhere."""
    return go("/login")


@own_form
async def log_out(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /logout: 303 to the log-in form."""
    await actions.log_out(read_cookie(request, SESSION))
    response = go("/login", "logged_out")
    drop(request, response, SESSION)
    response.headers["Clear-Site-Data"] = '"storage"'  # what was begun to be written
    return response


async def log_out_address(request: Request) -> Response:
    """GET /logout, where somebody comes back to whose session had ended: there is nothing to see."""
    return go(HOME)


def own_address(typed: str) -> str:
    """Give an address of this server to go to after logging in; anything else becomes the member's home timeline."""
    return typed if len(typed) <= MAX_ADDRESS_CHARACTERS and _OWN_ADDRESS.fullmatch(typed) else HOME


def guesses_of(request: Request) -> Guesses:
    """Give what this process remembers of wrong passwords."""
    state = request.app.state
    if not hasattr(state, "guesses"):
        state.guesses = Guesses()
    guesses: Guesses = state.guesses
    return guesses


def code_guesses_of(request: Request) -> Guesses:
    """Give what this process remembers of wrong codes of the second step."""
    state = request.app.state
    if not hasattr(state, "code_guesses"):
        state.code_guesses = Guesses(are_codes=True)
    guesses: Guesses = state.code_guesses
    return guesses


def _check_token(request: Request, typed: Typed) -> None:
    if not is_form_token(typed.get("form_token", ""), read_cookie(request, FORM)):
        raise Invalid("This page was open for too long, or your browser keeps no cookie. Try again.")


async def _form(request: Request, address: str, *, name: str = "", refused: AppError | None = None) -> Response:
    """Show the form, with a token of its own; what was typed is kept, but for the password."""
    cookie = read_cookie(request, FORM)
    if len(cookie) != COOKIE_CHARACTERS:  # else it is that of another window, in which the form stays good
        cookie = secrets.token_urlsafe(actions.TOKEN_BYTES)
    ctx, token = context_of(request), form_token(cookie)
    challenge = passkeys.new_challenge(token, ctx)
    response = await member_page(
        request,
        None,
        "login/login.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        values={"name": name, "password": ""},
        address=address,
        form_token=token,
        challenge=challenge,
        options=ceremonies.to_ask(ctx.names, challenge),
        takes_in=await mode() is not SignUpMode.CLOSED,
    )
    response.headers.update(refused.headers if refused else {})
    set_form(request, response, cookie)
    return let_scripts(response)
