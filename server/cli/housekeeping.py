"""Deleting what nobody needs any more, now rather than in the background."""

from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from federation.context import Context
from server.cli.console import err, out, with_context
from server.config import Settings
from server.housekeeping import run
from server.housekeeping.chores import CHORES, Terms
from server.media.store import MediaStore


def housekeeping(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be deleted.")] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Then give the space back to the disk; writing has to wait meanwhile.")
    ] = False,
) -> None:
    """Delete what nobody here needs any more, as the workers do in the background."""

    async def work(ctx: Context, settings: Settings) -> dict[str, int]:
        terms = Terms(
            ctx.now(),
            settings.keep_posts_days,
            media=MediaStore(settings),
            copy_days=settings.keep_copies_days,
            copy_bytes=settings.max_copies_bytes,
        )
        if dry_run:
            return await run.would_go(terms)
        deleted = await _do(terms)
        await run.tidy_up()
        if compact:
            await run.compact()
        return deleted

    _show(with_context(work), dry_run=dry_run)


async def _do(terms: Terms) -> dict[str, int]:
    deleted = {}
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Housekeeping", total=len(CHORES))
        for name in CHORES:
            progress.update(task, description=name.capitalize())
            deleted[name] = sum([done.deleted async for done in run.slices(name, terms)])
            progress.advance(task)
    return deleted


def _show(deleted: dict[str, int], *, dry_run: bool) -> None:
    if not any(deleted.values()):
        out.print("There is nothing to delete.")
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for name, number in deleted.items():
        if number:
            table.add_row(str(number), name)
    out.print("Would be deleted:" if dry_run else "Deleted:")
    out.print(table)
