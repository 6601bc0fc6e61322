"""Whether the server answers, and whether it should be sent requests."""

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from tortoise.migrations.recorder import MigrationRecorder

from federation.context import Context
from models import database, timing
from server.config import read_settings
from server.main import create_app
from tests.valkey import Valkey
from tests.world import ORIGIN


def new_app(ctx: Context, database_url: str, data: Path, redis_url: str = "") -> Starlette:
    """The application over a database that is open; what is found is looked up anew each time."""
    environment = {
        "COOPOLE_DATA": str(data),
        "COOPOLE_ORIGIN": ORIGIN,
        "COOPOLE_DATABASE_URL": database_url,
        "COOPOLE_REDIS_URL": redis_url,
    }
    app = create_app(read_settings(environment))
    app.state.context = ctx
    return app


async def ask(app: Starlette, path: str = "/health/ready") -> tuple[int, dict[str, Any]]:
    """GET as anybody does: (status, the decoded answer); what was found a moment ago is forgotten first."""
    if hasattr(app.state, "doctor"):
        app.state.doctor._found.forget()
    async with AsyncClient(transport=ASGITransport(app), base_url=ORIGIN) as asking:
        reply = await asking.get(path)
    assert reply.headers["cache-control"] == "no-store"
    return reply.status_code, reply.json()


@pytest.fixture
def app(ctx: Context, db: str, tmp_path: Path) -> Starlette:
    """The application, without a broker."""
    return new_app(ctx, db, tmp_path)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker."""
    server = Valkey(tmp_path / "valkey").start()
    yield server
    server.kill()


async def leave(tmp_path: Path) -> None:
    """Take the database away: statements fail on SQLite; on PostgreSQL there is no server."""
    if database.is_postgres():
        await database.close_database()
        await database.open_database(f"postgres:///nothing?host={tmp_path}&user=postgres")
    else:
        raw: sqlite3.Connection = database.connection()._connection._conn
        raw.set_progress_handler(lambda: 1, 1)


async def come_back(db: str) -> None:
    """Put it where it was."""
    if database.is_postgres():
        await database.close_database()
        await database.open_database(db)
    else:
        raw: sqlite3.Connection = database.connection()._connection._conn
        raw.set_progress_handler(None, 1)


async def test_a_server_that_has_all_it_needs_is_ready(app: Starlette) -> None:
    parts = {"database": "ok", "migrations": "ok", "broker": "unused"}
    assert await ask(app) == (200, {"status": "ready", "parts": parts})


async def test_while_the_database_is_away_it_lives_but_is_not_ready_and_is_again_afterwards(
    app: Starlette, db: str, tmp_path: Path
) -> None:
    assert (await ask(app))[0] == 200
    await leave(tmp_path)
    try:
        parts = {"database": "away", "migrations": "unknown", "broker": "unused"}
        assert await ask(app) == (503, {"status": "unready", "parts": parts})
        assert await ask(app, "/health/live") == (200, {"status": "live"})
    finally:
        await come_back(db)
    assert (await ask(app))[0] == 200


async def test_the_numbers_are_told_while_the_database_is_away(app: Starlette, db: str, tmp_path: Path) -> None:
    await leave(tmp_path)
    try:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as asking:
            reply = await asking.get("/metrics")
    finally:
        await come_back(db)
    assert reply.status_code == 200
    assert "coopole_database_up 0.0" in reply.text
    assert "coopole_inbox_messages" not in reply.text


async def test_tables_of_an_older_version_make_it_unready(app: Starlette) -> None:
    await database.execute("DELETE FROM tortoise_migrations")
    try:
        status, found = await ask(app)
    finally:
        await restore_migrations()
    assert (status, found["parts"]["migrations"]) == (503, "behind")


async def restore_migrations() -> None:
    """Record again that every migration was applied."""
    recorder = MigrationRecorder(database.connection())
    for name in await database.pending_migrations():
        await recorder.record_applied("models", name)


async def test_a_broker_that_is_there_is_ok(ctx: Context, db: str, tmp_path: Path, valkey: Valkey) -> None:
    status, found = await ask(new_app(ctx, db, tmp_path, valkey.url))
    assert (status, found["status"], found["parts"]["broker"]) == (200, "ready", "ok")


async def test_a_broker_that_is_away_only_degrades(ctx: Context, db: str, tmp_path: Path) -> None:
    status, found = await ask(new_app(ctx, db, tmp_path, f"unix://{tmp_path}/nobody"))
    assert (status, found["status"], found["parts"]["broker"]) == (200, "degraded", "away")


async def test_life_is_told_without_asking_the_database_anything(app: Starlette) -> None:
    asked: list[float] = []
    timing.listen(asked.append)
    try:
        await ask(app, "/health/live")
    finally:
        timing.listen(None)
    assert asked == []


async def test_however_many_ask_at_once_the_parts_are_looked_at_once(app: Starlette) -> None:
    await ask(app)
    asked: list[float] = []
    timing.listen(asked.append)
    try:
        async with AsyncClient(transport=ASGITransport(app), base_url=ORIGIN) as asking:
            replies = await asyncio.gather(*(asking.get("/health/ready") for _ in range(20)))
    finally:
        timing.listen(None)
    assert {reply.status_code for reply in replies} == {200}
    assert len(asked) <= 1


async def test_clients_are_told_that_it_is_up(app: Starlette) -> None:
    async with AsyncClient(transport=ASGITransport(app), base_url=ORIGIN) as asking:
        assert (await asking.get("/health")).text == "OK"
