"""Saying afterwards how an event was, and how many came."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from models.ids import new_id
from server.errors import AppError
from server.events.reporting import Report, report, typed_report
from server.sections.permissions import Act
from web.organising.finding import OwnEvent, own_event
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.forms import read_id, read_number
from web.shared.logged_in import Typed, go
from web.shared.site import context_of


@at_desk(Act.ORGANISE)
async def report_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/report."""
    own = await own_event(request, desk)
    said = await typed_report(own.post)
    came = "" if said.came is None else str(said.came)
    values = {"text": said.text, "came": came, "tells_came": "yes" if said.tells_came else ""}
    return await _form(request, desk, own, values | {"form": str(new_id())})


@desk_form(Act.ORGANISE)
async def keep(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/report: text, came, tells_came, form. 303 to the event."""
    own, form_id = await own_event(request, desk), read_id(typed.get("form", ""))
    values = {name: typed.get(name, "") for name in ("text", "came", "tells_came", "form")}
    try:
        came = read_number(values["came"]) if values["came"].strip() else None
        said = Report(values["text"], came, bool(values["tells_came"]))
        await report(own.post, desk.by, said, context_of(request), form_id=form_id)
    except AppError as refused:
        return await _form(request, desk, own, values, refused)
    return go(own.address, "reported")


async def _form(
    request: Request, desk: Desk, own: OwnEvent, values: Mapping[str, str], refused: AppError | None = None
) -> Response:
    return await desk_page(request, desk, "organising/report.html", refused, own=own, values=values)
