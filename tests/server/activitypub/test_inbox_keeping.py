"""What the inbox accepted it has: in the database, once, or it says that it cannot."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from federation.context import Context, Work
from models import database
from models.activity import ActivityRecord
from models.actor import Actor
from models.inbox import InboxMessage
from models.section import Section
from tests import databases
from tests.server.activitypub.poster import FAR, Poster, build_app, follow_of
from tests.world import World


@pytest.fixture
def poster(ctx: Context, world: World, tmp_path: Path) -> Poster:
    """Whoever POSTs."""
    return Poster(build_app(ctx, tmp_path), world)


async def seen_from_outside(url: str) -> list[str]:
    """The uris that another connection finds in the journal."""
    sql = "SELECT activity_uri FROM inbox_message ORDER BY id"
    if databases.KIND == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [row[0] for row in connection.execute(sql)]
    name, folder = url.removeprefix("postgres:///").split("?host=")
    other = await asyncpg.connect(host=folder.split("&")[0], user="postgres", database=name)
    try:
        return [row["activity_uri"] for row in await other.fetch(sql)]
    finally:
        await other.close()


async def test_what_is_accepted_is_in_the_database_by_then(
    section: Actor, remote_actor: Actor, poster: Poster, db: str, world: World
) -> None:
    follow = follow_of(section)

    reply = await poster.post(follow)

    assert reply.status == 202
    assert await seen_from_outside(db) == [follow["id"]]
    row = await InboxMessage.get()
    assert (row.actor_uri, orjson.loads(row.body)) == (FAR, follow)
    assert (row.received_at, row.due_at, row.attempts) == (world.now, world.now, 0)


async def test_workers_are_woken_for_what_was_kept(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    await poster.post(follow_of(section))
    await asyncio.sleep(0)
    assert world.woken == [Work.INBOX]


async def test_what_arrives_twice_is_accepted_twice_and_kept_once(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    replies = [await poster.post(follow_of(section)) for _ in range(3)]
    assert [reply.status for reply in replies] == [202, 202, 202]
    assert await InboxMessage.all().count() == 1


async def test_what_was_performed_before_is_accepted_and_not_kept(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    follow = follow_of(section)
    await ActivityRecord.create(uri=follow["id"], type="Follow", actor_uri=FAR, document="{}")
    assert (await poster.post(follow)).status == 202
    assert not await InboxMessage.exists()


async def test_a_full_disk_is_said_and_nothing_is_accepted(
    section: Actor, remote_actor: Actor, poster: Poster, db: str, world: World
) -> None:
    if databases.KIND != "sqlite":
        pytest.skip("the disk of a PostgreSQL server cannot be filled from here")
    await database.execute("PRAGMA max_page_count = 1")
    reply = await poster.post(follow_of(section) | {"padding": "x" * 100_000})
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert reply.error == "This server cannot keep anything new right now."
    assert await seen_from_outside(db) == []

    await database.execute("PRAGMA max_page_count = 1000000")
    assert (await poster.post(follow_of(section))).status == 202
    assert len(await seen_from_outside(db)) == 1


async def test_a_database_that_is_away_is_said_and_nothing_is_accepted(
    section: Actor, remote_actor: Actor, poster: Poster, db: str, tmp_path: Path
) -> None:
    away = f"sqlite:///{tmp_path}/none/coopole.db"
    await database.close_database()
    await database.open_database(
        away if databases.KIND == "sqlite" else f"postgres:///none?host={tmp_path}&user=postgres"
    )
    reply = await poster.post(follow_of(section))
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert "Traceback" not in reply.error

    await database.close_database()
    await database.open_database(db)
    assert (await poster.post(follow_of(section))).status == 202
    assert await seen_from_outside(db) == [follow_of(section)["id"]]


async def test_a_journal_that_cannot_be_written_for_another_reason_is_no_reason_to_lose_anything(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    await database.execute("ALTER TABLE inbox_message RENAME TO mislaid")
    try:
        reply = await poster.post(follow_of(section))
    finally:
        await database.execute("ALTER TABLE mislaid RENAME TO inbox_message")
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert "mislaid" not in reply.error
    assert "inbox_message" not in reply.error


async def test_many_at_once_share_few_transactions(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    statements: list[str] = []
    if databases.KIND == "sqlite":
        connection: Any = database.connection()
        connection._connection._conn.set_trace_callback(statements.append)
    replies = [reply async for reply in poster.burst(follow_of(section, number) for number in range(200))]

    assert {reply.status for reply in replies} == {202}
    assert await InboxMessage.all().count() == 200
    if databases.KIND == "sqlite":
        transactions = sum(statement == "COMMIT" for statement in statements)
    else:
        transactions = (await database.select("SELECT count(DISTINCT xmin::text) AS n FROM inbox_message"))[0]["n"]
    assert 1 <= transactions <= 20, f"{transactions} transactions for 200 activities"


async def test_the_same_activity_many_times_at_once_is_kept_once(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    replies = [reply async for reply in poster.burst([follow_of(section)] * 50)]
    assert {reply.status for reply in replies} == {202}
    assert await InboxMessage.all().count() == 1


async def test_the_section_row_is_untouched_by_what_merely_arrived(
    section: Actor, main_section: Section, remote_actor: Actor, poster: Poster
) -> None:
    await poster.post(follow_of(section))
    assert (await Actor.get(id=section.id)).followers_count == 0
