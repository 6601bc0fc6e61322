"""Opening and closing the database, and the little that two SQL dialects need said in common."""

import re
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from pkgutil import iter_modules
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tortoise import Tortoise, connections
from tortoise.backends.base.client import BaseDBAsyncClient, TransactionalDBClient
from tortoise.context import TortoiseContext, get_current_context
from tortoise.exceptions import BaseORMException, DBConnectionError, OperationalError
from tortoise.migrations.api import migrate as apply_migrations
from tortoise.transactions import in_transaction

from models import migrations
from models.words import WORDS_IN_POSTGRES, WORDS_IN_SQLITE

MODULES = [
    "models.ids",
    "models.actor",
    "models.member",
    "models.section",
    "models.activity",
    "models.inbox",
    "models.follow",
    "models.post",
    "models.media",
    "models.media_copy",
    "models.reaction",
    "models.edit",
    "models.poll",
    "models.quote",
    "models.featured",
    "models.bookmark",
    "models.mute",
    "models.remark",
    "models.tag_follow",
    "models.scheduled",
    "models.marker",
    "models.lists",
    "models.filters",
    "models.membership",
    "models.details",
    "models.role",
    "models.consent",
    "models.mail",
    "models.session",
    "models.second_step",
    "models.passkey",
    "models.event",
    "models.participation",
    "models.calendar",
    "models.moderation",
    "models.errand",
    "models.timeline",
    "models.conversation",
    "models.notification",
    "models.notification_policy",
    "models.delivery",
    "models.host",
    "models.oauth",
    "models.sign_up",
    "models.push",
    "models.setting",
    "models.announcement",
    "models.idempotency",
]

_AWAY_IN_SQLITE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_READONLY,
    }
)


def configuration(url: str, *, pool_size: int = 8) -> dict[str, Any]:
    """Build Tortoise's configuration from a database URL.

    `sqlite:///relative.db`, `sqlite:////absolute.db`, `sqlite://:memory:`, `postgres://user:password@host:port/name`;
    a PostgreSQL on a Unix socket is `postgres:///name?host=/folder&user=name`.

    Raises:
        ValueError: the URL names neither SQLite nor PostgreSQL.
    """
    return {
        "connections": {"default": _connection(url, pool_size)},
        "apps": {
            "models": {
                "models": MODULES,
                "migrations": "models.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, pool_size: int) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"engine": "models.sqlite", "credentials": {"file_path": sqlite_path(url)}}
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError("the database URL must begin with sqlite:// or postgres://")
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    credentials = {
        "host": query.get("host") or parts.hostname or "localhost",
        "port": parts.port or int(query.get("port", 5432)),
        "user": unquote(parts.username or query.get("user", "postgres")),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
        "minsize": 1,
        "maxsize": pool_size,
    }
    if "sslmode" in query:
        credentials["ssl"] = query["sslmode"]
    return {"engine": "models.postgres", "credentials": credentials}


def sqlite_path(url: str) -> str:
    """Tell where the file of an SQLite database is."""
    path = url.removeprefix("sqlite://")
    return path if path == ":memory:" else unquote(path.removeprefix("/"))


async def open_database(url: str, *, pool_size: int = 8, flushes: bool = True) -> None:
    """Prepare the connections of this process; each opens at its first query.

    The models are made ready for an engine once: a process forked after that shares their pages with its siblings.
    `flushes` says whether a write is on SQLite's disk before it returns. Without it a power cut, but no crash of ours,
    takes back the last writes, never an earlier one without the later: good for what would then be done again.
    """
    config = configuration(url, pool_size=pool_size)
    if not flushes and url.startswith("sqlite:"):
        config["connections"]["default"]["credentials"]["synchronous"] = "NORMAL"
    context = get_current_context()
    if context is not None and context is _ready.get(config["connections"]["default"]["engine"]):
        connections.db_config.update(config["connections"])
        return
    await _unready()
    context = await Tortoise.init(config=config, _enable_global_fallback=True)
    _ready[config["connections"]["default"]["engine"]] = context


_ready: dict[str, TortoiseContext] = {}


async def _unready() -> None:
    """Forget for which engine the models are ready."""
    _ready.clear()
    if get_current_context() is not None:
        await Tortoise.close_connections()


async def close_database() -> None:
    """Close every connection of this process: a query then fails. The models stay ready."""
    if _ready:
        await connections.close_all()
        connections.db_config.clear()


async def migrate(url: str) -> None:
    """Bring the tables of the database at `url` up to this version, and leave it open."""
    await _unready()
    await apply_migrations(config=configuration(url))
    await _unready()
    await open_database(url)
    for statement in WORDS_IN_POSTGRES if is_postgres() else WORDS_IN_SQLITE:
        await connection().execute_script(statement)


async def pending_migrations() -> list[str]:
    """Name the migrations that this version has and the (open) database has not.

    Every process asks this when it starts, so it compares names: Tortoise would build the tables of each version to tell.
    """
    applied = await applied_migrations()
    return sorted(module.name for module in iter_modules(migrations.__path__) if module.name not in applied)


async def applied_migrations() -> list[str]:
    """Name the migrations that the (open) database has, in their order."""
    try:
        rows = await connection().execute_query_dict("SELECT name FROM tortoise_migrations WHERE app = 'models'")
    except OperationalError as error:
        if is_away(error):
            raise
        rows = []  # there is no such table: nothing was ever applied
    return sorted(row["name"] for row in rows)


def connection() -> BaseDBAsyncClient:
    """Give the connection, or the transaction that the caller is in."""
    client: BaseDBAsyncClient = connections.get("default")
    return client


def is_postgres() -> bool:
    """Tell whether the rows live in PostgreSQL rather than SQLite."""
    return _speaks_postgres(connection())


def _speaks_postgres(client: BaseDBAsyncClient) -> bool:
    return bool(client.capabilities.dialect == "postgres")


def is_away(error: BaseORMException) -> bool:
    """Whether the database cannot work now (disk full, server gone, locked too long), whatever it is asked."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _AWAY_IN_SQLITE
    return isinstance(error, DBConnectionError)


async def execute(sql: str, *values: Any) -> int:
    """Run a statement whose parameters are written $1, $2::bigint …; the number of rows it changed."""
    client = connection()
    count, _ = await client.execute_query(_spelt(sql, client), list(values))
    return count


async def select(sql: str, *values: Any) -> Sequence[Any]:
    """Run a query whose parameters are written $1, $2::bigint …; its rows, each readable by column name."""
    client = connection()
    _, rows = await client.execute_query(_spelt(sql, client), list(values))
    return rows


async def execute_many(sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run a statement once for each row of parameters, in one transaction."""
    async with in_transaction() as transaction:
        await transaction.execute_many(_spelt(sql, transaction), [list(row) for row in rows])


async def change(sql: str, *values: Any) -> Sequence[Any]:
    """Run a statement that changes rows and returns them (RETURNING), written as for `select`."""
    client = connection()
    rows: Sequence[Any] = await client.execute_query_dict(_spelt(sql, client), list(values))
    return rows


def _spelt(sql: str, client: BaseDBAsyncClient) -> str:
    return sql if _speaks_postgres(client) else _in_sqlite(sql)


@lru_cache(maxsize=1024)
def _in_sqlite(sql: str) -> str:
    """Write parameters as ?1, ?2 … and drop the types, which SQLite does not need."""
    return _TYPED_PARAMETER.sub(r"?\1", sql)


_TYPED_PARAMETER = re.compile(r"\$(\d+)(?:::\w+)?")


@asynccontextmanager
async def unhurried() -> AsyncIterator[None]:
    """Hold a transaction that does not wait for the disk: a power cut, but no crash of ours, may take it back.

    What is committed later is not kept without it. For what would then be done again; within another transaction it is
    kept with that one.
    """
    client: Any = connection()
    is_outermost = not isinstance(client, TransactionalDBClient)
    if is_outermost and not _speaks_postgres(client):
        async with client.unhurried_transaction():
            yield
        return
    async with in_transaction() as transaction:
        if is_outermost:
            await transaction.execute_query("SET LOCAL synchronous_commit TO OFF")
        yield


async def names_any(table: str, column: str, values: Sequence[str]) -> bool:
    """Whether any row of a table of ours bears one of these values in a column: cheap, where mostly none does."""
    return bool(
        await select(f"SELECT 1 AS found FROM {table} WHERE {column} IN ({placeholders(len(values))}) LIMIT 1", *values)
    )


@lru_cache(maxsize=1024)
def placeholders(count: int, first: int = 1) -> str:
    """Write `count` parameters for an IN list: placeholders(3, 2) is '$2,$3,$4'."""
    return ",".join(f"${number}" for number in range(first, first + count))
