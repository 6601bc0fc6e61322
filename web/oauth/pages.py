"""Asking a member whether an application may act for them.   Source: RFC 6749 §4.1.1, §4.1.2

It is asked each time: whoever is logged in has not said yes by that.
"""

from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from server.errors import Invalid
from server.oauth import authorising
from server.oauth.apps import OUT_OF_BAND
from server.oauth.authorising import Wish
from server.throttle import throttled
from web.shared.headers import let_forms_lead_to
from web.shared.logged_in import LoggedIn, Typed, go, led_elsewhere, log_in_first, member_page, own_form, who_is
from web.shared.rendering import NEVER_KEEP
from web.shared.site import context_of

ADDRESS = "/oauth/authorize"
ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method")


async def ask(request: Request) -> Response:
    """GET /oauth/authorize: client_id, redirect_uri, response_type=code, scope, state, code_challenge, force_login."""
    typed = dict(request.query_params)
    wish = await authorising.read_wish(typed)
    if typed.get("force_login", "").lower() in ("1", "true"):
        return go(_other_login(typed))
    if (who := await who_is(request)) is None:
        return log_in_first(request)
    if (elsewhere := await led_elsewhere(request, who)) is not None:
        return elsewhere
    response = await member_page(
        request,
        who,
        "oauth/ask.html",
        wish=wish,
        asked={name: typed[name] for name in ASKED if name in typed},
        leads_to=_place(wish),
        other_login=_other_login(typed),
    )
    scheme = urlsplit(wish.redirect_uri).scheme
    return response if wish.redirect_uri == OUT_OF_BAND else let_forms_lead_to(response, scheme)


@throttled("oauth answer", burst=30, every_seconds=10)
@own_form
async def answer(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /oauth/authorize: do=allow or refuse, and what was asked. 303 to the application, or the code to copy."""
    wish = await authorising.read_wish(typed)
    if typed.get("do") == "refuse":
        if wish.redirect_uri == OUT_OF_BAND:
            return go("/me", "declined")
        return _sent(wish.answer(error="access_denied", error_description="The member has refused."))
    if typed.get("do") != "allow":
        raise Invalid("This form could not be read.")
    code = await authorising.allow(wish, who.member, context_of(request))
    if wish.redirect_uri == OUT_OF_BAND:
        return await member_page(request, who, "oauth/code.html", wish=wish, code=code)
    return _sent(wish.answer(code=code))


def _sent(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": NEVER_KEEP, "Referrer-Policy": "no-referrer"})


def _other_login(typed: dict[str, str]) -> str:
    """Give the address at which somebody logs in as whom they like, and comes back to the question."""
    asked = urlencode({name: typed[name] for name in ASKED if name in typed})
    return f"/login?{urlencode({'again': 'yes', 'next': f'{ADDRESS}?{asked}'})}"


def _place(wish: Wish) -> str:
    """Name where an answer leads: a host, or the scheme of an application."""
    parts = urlsplit(wish.redirect_uri)
    return parts.netloc if parts.scheme in ("http", "https") else f"{parts.scheme}:"
