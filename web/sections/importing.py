"""Another calendar's events for a section's agenda: bring a file or an address, look at what is in it, choose."""

from functools import partial
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from server.errors import AppError, Invalid
from server.events import importing
from server.events.calendar_reading import MAX_BYTES
from server.events.drafts import EventDraft
from server.sections.permissions import Act
from server.throttle import throttled
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.dates import written_clock, written_day
from web.shared.forms import read_id
from web.shared.logged_in import Typed, go
from web.shared.rendering import gettext_of, language_of
from web.shared.site import context_of

MAX_UPLOAD_BYTES = MAX_BYTES + 65_536


@at_desk(Act.ORGANISE)
async def show(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/import, and ?import=<id> for what was brought."""
    brought = request.query_params.get("import", "")
    preview = await importing.preview(desk.section, read_id(brought)) if brought else None
    return await _page(request, desk, {}, preview=preview)


@throttled("calendar import", burst=10, every_seconds=30)
@desk_form(Act.ORGANISE, most_bytes=MAX_UPLOAD_BYTES)
async def change(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/import: do=bring with file or url, and place; do=take with import and take-<number>."""
    try:
        if typed.get("do") == "take":
            return await _take(request, desk, typed)
        body = await _brought(request, typed)
        preview = await importing.bring(
            desk.section, desk.by, body, context_of(request), usual_place=typed.get("place", "")[:255]
        )
    except AppError as refused:
        return await _page(request, desk, typed, refused)
    return go(f"{desk.address}/import?import={preview.id}")


async def _brought(request: Request, typed: Typed) -> bytes:
    """Give the calendar that was brought: the file, or what is at the address.

    Raises:
        Invalid: neither was given, or nothing is to be had there.
    """
    if typed.get("file", "").strip():
        return typed["file"].encode()
    if typed.get("url", "").strip():
        return await importing.fetch(typed["url"], context_of(request))
    raise Invalid("Choose a file, or give the address of a calendar.")


async def _take(request: Request, desk: Desk, typed: Typed) -> Response:
    id_, keys = read_id(typed.get("import", "")), {value for name, value in typed.items() if name.startswith("take-")}
    try:
        await importing.take(desk.section, desk.by, id_, keys, context_of(request))
    except Invalid as refused:
        return await _page(request, desk, {}, refused, preview=await importing.preview(desk.section, id_))
    return go(f"{desk.address}/import?import={id_}", "imported")


async def _page(
    request: Request,
    desk: Desk,
    typed: Typed,
    refused: AppError | None = None,
    preview: importing.Preview | None = None,
) -> Response:
    return await desk_page(
        request,
        desk,
        "importing.html",
        refused,
        preview=preview,
        sentence=gettext_of(request),
        when=partial(_when, language=language_of(request)),
        values={"url": typed.get("url", ""), "place": typed.get("place", "")},
    )


def _when(draft: EventDraft, language: str) -> str:
    """Say when it begins, as the clock shows it there."""
    zone = ZoneInfo(draft.timezone)
    day = written_day(draft.starts_at, zone, language)
    return day if draft.is_all_day else f"{day}, {written_clock(draft.starts_at, zone, language)}"
