"""Running the programs that read what others wrote: apart from us, without our secrets, and not for ever."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any, BinaryIO

import orjson


class Failed(Exception):
    """A program ended without a word: what it read broke it, or is nothing that it reads."""


async def run(program: Path, source: BinaryIO, *arguments: str, seconds: float) -> dict[str, Any]:
    """Give a program a file as its standard input; what it says of it on standard output.

    Raises:
        Failed: it says nothing.
        TimeoutError: it takes too long.
    """
    source.seek(0)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COOPOLE_")}
    command = (sys.executable, "-I", str(program), *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=source, stdout=PIPE, stderr=DEVNULL, env=environment, start_new_session=True
    )
    try:
        async with asyncio.timeout(seconds):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 9)  # what it has started goes with it
            await process.wait()
    if process.returncode:
        raise Failed
    found: dict[str, Any] = orjson.loads(said)
    return found
