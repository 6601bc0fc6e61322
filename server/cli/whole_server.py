"""What this server as a whole makes known, and asks of those who run it."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from federation.context import Context
from server.admin import terms as texts
from server.admin.switches import Switch, is_on, turn
from server.admin.terms import Terms
from server.cli.console import out, with_context
from server.config import Settings

whole_server = typer.Typer(no_args_is_help=True)
terms = typer.Typer(no_args_is_help=True, help="The terms of use, which everybody may read.")
whole_server.add_typer(terms, name="terms")


class OnOff(StrEnum):
    """How a switch stands."""

    ON = "on"
    OFF = "off"


Wanted = Annotated[OnOff | None, typer.Argument(help="on or off; left out, how it stands.")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day from which on they hold: 2026-12-01.")]


@whole_server.command("peers")
def peers(wanted: Wanted = None) -> None:
    """Have everybody read which other servers this one knows, or not; at first it is off."""
    _turn(Switch.PEERS, wanted, "The list of the servers that this one knows")


@whole_server.command("activity")
def activity(wanted: Wanted = None) -> None:
    """Have everybody read how much is written here from week to week, or not; at first it is off."""
    _turn(Switch.ACTIVITY, wanted, "How much is written here from week to week")


@whole_server.command("second-step")
def second_step(wanted: Wanted = None) -> None:
    """Ask those who run this server for a second step or a passkey, or not; at first it is on."""
    _turn(Switch.SECOND_STEP, wanted, "A second step of whoever runs this server")


def _turn(switch: Switch, wanted: OnOff | None, what: str) -> None:
    async def work(ctx: Context, settings: Settings) -> bool:
        if wanted is not None:
            await turn(switch, on=wanted is OnOff.ON)
        return await is_on(switch)

    asked = "is asked for" if switch is Switch.SECOND_STEP else "is made known"
    refused = "is not asked for" if switch is Switch.SECOND_STEP else "is not made known"
    out.print(f"{what} {asked if with_context(work) else refused}.")


@terms.command("list")
def list_terms() -> None:
    """List the terms of use that were published, the newest first."""

    async def work(ctx: Context, settings: Settings) -> list[Terms]:
        return await texts.all_terms()

    table = Table("From", "Characters")
    for one in with_context(work):
        table.add_row(one.since.isoformat(), str(len(one.text)))
    out.print(table)


@terms.command("publish")
def publish(
    since: Day, file: Annotated[Path, typer.Argument(help="A file of plain text.", exists=True, dir_okay=False)]
) -> None:
    """Publish terms of use that hold from a day on; those published for that day before are replaced."""
    text, day = file.read_text(encoding="utf-8"), _day(since)

    async def work(ctx: Context, settings: Settings) -> None:
        await texts.publish(text, day)

    with_context(work)
    out.print(f"These terms hold from {day} on.")


@terms.command("withdraw")
def withdraw(since: Day) -> None:
    """Take the terms of a day away."""
    day = _day(since)

    async def work(ctx: Context, settings: Settings) -> None:
        await texts.withdraw(day)

    with_context(work)
    out.print(f"The terms of {day} are withdrawn.")


def _day(moment: datetime) -> date:
    return moment.date()
