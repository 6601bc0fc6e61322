"""Telling whether anything was written since: two equal states are one and the same database, to every reader.

SQLite: `PRAGMA data_version` changes when another connection commits, `total_changes` when ours writes.
PostgreSQL: the text of the current snapshot names every transaction that is not yet seen.
Source: sqlite.org/pragma.html#pragma_data_version; PostgreSQL 18 §9.28.6.
"""

from typing import Any

from models import database
from models.trail import unnoted

State = tuple[Any, ...]


async def database_state() -> State:
    """Give the state of the database as this process sees it now: to be compared, not read."""
    if (state := state_at_once()) is not None:
        return state
    if database.is_postgres():
        with unnoted():
            return tuple((await database.select("SELECT CAST(pg_current_snapshot() AS text) AS snapshot"))[0])
    client: Any = database.connection()
    async with client.acquire_connection() as connection:
        borrowed: State = connection.state()
    return borrowed


def state_at_once() -> State | None:
    """Give the state where that takes no waiting; None on PostgreSQL, and while the connection is in use."""
    free = getattr(database.connection(), "free_connection", None)
    return None if free is None else free.state()
