"""Doing the chores: a slice at a time, with a breath after each, going on where the last time ended."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

from tortoise.transactions import in_transaction

from models import database
from models.setting import Setting
from server.housekeeping.chores import CHORES, Slice, Terms

PLACE = "housekeeping"
BREATH_SECONDS = 0.02
PAGES_AT_ONCE = 500


async def sweep(terms: Terms, *, seconds: float) -> dict[str, int]:
    """Do chores for so long at most: {chore: rows deleted}. The next call goes on where this one stops."""
    place = await Setting.read(PLACE, {})
    names, deleted = list(CHORES), dict.fromkeys(CHORES, 0)
    first = place.get("chore") if place.get("chore") in CHORES else names[0]
    after_id, until = int(place.get("after_id", 0)), time.monotonic() + seconds
    for name in names[names.index(first) :]:
        async for done in slices(name, terms, after_id=after_id):
            deleted[name] += done.deleted
            if time.monotonic() >= until:
                await _stop_at(name, done)
                return deleted
        after_id = 0
    await tidy_up()
    await Setting.write(PLACE, {})
    return deleted


async def _stop_at(name: str, done: Slice) -> None:
    names = list(CHORES)
    if done.next_id is not None:
        await Setting.write(PLACE, {"chore": name, "after_id": done.next_id})
    elif name != names[-1]:
        await Setting.write(PLACE, {"chore": names[names.index(name) + 1], "after_id": 0})
    else:
        await Setting.write(PLACE, {})


async def slices(name: str, terms: Terms, *, after_id: int = 0) -> AsyncIterator[Slice]:
    """Do one chore to its end, slice after slice; whoever asks may stop between two."""
    while True:
        done = await CHORES[name](after_id, terms)
        yield done
        if done.next_id is None:
            return
        after_id = done.next_id
        await asyncio.sleep(BREATH_SECONDS)


async def would_go(terms: Terms) -> dict[str, int]:
    """Count what would be deleted now: {chore: rows}. Actors are those that nothing refers to as things stand."""
    terms = replace(terms, is_real=False)
    return {name: sum([done.deleted async for done in slices(name, terms)]) for name in CHORES}


async def tidy_up() -> None:
    """Give free pages of SQLite's file back to the disk, some at a time, and have its statistics renewed.

    PostgreSQL does both by itself (autovacuum).
    """
    if database.is_postgres():
        return
    while True:
        [row] = await database.select("PRAGMA freelist_count")
        before = int(row[0])
        if before:
            await database.select(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})")
        [row] = await database.select("PRAGMA freelist_count")
        if not int(row[0]) or int(row[0]) >= before:  # a file made without auto_vacuum gives nothing back
            break
        await asyncio.sleep(BREATH_SECONDS)
    async with in_transaction():  # it reads before it writes, which needs the write lock from the beginning
        await database.select("PRAGMA optimize")


async def compact() -> None:
    """Write SQLite's file anew, without the gaps: nobody else can write meanwhile. PostgreSQL: VACUUM of every table."""
    async with database.connection().acquire_connection() as connection:
        if database.is_postgres():
            await connection.execute("VACUUM (ANALYZE)")
            return
        await connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        await connection.execute("VACUUM")
        await connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
