"""Servers for the scenarios: as many as a test asks for, ended with it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests import databases
from tests.scenarios import prefork
from tests.scenarios.server import Server

NewServer = Callable[..., Server]


@pytest.fixture(scope="module")
def new_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewServer]:
    """Make servers of ours, set up and started, each on a loopback address of its own; stop them at the end.

    `new_server("lille", "Section de Lille")`; `start=False` leaves it set up but not started. `host` is for what needs a
    name rather than an address.
    """
    made: list[Server] = []
    folder = tmp_path_factory.mktemp("servers")

    def make(
        handle: str,
        name: str,
        *,
        start: bool = True,
        workers: int = 1,
        program: str = prefork.PROGRAM,
        host: str = "",
    ) -> Server:
        number = len(made) + 2
        path: Path = folder / handle
        path.mkdir(mode=0o700)
        url = _migrated(request, path, f"{databases.WORKER}_{handle}")
        server = Server(
            path, handle, name, host=host or f"127.0.0.{number}", database_url=url, workers=workers, program=program
        ).init()
        made.append(server)
        return server.start() if start else server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        await chromium.close()


def _migrated(request: pytest.FixtureRequest, folder: Path, name: str) -> str | None:
    """Put the tables where `coopole init` makes them if they are not there, which takes it longer than all the rest."""
    if databases.KIND == "sqlite":
        template: databases.SqliteTemplate = request.getfixturevalue("sqlite_template")
        template.copy(folder / "coopole.db")
        return None
    postgres: databases.PostgresServer = request.getfixturevalue("postgres")
    return asyncio.run(postgres.copy(f"scenario_{name}"))
