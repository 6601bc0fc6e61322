"""Another calendar's events for a section's agenda, from the command line."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from server.cli.console import out, with_context
from server.cli.posting import hosted_section
from server.config import Settings
from server.errors import NotFound
from server.events import importing
from server.events.importing import Preview


def import_calendar(
    section: Annotated[str, typer.Argument(help="Username of the section.")],
    source: Annotated[str, typer.Argument(help="A calendar file (.ics), or the address of one.")],
    place: Annotated[str, typer.Option(help="Where an event is that does not say so.")] = "",
    publish: Annotated[bool, typer.Option("--publish", help="Publish the next 25 that are new.")] = False,
) -> None:
    """Show what of a calendar is new to a section's agenda, what is in it already, what cannot be read; and publish it."""

    async def work(ctx: Context, settings: Settings) -> tuple[Preview, list[str]]:
        row = await hosted_section(section)
        body = await importing.fetch(source, ctx) if "://" in source else _read(source)
        preview = await importing.bring(row, None, body, ctx, usual_place=place)
        if not publish or not preview.offered:
            return preview, []
        keys = {one.key for one in preview.offered}
        return preview, [post.url or post.uri for post in await importing.take(row, None, preview.id, keys, ctx)]

    preview, published = with_context(work)
    table = Table("", "When", "What", "Why")
    rows = [("new", one) for one in preview.new] + [("known", one) for one in preview.known]
    for state, one in rows:
        table.add_row(state, f"{one.draft.starts:%Y-%m-%d %H:%M}", escape(one.draft.title), "")
    for lost in preview.unreadable:
        table.add_row("unreadable", "", escape(lost.title), escape(lost.reason))
    out.print(table)
    if preview.over_count:
        out.print(f"{preview.over_count} are over and were left out.")
    for url in published:
        out.print(url, markup=False)


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise NotFound(f"{name} cannot be read.") from error


def add_to(group: typer.Typer) -> None:
    """Give the group of a section's commands the one about calendars."""
    group.command("import-calendar")(import_calendar)
