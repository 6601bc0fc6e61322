"""Transactions that cannot begin or cannot be kept, on a database that is busy, full or gone."""

import asyncio
import contextlib
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException, DBConnectionError, OperationalError
from tortoise.transactions import in_transaction

from models import database
from models.setting import Setting
from tests import databases

HANGS_AFTER_SECONDS = 20
MORE_THAN_THE_POOL = 12

on_sqlite = pytest.mark.skipif(databases.KIND != "sqlite", reason="SQLite's own ways")
on_postgres = pytest.mark.skipif(databases.KIND != "postgres", reason="PostgreSQL's own ways")


def file_of(url: str) -> Path:
    """The file behind a SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


@contextlib.contextmanager
def another_writer(url: str) -> Iterator[None]:
    """Hold the write lock of a SQLite file, as another process would."""
    other = sqlite3.connect(file_of(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.contextmanager
def full_disk(url: str, spare_bytes: int = 0) -> Iterator[None]:
    """Let no file of this process grow beyond what the write-ahead log has now, as a full disk would."""
    log = file_of(url).with_suffix(".db-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + spare_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def write_in_a_transaction(name: str = "name") -> None:
    async with in_transaction():
        await Setting.write(name, "value")


async def steps(count: int) -> None:
    """Let other tasks take so many steps."""
    for _ in range(count):
        await asyncio.sleep(0)


@on_sqlite
async def test_a_task_cancelled_while_it_waits_for_another_process_leaves_the_connection_free(db: str) -> None:
    with another_writer(db):
        waiting = asyncio.create_task(write_in_a_transaction())
        await steps(5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        await write_in_a_transaction()
    assert await Setting.read("name") == "value"


@on_sqlite
async def test_a_lock_held_too_long_is_an_error_and_leaves_the_connection_free(
    db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.sqlite.BUSY_TIMEOUT_SECONDS", 0.0)
    with another_writer(db), pytest.raises(OperationalError, match="locked") as raised:
        await write_in_a_transaction()
    assert database.is_away(raised.value)

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        await write_in_a_transaction()


@on_sqlite
async def test_a_transaction_that_a_full_disk_cannot_keep_is_dropped_whole(db: str) -> None:
    await write_in_a_transaction("before")
    with full_disk(db), pytest.raises(OperationalError) as raised:
        await write_in_a_transaction("during")
    assert database.is_away(raised.value)

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        await write_in_a_transaction("after")
    with contextlib.closing(sqlite3.connect(file_of(db))) as other:
        names = [row[0] for row in other.execute("SELECT name FROM setting ORDER BY name")]
    assert names == ["after", "before"]


@on_sqlite
async def test_a_statement_that_a_full_disk_cannot_keep_is_an_error(db: str) -> None:
    await Setting.write("before", 1)
    with full_disk(db), pytest.raises(OperationalError) as raised:
        await Setting.write("during", 1)
    assert database.is_away(raised.value)


@on_postgres
@pytest.mark.parametrize("step", range(8))
async def test_tasks_cancelled_while_they_begin_give_their_connection_back(db: str, step: int) -> None:
    await Setting.all()
    for _ in range(MORE_THAN_THE_POOL):
        beginning = asyncio.create_task(write_in_a_transaction())
        await steps(step)
        beginning.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beginning

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        await asyncio.gather(*(write_in_a_transaction(str(number)) for number in range(MORE_THAN_THE_POOL)))


@on_postgres
async def test_connections_that_the_server_closed_do_not_empty_the_pool(db: str) -> None:
    await asyncio.gather(*(Setting.all() for _ in range(MORE_THAN_THE_POOL)))
    for _ in range(3):
        writing = [asyncio.create_task(write_in_a_transaction(str(number))) for number in range(MORE_THAN_THE_POOL)]
        await steps(3)
        await hang_up(db)
        outcomes = await asyncio.gather(*writing, return_exceptions=True)
        assert all(error is None or isinstance(error, BaseORMException) for error in outcomes), outcomes

    async with asyncio.timeout(HANGS_AFTER_SECONDS):
        for is_last in (False, True):  # a connection may be handed out once more before it is found to be closed
            writing = [write_in_a_transaction(str(number)) for number in range(MORE_THAN_THE_POOL)]
            await asyncio.gather(*writing, return_exceptions=not is_last)


async def hang_up(url: str) -> None:
    """Close every connection to a database from the server's side, as a restart does."""
    name, folder = url.removeprefix("postgres:///").split("?host=")
    other = await asyncpg.connect(host=folder.split("&")[0], user="postgres", database="postgres")
    try:
        await other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    finally:
        await other.close()


@on_postgres
async def test_a_server_that_is_not_there_is_away(db: str, tmp_path: Path) -> None:
    await database.close_database()
    await database.open_database(f"postgres:///nothing?host={tmp_path}&user=postgres")
    with pytest.raises(DBConnectionError) as raised:
        await Setting.all()
    assert database.is_away(raised.value)
    with pytest.raises(DBConnectionError):
        await write_in_a_transaction()


async def test_a_statement_that_makes_no_sense_is_no_sign_that_the_database_is_away(db: str) -> None:
    with pytest.raises(OperationalError) as raised:
        await database.select("SELECT * FROM nowhere")
    assert not database.is_away(raised.value)


async def test_a_row_that_is_there_already_is_no_sign_that_the_database_is_away(db: str) -> None:
    await Setting.create(name="name", value="1")
    with pytest.raises(OperationalError) as raised:
        await Setting.create(name="name", value="1")
    assert not database.is_away(raised.value)


async def _break_off(begin: Callable[[], AbstractAsyncContextManager[object]]) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with begin():
            await _write_unhurried("broken off")
            raise ZeroDivisionError


async def _write_unhurried(name: str) -> None:
    async with database.unhurried():
        await Setting.create(name=name, value="1")


async def test_what_need_not_wait_for_the_disk_is_kept_all_the_same(db: str) -> None:
    await _write_unhurried("kept")
    await _break_off(database.unhurried)

    assert await Setting.all().values_list("name", flat=True) == ["kept"]


async def test_in_another_transaction_it_is_kept_with_that_one(db: str) -> None:
    await _break_off(in_transaction)

    assert await Setting.all().count() == 0


async def test_only_that_transaction_does_not_wait_for_the_disk(db: str) -> None:
    ask = "SHOW synchronous_commit" if databases.KIND == "postgres" else "PRAGMA synchronous"
    [before] = await database.select(ask)
    async with database.unhurried():
        [meanwhile] = await database.select(ask)
        async with database.unhurried():
            [within] = await database.select(ask)
    await _break_off(database.unhurried)
    [after] = await database.select(ask)

    assert (after[0], within[0]) == (before[0], meanwhile[0])
    assert meanwhile[0] == ("off" if databases.KIND == "postgres" else 1)
