"""A member's passkeys: adding, naming, removing."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError
from server.passkeys import actions
from server.sessions import actions as sessions
from server.throttle import address_of
from web.login.pages import guesses_of
from web.shared.cookies import keep_session
from web.shared.forms import read_id
from web.shared.headers import let_scripts
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of

ADDRESS = "/me/passkeys"


@for_members
async def passkeys(request: Request, who: LoggedIn) -> Response:
    """GET /me/passkeys."""
    return await _page(request, who, {})


@own_form
async def change(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /me/passkeys: do=add with name, password, challenge and answer; do=remove with passkey and password.

    303 to the same page; the session goes on under another cookie.
    """
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, who, typed)
    except AppError as refused:
        return await _page(request, who, typed, refused)
    response = go(ADDRESS, said)
    keep_session(request, response, await sessions.rotate(who.session))
    return response


async def _add(request: Request, who: LoggedIn, typed: Typed) -> str:
    actions.check_name(typed.get("name", ""))
    await _prove(request, who, typed)
    await actions.add(
        who.member,
        typed.get("name", ""),
        typed.get("answer", ""),
        typed.get("challenge", ""),
        who.form_token,
        context_of(request),
    )
    return "passkey_added"


async def _remove(request: Request, who: LoggedIn, typed: Typed) -> str:
    await _prove(request, who, typed)
    await actions.remove(who.member, read_id(typed.get("passkey", "")), context_of(request))
    return "passkey_removed"


_DEEDS = {"add": _add, "remove": _remove}


async def _prove(request: Request, who: LoggedIn, typed: Typed) -> None:
    password, address = typed.get("password", ""), address_of(request)
    await sessions.prove(who.member, password, guesses=guesses_of(request), address=address)


async def _page(request: Request, who: LoggedIn, typed: Typed, refused: AppError | None = None) -> Response:
    ctx = context_of(request)
    challenge = actions.new_challenge(who.form_token, ctx)
    response = await member_page(
        request,
        who,
        "me/passkeys.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        keys=await actions.of(who.member),
        values={"name": typed.get("name", "")},
        challenge=challenge,
        options=await actions.options_to_add(who.member, challenge, ctx),
    )
    return let_scripts(response)
