"""An installation in a folder, and its command line called in this process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import Result
from typer.testing import CliRunner

from federation.context import Context
from server.cli.commands import app
from server.config import read_settings
from server.runtime import running

ORIGIN = "http://localhost:8000"
SECRET = "ab" * 32

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Installation:
    """One whose tables are there, and nothing else."""

    environment: dict[str, str]

    def run(self, *arguments: str) -> Result:
        """Call `coopole …`; what it raised is in `exception`."""
        return CliRunner().invoke(app, list(arguments))

    def say(self, *arguments: str) -> str:
        """Call `coopole …`, which must succeed; what it said."""
        done = self.run(*arguments)
        assert done.exit_code == 0, done.output
        return done.output

    def look(self, work: Callable[[Context], Awaitable[Found]]) -> Found:
        """Do something on its database."""

        async def opened() -> Found:
            async with running(read_settings(self.environment), redis_url="") as ctx:
                return await work(ctx)

        return asyncio.run(opened())


def install(database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> Installation:
    """Set the environment of this process for an installation."""
    values = {"DATA": str(folder), "DATABASE_URL": database_url, "SECRET_KEY": SECRET, "ORIGIN": ORIGIN} | more
    environment = {f"COOPOLE_{name}": value for name, value in values.items()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Installation(environment)
