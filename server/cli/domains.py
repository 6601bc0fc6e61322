"""Which other servers may speak here."""

from typing import Annotated

import typer
from rich.table import Table

from federation.context import Context
from models.host import DomainRule
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import NotFound

domains = typer.Typer(no_args_is_help=True)


@domains.command("block")
def block(domain: str, comment: Annotated[str, typer.Option(help="Why; for administrators only.")] = "") -> None:
    """Refuse everything from a domain and those below it, and send nothing there."""

    async def work(ctx: Context, settings: Settings) -> None:
        await DomainRule.update_or_create({"comment": comment}, domain=domain.lower().strip("."))

    with_context(work)
    out.print(f"{domain} is blocked.")


@domains.command("unblock")
def unblock(domain: str) -> None:
    """Let a domain speak here again."""

    async def work(ctx: Context, settings: Settings) -> None:
        if not await DomainRule.filter(domain=domain.lower()).delete():
            raise NotFound(f"{domain} is not blocked.")

    with_context(work)
    out.print(f"{domain} is no longer blocked.")


@domains.command("list")
def list_domains() -> None:
    """List the blocked domains."""

    async def work(ctx: Context, settings: Settings) -> list[DomainRule]:
        return await DomainRule.all().order_by("domain")

    table = Table("Domain", "Since", "Why")
    for rule in with_context(work):
        table.add_row(rule.domain, f"{rule.created_at:%Y-%m-%d}", rule.comment)
    out.print(table)
