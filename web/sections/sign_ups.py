"""The desk of the main section: those who wish for an account on this server."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError
from server.sections.permissions import Act
from server.sign_up import approving
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.forms import read_id
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of


@at_desk(Act.ANSWER_SIGN_UPS)
async def list_sign_ups(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/sign_ups."""
    return await _page(request, desk)


@desk_form(Act.ANSWER_SIGN_UPS)
async def answer(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/sign_ups: do=accept or refuse and sign_up. 303 to the same page."""
    try:
        said = await perform(_ANSWERS, typed.get("do", ""), request, desk, typed)
    except AppError as refused:
        return await _page(request, desk, refused)
    return go(f"{desk.address}/sign_ups", said)


async def _accept(request: Request, desk: Desk, typed: Typed) -> str:
    await approving.accept(desk.section, read_id(typed.get("sign_up", "")), desk.by, context_of(request))
    return "sign_up_accepted"


async def _refuse(request: Request, desk: Desk, typed: Typed) -> str:
    await approving.refuse(desk.section, read_id(typed.get("sign_up", "")), desk.by, context_of(request))
    return "sign_up_refused"


_ANSWERS = {"accept": _accept, "refuse": _refuse}


async def _page(request: Request, desk: Desk, refused: AppError | None = None) -> Response:
    waiting = await approving.waiting(desk.section, desk.by)
    return await desk_page(request, desk, "sign_ups.html", refused, waiting=waiting)
