"""A copy of the whole database as it is at one moment, while others go on writing; and putting it into an empty one.

SQLite's is a file (sqlite.org/backup.html). PostgreSQL's is one stream a table, in its binary COPY format, all read in one
transaction (postgresql.org/docs/current/sql-copy.html).
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

Writer = Callable[[bytes], Awaitable[None]]

_LEFT_OUT = "tortoise_migrations"
_TABLES = f"""
    SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '{_LEFT_OUT}'
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname ORDER BY c.relname"""
_REFERENCES = """
    SELECT conrelid::regclass::text AS name, quote_ident(conname) AS rule, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype = 'f'"""
_COUNTERS = """
    SELECT pg_get_serial_sequence(quote_ident(table_name), column_name) AS counter, table_name AS name, column_name AS column
    FROM information_schema.columns WHERE table_schema = 'public'
    AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"""
_MIGRATIONS = "SELECT name FROM tortoise_migrations WHERE app = 'models' ORDER BY name"


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and those of its columns that hold what others do not say."""

    name: str
    columns: tuple[str, ...]


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database into one file that needs no others beside it.

    Raises:
        sqlite3.Error: it cannot be read, or there is no room.
    """
    with closing(sqlite3.connect(source)) as there, closing(sqlite3.connect(target)) as here:
        there.backup(here)  # in one step: several would begin anew whenever somebody writes in between
        here.execute("PRAGMA journal_mode = DELETE")


def check_sqlite(path: Path) -> str:
    """Look through a whole database; what is wrong with it, '' for nothing."""
    try:
        with closing(sqlite3.connect(path)) as there:
            found: str = there.execute("PRAGMA integrity_check(1)").fetchone()[0]
            broken = there.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as error:
        return str(error)
    if found != "ok":
        return found
    return f"a row of {broken[0]} belongs to one that is not there" if broken else ""


def sqlite_migrations(path: Path) -> list[str]:
    """Name the migrations of a database file.

    Raises:
        sqlite3.Error: it is no database of ours.
    """
    with closing(sqlite3.connect(path)) as there:
        return [name for (name,) in there.execute(_MIGRATIONS)]


@asynccontextmanager
async def reading(url: str) -> AsyncIterator["Reading"]:
    """Read a PostgreSQL database as it is now, however long that takes."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            rows = await connection.fetch(_TABLES)
            applied = [row["name"] for row in await connection.fetch(_MIGRATIONS)]
            yield Reading(connection, [Table(row["name"], tuple(row["columns"])) for row in rows], applied)
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Reading:
    """A PostgreSQL database at one moment."""

    connection: "asyncpg.Connection[Any]"
    tables: Sequence[Table]
    migrations: Sequence[str]

    async def copy(self, table: Table, write: Writer) -> None:
        """Hand over all rows of a table, some at a time."""
        await self.connection.copy_from_table(table.name, columns=list(table.columns), output=write, format="binary")


async def has_tables(url: str) -> bool:
    """Whether a PostgreSQL database holds anything.

    Raises:
        OSError, asyncpg.PostgresError: it cannot be reached.
    """
    connection = await asyncpg.connect(url)
    try:
        return bool(await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
    finally:
        await connection.close()


async def load(url: str, tables: Sequence[Table], stream: Callable[[Table], AsyncIterator[bytes]]) -> None:
    """Fill the tables of a migrated PostgreSQL database with what was copied, all or nothing.

    Raises:
        asyncpg.PostgresError: the rows do not fit these tables, or belong to others that are missing.
    """
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            references = await connection.fetch(_REFERENCES)
            for row in references:
                await connection.execute(f"ALTER TABLE {row['name']} DROP CONSTRAINT {row['rule']}")
            for table in tables:
                await connection.execute(f'TRUNCATE "{table.name}"')
                await connection.copy_to_table(
                    table.name, columns=list(table.columns), source=stream(table), format="binary"
                )
            for row in references:
                await connection.execute(f"ALTER TABLE {row['name']} ADD CONSTRAINT {row['rule']} {row['definition']}")
            for row in await connection.fetch(_COUNTERS):
                greatest = f'SELECT max("{row["column"]}") FROM "{row["name"]}"'
                await connection.execute(f"SELECT setval('{row['counter']}', coalesce(({greatest}), 1))")
    finally:
        await connection.close()
