"""Which other servers may speak here."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from federation.errors import MalformedActivity
from federation.policy import domains_above
from federation.uris import parse_uri
from models.host import DomainRule
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import Invalid, NotFound

domains = typer.Typer(no_args_is_help=True)


def checked_domain(text: str) -> str:
    """Read a domain as hosts are compared: lower case, ASCII, no port; an address of the web counts as its domain.

    Raises:
        Invalid: it is no domain.
    """
    is_address = "://" in text
    try:
        uri = parse_uri(text if is_address else f"https://{text.strip().strip('.')}")
    except MalformedActivity as error:
        raise Invalid(f"{text!r} is not a domain.") from error
    if not is_address and uri.url != f"{uri.origin}/":
        raise Invalid(f"{text!r} is not a domain.")
    return f"[{uri.host}]" if ":" in uri.host else uri.host


@domains.command("block")
def block(domain: str, comment: Annotated[str, typer.Option(help="Why; for administrators only.")] = "") -> None:
    """Refuse everything from a domain and those below it, and send nothing there."""
    name = checked_domain(domain)

    async def work(ctx: Context, settings: Settings) -> None:
        if name in (*domains_above(ctx.names.host), *domains_above(ctx.names.handle_host)):
            raise Invalid(f"{name} is this server.")
        await DomainRule.update_or_create({"comment": comment}, domain=name)

    with_context(work)
    out.print(f"{name} is blocked.", markup=False)


@domains.command("unblock")
def unblock(domain: str) -> None:
    """Let a domain speak here again."""
    name = checked_domain(domain)

    async def work(ctx: Context, settings: Settings) -> None:
        if not await DomainRule.filter(domain=name).delete():
            raise NotFound(f"{name} is not blocked.")

    with_context(work)
    out.print(f"{name} is no longer blocked.", markup=False)


@domains.command("list")
def list_domains() -> None:
    """List the blocked domains."""

    async def work(ctx: Context, settings: Settings) -> list[DomainRule]:
        return await DomainRule.all().order_by("domain")

    table = Table("Domain", "Since", "Why")
    for rule in with_context(work):
        table.add_row(escape(rule.domain), f"{rule.created_at:%Y-%m-%d}", escape(rule.comment))
    out.print(table)
