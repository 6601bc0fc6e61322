"""Run the demonstration: three servers in one command, until Ctrl-C; `--check` verifies and times them instead."""

import asyncio
import signal
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from demo import show
from demo.cast import PLACES
from demo.check import check
from demo.installation import DemoFailed, Installation, Json, free_port
from demo.play import STEPS, Play

PREFERRED_PORT = 8000
MOST_SECONDS = 2.0


def main(
    check_only: Annotated[bool, typer.Option("--check", help="Verify and time everything, then leave.")] = False,
    data: Annotated[Path | None, typer.Option(help="Keep the data in this new folder; else it is thrown away.")] = None,
    port: Annotated[int, typer.Option(help="Port of all three servers, if it is free.")] = PREFERRED_PORT,
    most_seconds: Annotated[
        float, typer.Option(help="What --check allows each thing until it is seen.")
    ] = MOST_SECONDS,
) -> None:
    """Set up a national office and two sections on this machine and have them talk."""
    try:
        is_good = asyncio.run(run(data, port, most_seconds if check_only else None))
    except DemoFailed as failure:
        show.console.print(f"[bold red]demo:[/] {failure}")
        is_good = False
    except asyncio.CancelledError:
        is_good = not check_only
    sys.exit(0 if is_good else 1)


async def run(data: Path | None, port: int, most_seconds: float | None) -> bool:
    """Run it until told to stop or, given `most_seconds`, until all is verified; whether all is good.

    Every server has ended when this returns.
    """
    this_task = asyncio.current_task()
    assert this_task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, this_task.cancel)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="coopole-demo-")) if data is None else data
        port = free_port([place.address for place in PLACES], port)
        servers = [Installation(place, _new_folder(Path(folder)), port) for place in PLACES]
        for server in servers:
            stack.push_async_callback(server.stop)
        play, call = await _prepare(servers)
        if most_seconds is not None:
            found = await check(play, most_seconds)
            show.results(found)
            return all(result.is_good for result in found)
        show.guide(servers, call)
        show.console.print("Ctrl-C ends everything.")
        await asyncio.Event().wait()
    return True


def _new_folder(folder: Path) -> Path:
    """Make the folder, or take an empty one.

    Raises:
        DemoFailed: there is something in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise DemoFailed(f"{folder} is not empty: the demonstration begins anew each time")
    return folder


async def _prepare(servers: list[Installation]) -> tuple[Play, Json]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=show.console, transient=True) as progress:
        task = progress.add_task("Three servers are being set up", total=STEPS)
        play = Play(servers, lambda done: progress.update(task, advance=1, description=done))
        return play, await play.perform()


if __name__ == "__main__":
    typer.run(main)
