"""The second step of logging in: the password was right, and there is no session yet."""

from starlette.requests import Request
from starlette.responses import Response

from models.member import Member
from server.errors import AppError, Invalid
from server.passkeys import actions as passkeys
from server.passkeys import ceremonies
from server.sessions import actions
from server.sessions.devices import device_of
from server.sessions.queries import form_token, is_form_token
from server.throttle import address_of, throttled
from web.login.arriving import arrive
from web.login.pages import HOME, code_guesses_of, own_address
from web.shared.cookies import HALF_IN, SESSION, drop, read_cookie
from web.shared.forms import check_own_form, read_form
from web.shared.headers import let_scripts
from web.shared.logged_in import Typed, go, member_page
from web.shared.site import context_of


async def second_step_form(request: Request) -> Response:
    """GET /login/second_step?next=<address of ours>: for whoever has just typed their password."""
    try:
        member = await actions.who_is_half_in(read_cookie(request, HALF_IN), context_of(request))
    except Invalid:
        return go("/login", "took_long")
    return await _form(request, member, own_address(request.query_params.get("next", "")))


async def take(request: Request) -> Response:
    """POST /login/second_step: code, next. 303 to where they wished to go; 422 or 429 with the form."""
    return await _answered(request, await _read(request))


@throttled("passkey", burst=20, every_seconds=10)
async def take_passkey(request: Request) -> Response:
    """POST /login/second_step/passkey: answer, challenge, next. The same by a passkey of theirs."""
    return await _answered(request, await _read(request))


async def passkey_address(request: Request) -> Response:
    """GET /login/second_step/passkey, where somebody comes back to who was sent there: the form is elsewhere."""
    return go("/login/second_step")


async def _read(request: Request) -> Typed:
    check_own_form(request)
    return await read_form(request)


async def _answered(request: Request, typed: Typed) -> Response:
    ctx, half_in, address = context_of(request), read_cookie(request, HALF_IN), own_address(typed.get("next", ""))
    try:
        member = await actions.who_is_half_in(half_in, ctx)
    except Invalid:
        return go("/login", "took_long")
    try:
        token = await _token(request, typed, half_in)
    except AppError as refused:
        return await _form(request, member, address, refused)
    response = await arrive(request, token, address, HOME)
    drop(request, response, HALF_IN)
    return response


async def _token(request: Request, typed: Typed, half_in: str) -> str:
    """Take the step that was taken; the token of the session that it opens."""
    if not is_form_token(typed.get("form_token", ""), half_in):
        raise Invalid("This page was open for too long, or your browser keeps no cookie. Try again.")
    ctx, device = context_of(request), device_of(request.headers.get("user-agent", ""))
    old_token = read_cookie(request, SESSION)
    if "answer" in typed:
        return await actions.log_in_by_passkey(
            typed["answer"],
            typed.get("challenge", ""),
            form_token(half_in),
            ctx,
            half_in=half_in,
            device=device,
            old_token=old_token,
        )
    return await actions.finish_log_in(
        half_in,
        typed.get("code", ""),
        ctx,
        guesses=code_guesses_of(request),
        address=address_of(request),
        device=device,
        old_token=old_token,
    )


async def _form(request: Request, member: Member, address: str, refused: AppError | None = None) -> Response:
    ctx, token = context_of(request), form_token(read_cookie(request, HALF_IN))
    challenge, have = passkeys.new_challenge(token, ctx), await passkeys.of(member)
    response = await member_page(
        request,
        None,
        "login/second_step.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        address=address,
        form_token=token,
        challenge=challenge,
        options=ceremonies.to_ask(ctx.names, challenge, have) if have else "",
    )
    response.headers.update(refused.headers if refused else {})
    return let_scripts(response)
