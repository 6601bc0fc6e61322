"""A section's events at its desk: the list, one of them; postponing, cancelling, holding after all, deleting it."""

from starlette.requests import Request
from starlette.responses import Response

from models.event import EventStatus
from server.errors import AppError, Invalid
from server.events import organising, queries, repeating, series_dates
from server.events.overview import overview, told
from server.sections.permissions import Act
from web.organising.finding import OwnEvent, events_of, own_event
from web.organising.repeating import said_of
from web.organising.scope import FOLLOWING, THIS, read_scope
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of

SAID = {
    EventStatus.CANCELLED: "event_cancelled",
    EventStatus.POSTPONED: "event_postponed",
    EventStatus.CONFIRMED: "event_held",
    EventStatus.TENTATIVE: "event_held",
}
SAID_OF_SERIES = {
    EventStatus.CANCELLED: "series_cancelled",
    EventStatus.POSTPONED: "series_postponed",
    EventStatus.CONFIRMED: "series_held",
    EventStatus.TENTATIVE: "series_held",
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
        repeats=said_of(view.series.rule) if view.series is not None and view.series.draft is not None else None,
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
    """POST /@{username}/desk/events/{id}/status: do=status, to; scope=following for one of a series and those that follow.

    303 to the event; what is so already is not told again.
    """
    own, wanted, scope = await own_event(request, desk), _status(typed.get("to", "")), read_scope(typed)
    try:
        said = await perform({"status": _set_status}, typed.get("do", ""), request, desk, own, wanted, scope)
    except AppError as refused:
        return await _status_form(request, desk, own, wanted, refused, scope)
    return go(own.address, said)


async def _set_status(request: Request, desk: Desk, own: OwnEvent, wanted: EventStatus, scope: str) -> str:
    if scope == FOLLOWING:
        await repeating.set_status(own.post, desk.by, wanted, context_of(request))
        return SAID_OF_SERIES[wanted]
    if own.event.status is not wanted:
        await organising.set_status(own.post, desk.by, wanted, context_of(request))
    return SAID[wanted]


def _status(typed: str) -> EventStatus:
    if typed not in list(EventStatus):
        raise Invalid("This form could not be read.")
    return EventStatus(typed)


async def _status_form(
    request: Request,
    desk: Desk,
    own: OwnEvent,
    wanted: EventStatus,
    refused: AppError | None = None,
    scope: str = THIS,
) -> Response:
    now = context_of(request).now()
    is_over = own.event.ends_at <= now
    return await desk_page(
        request,
        desk,
        "organising/status.html",
        refused,
        own=own,
        wanted=wanted,
        told=await told(own.post),
        reach=await series_dates.reach(desk.section.actor, own.post, now),
        scope=scope,
        is_over=is_over,
    )


@at_desk(Act.DELETE_POST)
async def delete_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/{id}/delete: asks first."""
    return await _delete_form(request, desk, await own_event(request, desk))


@desk_form(Act.DELETE_POST)
async def delete(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/{id}/delete: do=delete; scope=following, as for the status. 303 to the list."""
    own, scope = await own_event(request, desk), read_scope(typed)
    try:
        said = await perform({"delete": _delete}, typed.get("do", ""), request, desk, own, scope)
    except AppError as refused:
        return await _delete_form(request, desk, own, refused, scope)
    return go(events_of(desk) if desk.may("organise") else desk.address, said)


async def _delete(request: Request, desk: Desk, own: OwnEvent, scope: str) -> str:
    if scope == FOLLOWING:
        await repeating.delete(own.post, desk.by, context_of(request))
        return "series_deleted"
    await organising.delete(own.post, desk.by, context_of(request))
    return "event_deleted"


async def _delete_form(
    request: Request, desk: Desk, own: OwnEvent, refused: AppError | None = None, scope: str = THIS
) -> Response:
    now = context_of(request).now()
    return await desk_page(
        request,
        desk,
        "organising/delete.html",
        refused,
        own=own,
        told=await told(own.post),
        reach=await series_dates.reach(desk.section.actor, own.post, now),
        scope=scope,
        is_over=own.event.ends_at <= now,
    )
