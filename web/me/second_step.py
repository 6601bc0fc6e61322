"""How a member logs in: the second step, turned on with an application that shows codes, and off again."""

from starlette.requests import Request
from starlette.responses import Response

from models.second_step import CodeApp
from server.errors import AppError, NotFound
from server.passkeys import actions as passkeys
from server.second_step import actions, codes, duty
from server.sessions import actions as sessions
from server.throttle import address_of
from web.login.pages import code_guesses_of, guesses_of, own_address
from web.shared.codes import drawn
from web.shared.cookies import keep_session
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/second_step"


@for_members
async def second_step(request: Request, who: LoggedIn) -> Response:
    """GET /me/second_step."""
    return await _page(request, who)


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/second_step: do=begin with password; renew or turn_off with password and code.

    303, but to the codes on paper, which are shown by the answer, this once. The session goes on under another cookie.
    """
    try:
        if typed.get("do") == "renew":
            await _prove_all(request, who, typed)
            made = await actions.renew(who.member, context_of(request))
            return await _codes_page(request, who, made)
        said = await perform(_DEEDS, typed.get("do", ""), request, who, typed)
    except AppError as refused:
        return await _page(request, who, refused)
    response = go(f"{ADDRESS}/app") if said == "begun" else go(ADDRESS, said)
    keep_session(request, response, await sessions.rotate(who.session))
    return response


async def _begin(request: Request, who: LoggedIn, typed: Typed) -> str:
    await _prove(request, who, typed)
    await actions.begin(who.member, context_of(request))
    return "begun"


async def _turn_off(request: Request, who: LoggedIn, typed: Typed) -> str:
    await _prove_all(request, who, typed)
    await actions.turn_off(who.member, context_of(request))
    return "second_step_off"


_DEEDS = {"begin": _begin, "turn_off": _turn_off}


@for_members
async def app_form(request: Request, who: LoggedIn) -> Response:
    """GET /me/second_step/app: the secret to be read by an application, as a drawing and in letters."""
    return await _app_page(request, who)


@own_form
async def turn_on(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/second_step/app: code. The second step is on, and the codes on paper are shown, this once."""
    try:
        made = await actions.turn_on(who.member, typed.get("code", ""), context_of(request))
    except NotFound:
        return go(ADDRESS, "took_long")
    except AppError as refused:
        return await _app_page(request, who, refused)
    return await _codes_page(request, who, made)


async def _prove(request: Request, who: LoggedIn, typed: Typed) -> None:
    password, address = typed.get("password", ""), address_of(request)
    await sessions.prove(who.member, password, guesses=guesses_of(request), address=address)


async def _prove_all(request: Request, who: LoggedIn, typed: Typed) -> None:
    """Have them type the password and a code before the second step is worth less."""
    await _prove(request, who, typed)
    guesses, code = code_guesses_of(request), typed.get("code", "")
    await sessions.prove_code(who.member, code, context_of(request), guesses=guesses, address=address_of(request))


async def _page(request: Request, who: LoggedIn, refused: AppError | None = None) -> Response:
    app = await CodeApp.get_or_none(member_id=who.member.id, confirmed_at__not_isnull=True)
    return await member_page(
        request,
        who,
        "me/second_step.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        since=app.confirmed_at if app else None,
        left=await actions.codes_left(who.member) if app else 0,
        passkeys=len(await passkeys.of(who.member)),
        due=await duty.due_at(who.member),
        is_overdue=await duty.is_overdue(who.member, context_of(request).now()),
        goes_on=own_address(request.query_params.get("next", "")),
    )


async def _app_page(request: Request, who: LoggedIn, refused: AppError | None = None) -> Response:
    ctx = context_of(request)
    try:
        app = await actions.begun(who.member, ctx)
    except NotFound:
        return go(ADDRESS, "took_long")
    address = codes.address_of(app.secret, name=f"@{ctx.names.handle(who.actor.username)}", issuer=ctx.names.host)
    return await member_page(
        request,
        who,
        "me/code_app.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        drawing=drawn(address),
        secret=" ".join(app.secret[start : start + 4] for start in range(0, len(app.secret), 4)),
        address=address,
    )


async def _codes_page(request: Request, who: LoggedIn, made: list[str]) -> Response:
    """Show codes on paper, in the window whose session goes on under another cookie."""
    token = await sessions.rotate(who.session)
    response = await member_page(request, LoggedIn.of(who.session, token), "me/recovery_codes.html", codes=made)
    keep_session(request, response, token)
    return response
