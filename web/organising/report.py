"""Saying afterwards how an event was, and how many came."""

from collections.abc import Mapping, Sequence
from secrets import token_urlsafe

from starlette.requests import Request
from starlette.responses import Response

from models.idempotency import Asker
from server.errors import AppError
from server.events.reporting import Report, Sent, report, typed_report
from server.media.queries import shown_by
from server.sections.permissions import Act
from web.organising.finding import OwnEvent, own_event
from web.sections.finding import Desk, at_desk, desk_page, desk_upload
from web.shared.forms import Files, read_number
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of
from web.writing.pictures import Shelf, Slot, chosen, read_slots, slots_of

TYPED = ("key", "text", "came", "tells_came")


@at_desk(Act.ORGANISE)
async def report_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/report."""
    own = await own_event(request, desk)
    said = await typed_report(own.post)
    came = "" if said.came is None else str(said.came)
    values = {"text": said.text, "came": came, "tells_came": "yes" if said.tells_came else ""}
    slots = slots_of(await shown_by(own.event.report) if own.event.report is not None else ())
    return await _form(request, desk, own, values | {"key": token_urlsafe(16)}, slots)


@desk_upload(Act.ORGANISE)
async def keep(request: Request, desk: Desk, typed: Typed, files: Files) -> Response:
    """POST /@{username}/desk/events/{id}/report: do=report, text, came, tells_came, key; for each picture pictureN, saidN,
    keptN, dropN. 303 to the event.
    """
    own, values = await own_event(request, desk), {name: typed.get(name, "") for name in TYPED}
    shelf = Shelf(desk.section.actor, own.event.report)
    slots, unfit = await read_slots(request, shelf, typed, files)
    if unfit is not None:
        return await _form(request, desk, own, values, slots, unfit)
    try:
        said = await perform({"report": _report}, typed.get("do", ""), request, desk, own, values, slots)
    except AppError as refused:
        return await _form(request, desk, own, values, slots, refused)
    return go(own.address, said)


async def _report(request: Request, desk: Desk, own: OwnEvent, values: Mapping[str, str], slots: Sequence[Slot]) -> str:
    came = read_number(values["came"]) if values["came"].strip() else None
    pictures = chosen(slots)
    key = [*values.values(), *(f"{media.blurhash} {media.description}" for media in pictures)]
    sent = Sent(Asker(session_id=desk.who.session.id), "\n".join(key))
    said = Report(values["text"], came, bool(values["tells_came"]), pictures)
    await report(own.post, desk.by, said, context_of(request), sent=sent)
    return "reported"


async def _form(
    request: Request,
    desk: Desk,
    own: OwnEvent,
    values: Mapping[str, str],
    slots: Sequence[Slot],
    refused: AppError | None = None,
) -> Response:
    return await desk_page(request, desk, "organising/report.html", refused, own=own, values=values, slots=slots)
