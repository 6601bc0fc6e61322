"""A series at the desk: all its dates and what became of each, and leaving out one that is not announced yet."""

from functools import partial
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from models.event import EventSeries
from server.errors import AppError, NotFound
from server.events import kept_drafts, repeating, series_dates
from server.events.overview import by_state
from server.sections.permissions import Act
from web.organising.finding import events_of
from web.organising.repeating import said_of
from web.profiles.pages import MAX_ID
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of


@at_desk(Act.ORGANISE)
async def show(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/events/series/{id}."""
    return await _page(request, desk, await _series(request, desk))


@desk_form(Act.ORGANISE)
async def change(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/events/series/{id}: do=leave_out or hold, date. 303 to the same page."""
    found = await _series(request, desk)
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, desk, found, typed.get("date", ""))
    except AppError as refused:
        return await _page(request, desk, await _series(request, desk), refused)
    return go(_address(desk, found), said)


async def _series(request: Request, desk: Desk) -> EventSeries:
    return await series_dates.of_section(desk.section.actor, min(request.path_params["id"], MAX_ID))


def _address(desk: Desk, series: EventSeries) -> str:
    return f"{events_of(desk)}/series/{series.id}"


async def _change(request: Request, desk: Desk, series: EventSeries, typed: str, *, is_held: bool) -> str:
    ctx = context_of(request)
    clock = next(
        (one.clock for one in await series_dates.dates(series, ctx.now()) if one.clock.isoformat() == typed), None
    )
    if clock is None:
        raise NotFound("The series has no such date.")
    await repeating.change_date(desk.section, desk.by, series, clock, ctx, is_held=is_held)
    return "date_held" if is_held else "date_left_out"


_DEEDS = {"leave_out": partial(_change, is_held=False), "hold": partial(_change, is_held=True)}


async def _page(request: Request, desk: Desk, series: EventSeries, refused: AppError | None = None) -> Response:
    now, template = context_of(request).now(), kept_drafts.read(series.draft or {})
    dates = await series_dates.dates(series, now)
    events = [one.event for one in dates if one.event is not None]
    return await desk_page(
        request,
        desk,
        "organising/series.html",
        refused,
        series=series,
        address=_address(desk, series),
        events_address=events_of(desk),
        title=template.title,
        is_all_day=template.is_all_day,
        repeats=said_of(series.rule),
        dates=[(one, series_dates.begins_at(one, template.timezone)) for one in dates],
        zone=ZoneInfo(template.timezone),
        persons=await by_state([event.post_id for event in events if event.ends_at > now]),
        now=now,
        next_event=next((event for event in events if event.ends_at > now), None),
        is_waiting=series.next_at is not None and series.due_at is None,
    )
