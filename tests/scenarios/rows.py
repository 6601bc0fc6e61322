"""Looking into a server's database from outside, while it runs: what no API shows, and the clock that tests turn."""

import hmac
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.secrets import NONCE_BYTES
from server.cli.broker import EmbeddedBroker
from server.queue import open_pool, redis_settings
from tests.scenarios.server import Server

BUSY_SECONDS = 10.0
SWEEP = "cron:sweep"


async def query(server: Server, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement whose parameters are written $1, $2 …; its rows."""
    if server.database_url is None:
        with closing(sqlite3.connect(server.folder / "coopole.db", timeout=BUSY_SECONDS)) as connection, connection:
            given = [value.isoformat(" ") if isinstance(value, datetime) else value for value in values]
            return list(connection.execute(sql.replace("$", "?"), given))
    parts = urlsplit(server.database_url)
    asked = parse_qs(parts.query)
    connection = await asyncpg.connect(host=asked["host"][0], user=asked["user"][0], database=parts.path.lstrip("/"))
    try:
        return [tuple(row) for row in await connection.fetch(sql, *values)]
    finally:
        await connection.close()


def unsealed(server: Server, sealed: bytes) -> str:
    """Read a sealed column (models/secrets.py) with the key of the server that wrote it."""
    key = (server.folder / "secret.key").read_bytes()
    cipher = AESGCM(hmac.digest(key, b"coopole columns", "sha256"))
    return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()


async def count(server: Server, table: str) -> int:
    """Count the rows of a table."""
    [(number,)] = await query(server, f'SELECT count(*) FROM "{table}"')
    return int(number)


async def make_hosts_due(server: Server) -> None:
    """Let `server` try every host again now, as it would by itself after its pause."""
    await query(server, "UPDATE host SET retry_at = NULL")
    await _look_around(server)


async def make_inbox_due(server: Server) -> None:
    """Let `server` try now to perform what it has put off, as it would by itself after its pause."""
    await query(server, "UPDATE inbox_message SET due_at = received_at")
    await _look_around(server)


async def make_polls_due(server: Server) -> None:
    """Let `server` tell now how its polls stand, as it would by itself a minute after a vote."""
    await query(server, "UPDATE poll SET untold_since = $1 WHERE untold_since IS NOT NULL", _an_hour_ago())
    await _look_around(server)


async def make_notices_due(server: Server) -> None:
    """Let `server` tell now what people are to be told of events, as it would by itself within ten seconds."""
    await _look_around(server)


async def close_polls(server: Server) -> None:
    """Let the time of every open poll that `server` knows have come."""
    await query(server, "UPDATE poll SET closes_at = $1 WHERE closed_at IS NULL", _an_hour_ago())
    await _look_around(server)


def _an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


async def end_every_pause(server: Server) -> None:
    """Let the time have come for all that waits for it: messages and deliveries put off, hosts left alone, errands."""
    for table in ("inbox_message", "delivery", "errand"):
        earlier = f"UPDATE {table} SET due_at = $1 WHERE due_at > $2"
        await query(server, earlier, _an_hour_ago(), datetime.now(UTC))
    await query(server, "UPDATE errand SET leased_until = NULL WHERE leased_until IS NOT NULL")
    await make_hosts_due(server)


async def _look_around(server: Server) -> None:
    """Have a worker take now the look that it takes every ten seconds."""
    url = EmbeddedBroker(server.folder / "valkey").running_url()
    pool = await open_pool(redis_settings(url))
    await pool.enqueue_job(SWEEP)
    await pool.aclose()
