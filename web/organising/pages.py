"""A section's events at its desk: the list, one of them; postponing, cancelling, holding after all, deleting it."""

from starlette.requests import Request
from starlette.responses import Response

from models.event import EventStatus
from server.errors import AppError, Invalid
from server.events import organising, queries
from server.events.overview import overview, told
from server.sections.permissions import Act
from web.organising.finding import OwnEvent, events_of, own_event
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

SAID = {
    EventStatus.CANCELLED: "event_cancelled",
    EventStatus.POSTPONED: "event_postponed",
    EventStatus.CONFIRMED: "event_held",
    EventStatus.TENTATIVE: "event_held",
}


@at_desk(Act.ORGANISE)
async def list_events(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events."""
    found = await overview(desk.section.actor, context_of(request).now())
    return await desk_page(request, desk, "organising/list.html", found=found, address=events_of(desk))


@at_desk(Act.ORGANISE)
async def one(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}."""
    own, now = await own_event(request, desk), context_of(request).now()
    view = (await queries.views([own.post.id]))[own.post.id]
    return await desk_page(
        request,
        desk,
        "organising/event.html",
        own=own,
        view=view,
        told=await told(own.post),
        has_begun=own.event.starts_at <= now,
        is_over=own.event.ends_at <= now,
    )


@at_desk(Act.ORGANISE)
async def status_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/status?to=<status>: asks first, and says who will be told."""
    own = await own_event(request, desk)
    return await _status_form(request, desk, own, _status(request.query_params.get("to", "")))


@desk_form(Act.ORGANISE)
async def set_status(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/status: do=status, to. 303 to the event; what is so already is not told again."""
    own, wanted = await own_event(request, desk), _status(typed.get("to", ""))
    try:
        said = await perform({"status": _set_status}, typed.get("do", ""), request, desk, own, wanted)
    except AppError as refused:
        return await _status_form(request, desk, own, wanted, refused)
    return go(own.address, said)


async def _set_status(request: Request, desk: Desk, own: OwnEvent, wanted: EventStatus) -> str:
    if own.event.status is not wanted:
        await organising.set_status(own.post, desk.by, wanted, context_of(request))
    return SAID[wanted]


def _status(typed: str) -> EventStatus:
    if typed not in list(EventStatus):
        raise Invalid("This form could not be read.")
    return EventStatus(typed)


async def _status_form(
    request: Request, desk: Desk, own: OwnEvent, wanted: EventStatus, refused: AppError | None = None
) -> Response:
    is_over = own.event.ends_at <= context_of(request).now()
    return await desk_page(
        request,
        desk,
        "organising/status.html",
        refused,
        own=own,
        wanted=wanted,
        told=await told(own.post),
        is_over=is_over,
    )


@at_desk(Act.DELETE_POST)
async def delete_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/delete: asks first."""
    return await _delete_form(request, desk, await own_event(request, desk))


@desk_form(Act.DELETE_POST)
async def delete(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/delete: do=delete. 303 to the list."""
    own = await own_event(request, desk)
    try:
        said = await perform({"delete": _delete}, typed.get("do", ""), request, desk, own)
    except AppError as refused:
        return await _delete_form(request, desk, own, refused)
    return go(events_of(desk) if desk.may("organise") else desk.address, said)


async def _delete(request: Request, desk: Desk, own: OwnEvent) -> str:
    await organising.delete(own.post, desk.by, context_of(request))
    return "event_deleted"


async def _delete_form(request: Request, desk: Desk, own: OwnEvent, refused: AppError | None = None) -> Response:
    is_over = own.event.ends_at <= context_of(request).now()
    return await desk_page(
        request, desk, "organising/delete.html", refused, own=own, told=await told(own.post), is_over=is_over
    )
