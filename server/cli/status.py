"""`coopole status`: the numbers of /metrics that the rows hold, for people, and the servers that fail."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from server.cli.console import out, with_context
from server.config import Settings
from server.monitoring import processes
from server.monitoring.backlog import Backlog, FailingHost, failing_hosts, take_stock
from server.monitoring.metrics import folder_in
from server.monitoring.processes import Cost

SHOWN_ERROR_CHARS = 80


def status(
    hosts: Annotated[int, typer.Option(min=0, max=1000, help="How many failing servers to name.")] = 10,
) -> None:
    """Say how much there is to do, and which other servers fail."""

    async def work(ctx: Context, settings: Settings) -> None:
        show_stock(await take_stock(ctx.now()))
        show_costs(list(processes.living(folder_in(settings.data))))
        show_failing(await failing_hosts(hosts), ctx.now())

    with_context(work)


def show_stock(stock: Backlog) -> None:
    """Print what is to do."""
    table = Table("", "Now", show_lines=False)
    table.add_row("activities to perform", _listed(stock.inbox))
    table.add_row("oldest of them due for", duration(stock.oldest_message_seconds))
    table.add_row("deliveries", _listed(stock.deliveries))
    table.add_row("oldest of them due for", duration(stock.oldest_delivery_seconds))
    table.add_row("letters", _listed(stock.letters))
    table.add_row("oldest of them due for", duration(stock.oldest_letter_seconds))
    table.add_row("errands due", str(stock.errands_due))
    table.add_row("other servers", _listed(stock.hosts))
    out.print(table)


def show_costs(costs: list[Cost]) -> None:
    """Print what the processes cost; nothing where none runs on this machine."""
    if not costs:
        return
    table = Table("Process", "Memory", "CPU time", show_lines=False)
    for cost in costs:
        table.add_row(escape(cost.name), f"{cost.resident_bytes / 2**20:.0f} MiB", f"{cost.cpu_seconds:.1f} s")
    out.print(table)


def show_failing(rows: list[FailingHost], now: datetime) -> None:
    """Print the servers that fail; nothing where none does."""
    if not rows:
        return
    table = Table("Failing server", "Failures", "For", "Next try in", "Owed", "Said last", show_lines=False)
    for row in rows:
        since = (now - row.failing_since).total_seconds() if row.failing_since else 0.0
        wait = (row.retry_at - now).total_seconds() if row.retry_at else 0.0
        said = escape(row.last_error[:SHOWN_ERROR_CHARS])
        table.add_row(escape(row.name), str(row.failures), duration(since), duration(wait), str(row.owed), said)
    out.print(table)


def duration(seconds: float) -> str:
    """Write a time in the two units that matter: 3 d 4 h, 5 min 2 s."""
    left = max(round(seconds), 0)
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items())
