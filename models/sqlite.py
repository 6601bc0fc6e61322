"""Tortoise's SQLite backend, with the statements run in place instead of in a second thread.

A statement on a local file takes some ten microseconds; handing it to a thread and back costs ten times that.
Differences from `tortoise.backends.sqlite`: no thread; a transaction begins with BEGIN IMMEDIATE, so that two
processes never both read first and then find they cannot write; waiting for another writer yields to the loop; a
transaction that cannot begin, or cannot be kept, leaves the connection free for the next one.
"""

import asyncio
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from time import perf_counter
from typing import Any

from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
)
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError

from models import timing
from models.trail import FollowedClient, note

BUSY_TIMEOUT_SECONDS = 20.0
_BUSY_PAUSE_SECONDS = 0.001
STATEMENT_CACHE = 512
SAVEPOINT = "part"

PRAGMAS = {
    "auto_vacuum": "INCREMENTAL",  # first: it counts only while the file is empty
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": 5000,
    "wal_autocheckpoint": 4000,
    "temp_store": "MEMORY",
    "mmap_size": 1024 * 1024 * 1024,  # pages read from here are the kernel's, and every process shares them
    "cache_size": -4 * 1024,  # KiB; what lies beyond is each process's own: it holds what a transaction writes
    "journal_size_limit": 64 * 1024 * 1024,
}


sqlite3.register_adapter(datetime, lambda moment: moment.isoformat(" "))
sqlite3.register_converter("TIMESTAMP", lambda text: datetime.fromisoformat(text.decode()))


class DirectConnection:
    """The part of aiosqlite's interface that Tortoise uses, over one connection of this thread."""

    def __init__(self, path: str) -> None:
        self._conn = sqlite3.connect(
            path,
            detect_types=sqlite3.PARSE_DECLTYPES,
            isolation_level=None,
            cached_statements=STATEMENT_CACHE,
            uri=path.startswith("file:"),
        )
        self._conn.row_factory = sqlite3.Row

    @property
    def total_changes(self) -> int:
        """Rows changed since the connection opened."""
        return self._conn.total_changes

    def state(self) -> tuple[int, int]:
        """Tell the version that other connections have written, and how many rows this one has changed."""
        return (self._conn.execute("PRAGMA data_version").fetchone()[0], self._conn.total_changes)

    def set_synchronous(self, level: int) -> int:
        """Say how much a commit waits for the disk (1: NORMAL, 2: FULL); how much it did before."""
        before: int = self._conn.execute("PRAGMA synchronous").fetchone()[0]
        self._conn.execute(f"PRAGMA synchronous={level}")
        return before

    async def execute(self, sql: str, values: Sequence[Any] | None = None) -> sqlite3.Cursor:
        """Run one statement."""
        started = perf_counter()
        try:
            return self._conn.execute(sql, values or ())
        finally:
            timing.tell(started)

    async def execute_insert(self, sql: str, values: Sequence[Any] | None = None) -> tuple[int | None]:
        """Run an INSERT; the new row id stands alone in a tuple."""
        started = perf_counter()
        try:
            return (self._conn.execute(sql, values or ()).lastrowid,)
        finally:
            timing.tell(started)

    async def execute_fetchall(self, sql: str, values: Sequence[Any] | None = None) -> list[sqlite3.Row]:
        """Run a statement and take all its rows."""
        started = perf_counter()
        try:
            return self._conn.execute(sql, values or ()).fetchall()
        finally:
            timing.tell(started)

    def run(self, sql: str, values: Sequence[Any]) -> tuple[int, list[sqlite3.Row]]:
        """Run a statement: how many rows it changed or gave, and the rows.

        Raises:
            IntegrityError: a constraint forbids it.
            OperationalError: the database cannot do it, or not now.
        """
        before = self._conn.total_changes
        _, rows = self._run(sql, values)
        return (self._conn.total_changes - before) or len(rows), rows

    def insert(self, sql: str, values: Sequence[Any]) -> int | None:
        """Run an INSERT: the id of the new row.

        Raises:
            IntegrityError, OperationalError: as `run`.
        """
        return self._run(sql, values)[0].lastrowid

    def _run(self, sql: str, values: Sequence[Any]) -> tuple[sqlite3.Cursor, list[sqlite3.Row]]:
        started = perf_counter()
        try:
            cursor = self._conn.execute(sql, values)
            return cursor, cursor.fetchall()
        except sqlite3.OperationalError as error:
            raise OperationalError(error) from error
        except sqlite3.IntegrityError as error:
            raise IntegrityError(error) from error
        finally:
            timing.tell(started)

    def fetch_tuples(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query and take all its rows, as bare values."""
        cursor = self._conn.cursor()
        cursor.row_factory = None
        return cursor.execute(sql, values).fetchall()

    async def executemany(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each sequence of values."""
        started = perf_counter()
        try:
            self._conn.executemany(sql, values)
        finally:
            timing.tell(started)

    async def executescript(self, sql: str) -> None:
        """Run several statements."""
        self._conn.executescript(sql)

    async def commit(self) -> None:
        """End the transaction, if one is open, and keep it."""
        if self._conn.in_transaction:
            await self.execute("COMMIT")

    async def rollback(self) -> None:
        """End the transaction, if one is open, and drop it."""
        if self._conn.in_transaction:
            await self.execute("ROLLBACK")

    async def close(self) -> None:
        """Close the file."""
        self._conn.close()


class DirectStatements(FollowedClient):
    """Statements that run at once where nobody holds the connection, with nothing around them: most of all that are run.

    The others wait for their turn, as Tortoise has it.
    """

    _lock: asyncio.Lock
    _connection: Any

    def _check_loop(self) -> bool:
        """Whether the connection serves this event loop: it serves any, since nothing of it waits in a loop."""
        return True

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Any]:
        """Run a statement: how many rows it changed or gave, and the rows."""
        if self._connection is None or self._lock.locked():
            return await super().execute_query(query, values)
        self.log.debug("%s: %s", query, values)
        count, rows = self._connection.run(query, values or ())
        note(query, values, rows)
        return count, rows

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        """Run an INSERT: the id of the new row."""
        if self._connection is None or self._lock.locked():
            return await super().execute_insert(query, values)
        self.log.debug("%s: %s", query, values)
        return self._connection.insert(query, values)


class DirectClient(DirectStatements, SqliteClient):
    """A Tortoise client over `DirectConnection`."""

    async def create_connection(self, with_db: bool) -> None:
        """Open the file once and set every pragma."""
        if self._connection:
            return
        connection = DirectConnection(self.filename)
        for pragma, value in (PRAGMAS | self._own_pragmas()).items():
            connection._conn.execute(f"PRAGMA {pragma}={value}")
        self._connection = connection
        await self._post_connect()

    def _own_pragmas(self) -> dict[str, Any]:
        defaults = {"journal_mode", "journal_size_limit", "foreign_keys"}
        return {name: value for name, value in self.pragmas.items() if name not in defaults}

    @property
    def free_connection(self) -> DirectConnection | None:
        """The connection, where nobody has borrowed it or holds a transaction; for what takes no time at all."""
        return None if self._lock.locked() else self._connection

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        """Lend the connection; a file that cannot be opened leaves it free for whoever asks next."""
        return DirectLoan(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return DirectTransactionContext(DirectTransaction(self), self._lock)

    def unhurried_transaction(self) -> TransactionContext:
        """Give a transaction that does not wait for the disk."""
        return DirectTransactionContext(UnhurriedTransaction(self), self._lock)


class DirectLoan(ConnectionWrapper[Any]):
    """The connection, lent to one statement."""

    async def __aenter__(self) -> Any:
        """Wait for the connection, and open it if need be."""
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class DirectTransactionContext(SqliteTransactionContext):
    """A transaction's hold on the connection, given up also when the transaction cannot begin."""

    async def __aenter__(self) -> TransactionalDBClient:
        """Begin.

        Raises:
            OperationalError: another process kept the write lock.
        """
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:  # a task that waited for the write lock may be cancelled, too
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection  # type: ignore[no-any-return]


class DirectTransaction(DirectStatements, SqliteTransactionWrapper):
    """A transaction that takes the write lock when it begins."""

    _connection: Any

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(DirectTransaction(self))

    async def savepoint(self) -> None:
        """Begin a part that can be taken back: all bear one name, of which SQLite takes the innermost."""
        self._savepoint = SAVEPOINT
        self._connection.run(f"SAVEPOINT {SAVEPOINT}", ())

    async def begin(self) -> None:
        """Take the write lock.

        Raises:
            OperationalError: another process held it for `BUSY_TIMEOUT_SECONDS`.
        """
        loop = asyncio.get_running_loop()
        started, deadline = perf_counter(), loop.time() + BUSY_TIMEOUT_SECONDS
        raw = self._connection._conn
        raw.execute("PRAGMA busy_timeout=0")
        try:
            while True:
                try:
                    raw.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as busy:
                    if "locked" not in str(busy) or loop.time() > deadline:
                        raise OperationalError(busy) from busy
                await asyncio.sleep(_BUSY_PAUSE_SECONDS)
        finally:
            raw.execute(f"PRAGMA busy_timeout={PRAGMAS['busy_timeout']}")
            timing.tell(started)

    async def commit(self) -> None:
        """Keep what the transaction did, or drop it if that cannot be.

        Raises:
            OperationalError: the disk is full, or failed.
        """
        try:
            await super().commit()
        except sqlite3.Error as error:
            await self.rollback()
            raise OperationalError(error) from error


class UnhurriedTransaction(DirectTransaction):
    """A transaction that the next checkpoint, or the next hurried one, brings to the disk."""

    async def begin(self) -> None:
        """Take the write lock, as any other.

        Raises:
            OperationalError: as any other.
        """
        self._synchronous = self._connection.set_synchronous(1)
        try:
            await super().begin()
        except BaseException:
            self._connection.set_synchronous(self._synchronous)
            raise

    async def commit(self) -> None:
        """Keep what the transaction did, or drop it if that cannot be.

        Raises:
            OperationalError: as any other.
        """
        try:
            await super().commit()
        finally:
            self._connection.set_synchronous(self._synchronous)

    async def rollback(self) -> None:
        """Drop what the transaction did."""
        try:
            await super().rollback()
        finally:
            self._connection.set_synchronous(self._synchronous)


client_class = DirectClient
