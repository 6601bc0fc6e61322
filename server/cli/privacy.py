"""What is known about somebody, from the command line: show it, give it to them, withdraw consents, erase it all."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.consent import Consent, Purpose
from server.cli.console import out, refuse, with_context
from server.cli.files import write_private
from server.config import Settings
from server.consents import actions as consents
from server.follows.lookup import find
from server.privacy import erasing
from server.privacy.known import as_csv, as_json, known
from server.sections import sharing

privacy = typer.Typer(no_args_is_help=True)

PersonArgument = Annotated[str, typer.Argument(help="Username of a member of this server, or @user@host.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Really; there is no way back.")]


class Format(StrEnum):
    """How what is known is written."""

    JSON = "json"
    CSV = "csv"


@privacy.command("known")
def show_known(
    person: PersonArgument,
    written_as: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.JSON,
    output: Annotated[
        Path | None, typer.Option(help="File to write, readable by its owner alone; not there yet.")
    ] = None,
) -> None:
    """Give all that this server knows about somebody. It is for them alone: ask who they are first."""

    async def work(ctx: Context, settings: Settings) -> bytes:
        found = await known(await find(person, ctx))
        return as_csv(found).encode() if written_as is Format.CSV else as_json(found)

    content = with_context(work)
    if output is None:
        out.print(content.decode(), markup=False)
        return
    write_private(output, content)
    out.print(f"{output} is written. Delete it when they have it.", markup=False)


@privacy.command("consents")
def list_consents(person: PersonArgument) -> None:
    """List what somebody agreed to, in which version of the words, when, how, and what they withdrew."""

    async def work(ctx: Context, settings: Settings) -> list[Consent]:
        return await consents.ledger(await find(person, ctx))

    table = Table("Section", "Purpose", "Version", "Given", "How", "Withdrawn", "How")
    for row in with_context(work):
        withdrawn = f"{row.withdrawn_at:%Y-%m-%d %H:%M}" if row.withdrawn_at else ""
        cells = (row.group.handle, row.purpose.value, f"{row.text.version} {row.text.language}")
        table.add_row(
            *(escape(cell) for cell in cells),
            f"{row.given_at:%Y-%m-%d %H:%M}",
            row.given_by,
            withdrawn,
            row.withdrawn_by,
        )
    out.print(table)


@privacy.command("withdraw")
def withdraw(
    person: PersonArgument,
    section: Annotated[str, typer.Argument(help="Username of the section, or @section@host.")],
    purpose: Annotated[Purpose, typer.Argument(help="What they agree to no longer.")],
) -> None:
    """Withdraw a consent of somebody who asked for it; what they shared by it is erased."""

    async def work(ctx: Context, settings: Settings) -> bool:
        member, group = await find(person, ctx), await find(section, ctx)
        return await sharing.withdraw(member, group, purpose, ctx, by="command")

    out.print("Withdrawn." if with_context(work) else "There was no such consent.")


@privacy.command("erase")
def erase(person: PersonArgument, yes: YesOption = False) -> None:
    """Close somebody's account and erase all that is known about them, here and on servers that do what they are told.

    Of somebody from another server, who belongs to no section here any more, what is known here is erased.
    """
    if not yes:
        refuse("This cannot be undone. Say it again with --yes.")

    async def work(ctx: Context, settings: Settings) -> None:
        actor = await find(person, ctx)
        await (erasing.erase(actor, ctx) if actor.is_local else erasing.forget(actor))

    with_context(work)
    out.print(f"What was known about {person} is erased.", markup=False)


@privacy.command("erase-address")
def erase_address(address: Annotated[str, typer.Argument(help="E-mail address.")], yes: YesOption = False) -> None:
    """Erase all that was left under an e-mail address without an account, with whatever section or for whatever event."""
    if not yes:
        refuse("This cannot be undone. Say it again with --yes.")

    async def work(ctx: Context, settings: Settings) -> int:
        return await erasing.erase_address(address, ctx)

    out.print(f"Erased: {with_context(work)}.")
