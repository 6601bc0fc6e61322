"""Coming in after every step of logging in: the browser is remembered, and whoever must is led to set up a second step."""

from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from server.second_step import duty
from server.sessions import browsers
from server.sessions.queries import of_token
from server.throttle import address_of
from web.shared.cookies import KNOWN, read_cookie, set_known, set_session
from web.shared.logged_in import SECOND_STEP, go
from web.shared.site import context_of


async def arrive(request: Request, token: str, address: str, home: str) -> Response:
    """Send somebody on who has just opened the session of this token: where they wished to go, or from `home` to their duty.

    They are written to if browser and network are new.
    """
    ctx, due, known = context_of(request), None, ""
    if (session := await of_token(token, ctx)) is not None:
        known = await browsers.recognise(session, read_cookie(request, KNOWN), address_of(request), ctx)
        due = await duty.begin(session.member, ctx)
    response = go(_led(address, due, is_home=address == home))
    set_session(request, response, token)
    set_known(request, response, known)
    return response


def _led(address: str, due: datetime | None, *, is_home: bool) -> str:
    """Lead whoever must set up a second step there, unless they were on their way elsewhere: that they still may."""
    return f"{SECOND_STEP}?{urlencode({'next': address})}" if due is not None and is_home else address
