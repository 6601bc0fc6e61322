"""What a member takes along: tables that other servers read, and an archive of all that they published."""

from starlette.requests import Request
from starlette.responses import Response

from server.errors import NotFound
from server.exports import archive as archives
from server.exports import tables
from server.exports.tables import TABLES
from server.throttle import throttled
from web.shared.downloads import streamed
from web.shared.logged_in import LoggedIn, for_members, member_page
from web.shared.site import context_of


@for_members
async def export(request: Request, who: LoggedIn) -> Response:
    """GET /me/export."""
    return await member_page(request, who, "me/export.html", tables=list(TABLES))


@throttled("export", burst=30, every_seconds=10)
@for_members
async def as_table(request: Request, who: LoggedIn) -> Response:
    """GET /me/export/{table}.csv."""
    if (table := TABLES.get(request.path_params["table"])) is None:
        raise NotFound("This page does not exist.")
    rows = tables.written(table, who.actor, context_of(request).names)
    return streamed(rows, "text/csv; charset=utf-8", f"{table.name}.csv")


@throttled("archive", burst=3, every_seconds=600)
@for_members
async def as_archive(request: Request, who: LoggedIn) -> Response:
    """GET /me/export/archive.zip: written while it is sent; nothing of it stays here."""
    files = request.app.state.media.files
    pieces = archives.archive(who.actor, files, context_of(request))
    return streamed(pieces, "application/zip", f"{who.actor.username}.zip")
