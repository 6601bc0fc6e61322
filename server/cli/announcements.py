"""Announcements to all members, from the command line."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.announcement import Announcement
from server.announcements import actions, queries
from server.cli.console import out, with_context
from server.config import Settings

announcements = typer.Typer(no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="Its number in `coopole announcement list`.")]
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
Begin = Annotated[datetime | None, typer.Option(formats=FORMATS, help="From when on it is shown; left out, at once.")]
End = Annotated[datetime | None, typer.Option(formats=FORMATS, help="Until when; left out, until it is removed.")]


@announcements.command("list")
def list_announcements() -> None:
    """List what is announced, what was, and what will be."""

    async def work(ctx: Context, settings: Settings) -> list[Announcement]:
        return await queries.all_of()

    table = Table("Number", "From", "Until", "Text")
    for row in with_context(work):
        begin, end = (f"{at:%Y-%m-%d %H:%M}" if at else "" for at in (row.starts_at or row.created_at, row.ends_at))
        table.add_row(str(row.id), begin, end, escape(row.text))
    out.print(table)


@announcements.command("add")
def add(
    text: Annotated[str, typer.Argument(help="What is said; links are made of addresses.")],
    begin: Begin = None,
    end: End = None,
) -> None:
    """Say something to everybody who lives here: their apps show it. Times are those of this machine."""

    async def work(ctx: Context, settings: Settings) -> Announcement:
        begin_at, end_at = (moment.astimezone() if moment else None for moment in (begin, end))
        return await actions.write(text, begin_at, end_at, ctx)

    out.print(f"Announcement {with_context(work).id} is made.")


@announcements.command("change")
def change(number: Number, text: str) -> None:
    """Say it otherwise; whoever has put it away is not bothered again."""

    async def work(ctx: Context, settings: Settings) -> None:
        await actions.change(number, text, ctx)

    with_context(work)
    out.print(f"Announcement {number} is changed.")


@announcements.command("remove")
def remove(number: Number) -> None:
    """Take an announcement away."""

    async def work(ctx: Context, settings: Settings) -> None:
        await actions.remove(number)

    with_context(work)
    out.print(f"Announcement {number} is removed.")
