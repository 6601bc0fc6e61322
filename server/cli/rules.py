"""The rules of this server, in words."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from server.admin import rules as actions
from server.admin.rules import HouseRule
from server.cli.console import out, with_context
from server.config import Settings

rules = typer.Typer(no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The number of the rule, as `coopole rule list` shows it.")]


@rules.command("list")
def list_rules() -> None:
    """List the rules, as apps and the page about the server show them."""

    async def work(ctx: Context, settings: Settings) -> list[HouseRule]:
        return await actions.all_rules()

    table = Table("Number", "Rule", "Hint")
    for rule in with_context(work):
        table.add_row(str(rule.number), escape(rule.text), escape(rule.hint))
    out.print(table)


@rules.command("add")
def add(text: str, hint: Annotated[str, typer.Option(help="What explains it further.")] = "") -> None:
    """Add a rule behind the others."""

    async def work(ctx: Context, settings: Settings) -> HouseRule:
        return await actions.add(text, hint)

    out.print(f"Rule {with_context(work).number} is added.")


@rules.command("change")
def change(
    number: Number,
    text: str,
    hint: Annotated[str | None, typer.Option(help="What explains it further; left out, it stays as it was.")] = None,
) -> None:
    """Write a rule anew."""

    async def work(ctx: Context, settings: Settings) -> HouseRule:
        return await actions.change(number, text, hint)

    out.print(f"Rule {with_context(work).number} is changed.")


@rules.command("remove")
def remove(number: Number) -> None:
    """Take a rule away."""

    async def work(ctx: Context, settings: Settings) -> None:
        await actions.remove(number)

    with_context(work)
    out.print(f"Rule {number} is removed.")
