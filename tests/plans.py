"""How a database finds the rows of a question, and ten thousand rows for it to find them among."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from tortoise.models import Model
from tortoise.transactions import in_transaction

from models import database
from models.trail import followed

# What a statement has found so far is gone through whole: it is no table.
FOUND_SO_FAR = frozenset({"c", "own", "named", "liked", "kept", "f"})


async def copied(row: Model, count: int, **written: str) -> None:
    """Write a row again and again, the database doing it: `written` says what a column holds in the copy numbered `i`."""
    columns = list(type(row)._meta.fields_db_projection.values())
    said = ", ".join(written.get(name, f't."{name}"') for name in columns)
    names, table = ", ".join(f'"{name}"' for name in columns), type(row)._meta.db_table
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    await database.execute(
        f'INSERT INTO "{table}" ({names}) {numbers} SELECT {said} FROM n CROSS JOIN "{table}" t WHERE t.id = $1::bigint',
        row.pk,
    )


async def worded(kind: str, ids: str, words: str) -> None:
    """Put rows into an index of words: those that the query `ids` names as i, with what `words` makes of it."""
    is_postgres = database.is_postgres()
    key, said = ("id", f"to_tsvector('simple', {words})") if is_postgres else ("rowid", words)
    await database.execute(f"INSERT INTO {kind}_words ({key}, words) SELECT i, {said} FROM ({ids}) AS rows_of")


async def read_whole(ask: Callable[..., Awaitable[object]], *asked: Any, **more: Any) -> list[str]:
    """Name the tables that are gone through whole to answer a question. ANALYZE comes before it."""
    with followed() as trail:
        await ask(*asked, **more)
    assert trail.steps
    return [name for query, values, _ in trail.steps for name in await whole_tables(query, values)]


async def whole_tables(query: str, values: tuple[Any, ...] = ()) -> list[str]:
    """Name the tables that a statement goes through whole."""
    if database.is_postgres():
        async with in_transaction():
            await database.execute("SET LOCAL random_page_cost = 1.1")  # as on disks that do not turn
            [row] = await database.select(f"EXPLAIN (FORMAT JSON) {query}", *values)
        return list(_scans(json.loads(row[0])[0]["Plan"], is_cut_short=False))
    lines = [row["detail"] for row in await database.select(f"EXPLAIN QUERY PLAN {query}", *values)]
    scans = [line for line in lines if line.startswith("SCAN") and "USING" not in line and ":M" not in line]
    return [name for line in scans if (name := line.split()[1]) not in FOUND_SO_FAR]


def _scans(node: dict[str, Any], *, is_cut_short: bool) -> Iterator[str]:
    """Walk a plan of PostgreSQL. An index that is read from one end is no scan as far as a limit cuts it short."""
    kind = node["Node Type"]
    is_cut_short = kind == "Limit" or (is_cut_short and kind not in ("Sort", "Hash", "Aggregate", "Materialize"))
    whole_index = kind.startswith("Index") and "Index Cond" not in node and not is_cut_short
    if kind == "Seq Scan" or whole_index:
        yield node.get("Relation Name", kind)
    for inner in node.get("Plans", ()):
        yield from _scans(inner, is_cut_short=is_cut_short)
