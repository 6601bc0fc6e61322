"""The reports that concern a section: reading them, keeping a note, closing them, taking down what was reported."""

from starlette.requests import Request
from starlette.responses import Response

from models.moderation import ReportOutcome
from server.errors import AppError
from server.sections import reports
from server.sections.permissions import Act
from web.profiles.pages import MAX_ID, before_of
from web.sections.finding import Desk, at_desk, desk_form, desk_page
from web.shared.logged_in import Typed, go, perform
from web.shared.site import context_of


@at_desk(Act.HANDLE_REPORTS)
async def list_reports(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/reports?before=<id>&state=closed: that somebody looked is written down."""
    is_closed = request.query_params.get("state") == "closed"
    found = await reports.reports(
        desk.section, desk.by, is_closed=is_closed, limit=reports.PAGE_REPORTS + 1, max_id=before_of(request)
    )
    shown = found[: reports.PAGE_REPORTS]
    return await desk_page(
        request,
        desk,
        "reports.html",
        reports=shown,
        is_closed=is_closed,
        next_before=shown[-1].id if len(found) > reports.PAGE_REPORTS else None,
    )


@at_desk(Act.HANDLE_REPORTS)
async def one(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/reports/{id}: that somebody looked is written down."""
    return await _one(request, desk)


@desk_form(Act.HANDLE_REPORTS)
async def handle(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/reports/{id}: do=note, nothing_done or dealt_with; note; take_down_<number>=<uri>."""
    try:
        said = await perform(_DEEDS, typed.get("do", ""), request, desk, typed)
    except AppError as refused:
        return await _one(request, desk, typed, refused)
    return go(f"{desk.address}/reports" if said == "report_closed" else request.url.path, said)


async def _note(request: Request, desk: Desk, typed: Typed) -> str:
    await reports.set_note(desk.section, _id(request), typed.get("note", ""), desk.by)
    return "kept"


async def _close(request: Request, desk: Desk, typed: Typed) -> str:
    await reports.close(
        desk.section,
        _id(request),
        ReportOutcome(typed["do"]),
        desk.by,
        context_of(request),
        note=typed.get("note", ""),
        take_down=_chosen(typed),
    )
    return "report_closed"


def _chosen(typed: Typed) -> list[str]:
    return [uri for name, uri in typed.items() if name.startswith("take_down_")]


_DEEDS = {"note": _note, **dict.fromkeys((outcome.value for outcome in ReportOutcome), _close)}


async def _one(request: Request, desk: Desk, typed: Typed | None = None, refused: AppError | None = None) -> Response:
    report = await reports.report(desk.section, _id(request), desk.by)
    return await desk_page(
        request,
        desk,
        "report.html",
        refused,
        report=report,
        values={"note": report.note if typed is None else typed.get("note", "")},
        chosen=_chosen(typed or {}),
    )


def _id(request: Request) -> int:
    return min(int(request.path_params["id"]), MAX_ID)
