"""Saying afterwards how an event was, and how many came."""

from collections.abc import Mapping
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from models.idempotency import Asker
from server.errors import AppError
from server.events.reporting import Report, Sent, report, typed_report
from server.sections.permissions import Act
from web.organising.finding import OwnEvent, own_event
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.forms import read_number
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

TYPED = ("key", "text", "came", "tells_came")


@at_desk(Act.ORGANISE)
async def report_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/report."""
    own = await own_event(request, desk)
    said = await typed_report(own.post)
    came = "" if said.came is None else str(said.came)
    values = {"text": said.text, "came": came, "tells_came": "yes" if said.tells_came else ""}
    return await _form(request, desk, own, values | {"key": token_urlsafe(16)})


@desk_form(Act.ORGANISE)
async def keep(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/report: do=report, text, came, tells_came, key. 303 to the event."""
    own, values = await own_event(request, desk), {name: typed.get(name, "") for name in TYPED}
    try:
        said = await perform({"report": _report}, typed.get("do", ""), request, desk, own, values)
    except AppError as refused:
        return await _form(request, desk, own, values, refused)
    return go(own.address, said)


async def _report(request: Request, desk: Desk, own: OwnEvent, values: Mapping[str, str]) -> str:
    came = read_number(values["came"]) if values["came"].strip() else None
    sent = Sent(Asker(session_id=desk.who.session.id), "\n".join(values.values()))
    said = Report(values["text"], came, bool(values["tells_came"]))
    await report(own.post, desk.by, said, context_of(request), sent=sent)
    return "reported"


async def _form(
    request: Request, desk: Desk, own: OwnEvent, values: Mapping[str, str], refused: AppError | None = None
) -> Response:
    return await desk_page(request, desk, "organising/report.html", refused, own=own, values=values)
