"""SQLite in place: what the connection promises, and that two writers wait for each other."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.transactions import in_transaction

from models import database
from models.actor import Actor
from models.post import Post
from models.setting import Setting
from tests import databases, factories

pytestmark = pytest.mark.skipif(databases.KIND != "sqlite", reason="SQLite's own ways")


def raw(url: str) -> sqlite3.Connection:
    """Another process's connection to the same file."""
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=0)


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("temp_store", 2)])
async def test_a_connection_is_safe_and_strict(db: str, pragma: str, value: object) -> None:
    [row] = await database.select(f"PRAGMA {pragma}")
    assert row[0] == value


async def test_what_was_committed_outlives_a_power_cut(db: str) -> None:
    """The tests themselves write less carefully; what opens a database as a server does, does not."""
    await database.close_database()
    await database.open_database(db)
    [row] = await database.select("PRAGMA synchronous")
    assert row[0] == 2


async def test_a_worker_waits_for_the_disk_at_checkpoints_only(db: str) -> None:
    await database.close_database()
    await database.open_database(db, flushes=False)
    [row] = await database.select("PRAGMA synchronous")
    assert row[0] == 1


async def test_a_file_that_cannot_be_opened_is_said_each_time(tmp_path: Path) -> None:
    await database.open_database(f"sqlite:///{tmp_path}/none/none.db")
    try:
        for _ in range(2):
            with pytest.raises(OperationalError, match="unable to open"):
                await asyncio.wait_for(database.select("SELECT 1"), timeout=10)
    finally:
        await database.close_database()


async def test_moments_are_read_as_they_were_written(db: str, member: Actor) -> None:
    moment = datetime(2026, 11, 23, 6, 5, 4, 321, tzinfo=UTC)
    await Actor.filter(id=member.id).update(last_post_at=moment)
    assert (await Actor.get(id=member.id)).last_post_at == moment
    [row] = await database.select("SELECT last_post_at FROM actor WHERE id = $1", member.id)
    assert row["last_post_at"] == moment


async def test_a_row_that_refers_to_nothing_is_refused(member: Actor) -> None:
    post = await factories.post(member)
    with pytest.raises(IntegrityError):
        await Post.filter(id=post.id).update(actor_id=7)


async def test_moments_come_back_as_they_went(member: Actor) -> None:
    moment = datetime(2026, 11, 22, 18, 30, 15, 123456, tzinfo=UTC)
    await Actor.filter(id=member.id).update(fetched_at=moment)
    assert (await Actor.get(id=member.id)).fetched_at == moment
    assert await Actor.filter(fetched_at__lte=moment).count() == 1
    assert (await database.select("SELECT id FROM actor WHERE fetched_at = $1", moment))[0]["id"] == member.id


async def test_a_transaction_takes_the_write_lock_at_once(db: str) -> None:
    """Two processes that both read first and then want to write would otherwise both fail."""
    other = raw(db)
    async with in_transaction():
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_a_reader_is_held_up_by_nobody(db: str) -> None:
    await Setting.write("name", "before")
    other = raw(db)
    async with in_transaction():
        await Setting.write("name", "after")
        assert other.execute("SELECT value FROM setting").fetchall() == [('"before"',)]
    assert other.execute("SELECT value FROM setting").fetchall() == [('"after"',)]
    other.close()


async def test_a_writer_waits_for_another_and_lets_the_rest_run(db: str) -> None:
    other = raw(db)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO setting (name, value) VALUES ('theirs', '1')")
    began, turns = asyncio.Event(), 0

    async def write() -> None:
        async with in_transaction():
            began.set()
            await Setting.write("ours", 2)

    task = asyncio.create_task(write())
    for _ in range(20):
        await asyncio.sleep(0)
        turns += 1
    assert not began.is_set()
    other.execute("COMMIT")
    await task
    other.close()
    assert turns == 20
    assert (await Setting.read("theirs"), await Setting.read("ours")) == (1, 2)


async def test_a_savepoint_fails_alone(db: str) -> None:
    async def write_and_fail() -> None:
        async with in_transaction():
            await Setting.write("inner", 2)
            raise RuntimeError

    async with in_transaction():
        await Setting.write("outer", 1)
        with pytest.raises(RuntimeError):
            await write_and_fail()
        await Setting.write("after", 3)
    assert [await Setting.read(name) for name in ("outer", "inner", "after")] == [1, None, 3]


async def test_a_statement_that_fails_leaves_the_transaction_usable(member: Actor) -> None:
    async def write_twice() -> None:
        async with in_transaction():
            for _ in range(2):
                await factories.post(member, uri="https://lille.test/posts/1")

    async with in_transaction():
        with pytest.raises(IntegrityError):
            await write_twice()
        await factories.post(member, uri="https://lille.test/posts/2")
    assert [post.uri for post in await Post.all()] == ["https://lille.test/posts/2"]
