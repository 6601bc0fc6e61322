"""Who may make an account on this server, and answering those who wish for one, from the command line."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.section import Section
from models.sign_up import SignUp, SignUpMode
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import NotFound
from server.sections import queries
from server.sign_up import approving
from server.sign_up.mode import mode, set_mode

sign_ups = typer.Typer(no_args_is_help=True)

SAID = {
    SignUpMode.CLOSED: "Nobody may make an account here.",
    SignUpMode.INVITATION: "Whoever has an invitation link of a section may make an account here.",
    SignUpMode.APPROVAL: "Whoever is let in by the board of the main section may make an account here.",
    SignUpMode.OPEN: "Everybody may make an account here.",
}

Number = Annotated[int, typer.Argument(help="Its number in `coopole sign-up list`.")]


@sign_ups.command("mode")
def set_or_show_mode(
    wanted: Annotated[SignUpMode | None, typer.Argument(help="closed, invitation, approval or open.")] = None,
) -> None:
    """Say who may make an account on this server, or show it."""

    async def work(ctx: Context, settings: Settings) -> SignUpMode:
        if wanted is not None:
            await set_mode(wanted)
        return await mode()

    out.print(SAID[with_context(work)])


@sign_ups.command("list")
def list_waiting() -> None:
    """List those who wish for an account and have confirmed their address; that somebody looked is written down."""

    async def work(ctx: Context, settings: Settings) -> list[SignUp]:
        return await approving.waiting(await _main(), None)

    table = Table("Number", "Username", "Confirmed", "What they say")
    for row in with_context(work):
        day = f"{row.confirmed_at:%Y-%m-%d}"
        table.add_row(str(row.id), row.username, day, escape(row.reason or ""))
    out.print(table)


@sign_ups.command("accept")
def accept(number: Number) -> None:
    """Make the account that somebody wishes for, and write to them."""

    async def work(ctx: Context, settings: Settings) -> str:
        return (await approving.accept(await _main(), number, None, ctx)).actor.url

    out.print(f"{with_context(work)} is in.")


@sign_ups.command("refuse")
def refuse(number: Number) -> None:
    """Refuse somebody an account, write to them, and forget what they sent."""

    async def work(ctx: Context, settings: Settings) -> None:
        await approving.refuse(await _main(), number, None, ctx)

    with_context(work)
    out.print("They have been told.")


async def _main() -> Section:
    if (section := await queries.main()) is None:
        raise NotFound("This server is not set up yet.")
    return section
