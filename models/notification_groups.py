"""Notifications read together: what happened to one post, or on one day, is one group."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from models import database
from models.marker import MarkedTimeline
from models.notification import NotificationType
from models.shown import IN_SIGHT

SAMPLE_ACTORS = 8
GROUPED = ("favourite", "reblog", "follow")

# An id holds the milliseconds of its making above its low 22 bits (models/ids.py); a day has 86,400,000 of them.
_KEYS = {
    "favourite": "WHEN n.type IN ('like', 'emoji_reaction') AND n.post_id IS NOT NULL THEN 'favourite-' || n.post_id",
    "reblog": "WHEN n.type = 'announce' AND n.post_id IS NOT NULL THEN 'reblog-' || n.post_id",
    "follow": "WHEN n.type = 'follow' THEN 'follow-' || ((n.id >> 22) / 86400000)",
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Which notifications are grouped how: `kinds` of GROUPED stand together, whatever else stands alone.

    Without `actor_id` they are by anybody; with `key` they are those of one group.
    """

    recipient_id: int
    types: Collection[NotificationType]
    kinds: Collection[str] = GROUPED
    actor_id: int | None = None
    key: str | None = None


@dataclass(slots=True)
class Group:
    """Some notifications: the ids of the `newest` and the `oldest`, how many, and the last actors, newest first."""

    key: str
    newest: int
    oldest: int
    total: int
    actor_ids: list[int] = field(default_factory=list)


async def page(scope: Scope, *, limit: int, max_id: int, min_id: int, is_upward: bool = False) -> list[Group]:
    """Load groups whose newest notification is below `max_id` and above `min_id`, newest first, in one statement.

    With `is_upward` those nearest to `min_id`.
    """
    keyed, values = _keyed(scope)
    at = len(values)
    order = "ASC" if is_upward else "DESC"
    sql = _PAGE.format(keyed=keyed, below=at + 1, above=at + 2, limit=at + 3, order=order, sample=SAMPLE_ACTORS)
    found: dict[str, Group] = {}
    for row in await database.select(sql, *values, max_id, min_id, limit):
        key = row["group_key"]
        group = found.setdefault(key, Group(key, int(row["newest"]), int(row["oldest"]), int(row["total"])))
        if row["actor_id"] not in group.actor_ids:
            group.actor_ids.append(int(row["actor_id"]))
    return list(found.values())


async def count(scope: Scope, after_id: int, limit: int) -> int:
    """Count groups in which there is a notification above `after_id`, up to `limit`."""
    keyed, values = _keyed(scope)
    sql = _COUNT.format(keyed=keyed, above=len(values) + 1, limit=len(values) + 2)
    return int((await database.select(sql, *values, after_id, limit))[0]["total"])


async def count_unread(scope: Scope, limit: int) -> int:
    """Count groups in which there is something that their recipient has not read yet, up to `limit`, in one statement."""
    keyed, values = _keyed(scope)
    marker = len(values) + 1
    sql = _UNREAD.format(keyed=keyed, timeline=marker, limit=marker + 1)
    return int((await database.select(sql, *values, MarkedTimeline.NOTIFICATIONS.value, limit))[0]["total"])


async def rows_of(scope: Scope) -> list[tuple[int, int]]:
    """Name the notifications of a scope and who caused each: (id, actor id), newest first."""
    keyed, values = _keyed(scope)
    rows = await database.select(f"{keyed} SELECT id, actor_id FROM keyed ORDER BY id DESC", *values)
    return [(int(row["id"]), int(row["actor_id"])) for row in rows]


def _keyed(scope: Scope) -> tuple[str, Sequence[object]]:
    """Write what gives every notification of a scope the key of its group."""
    values: list[object] = [scope.recipient_id, *(type_.value for type_ in scope.types)]
    types = database.placeholders(len(scope.types), 2) or "NULL"
    cases = " ".join(sql for kind, sql in _KEYS.items() if kind in scope.kinds)
    alone = "'ungrouped-' || n.id"
    key = f"CASE {cases} ELSE {alone} END" if cases else alone
    where = f"n.recipient_id = $1::bigint AND NOT n.is_filtered AND n.type IN ({types}) AND {IN_SIGHT.format('a')}"
    if scope.actor_id is not None:
        values.append(scope.actor_id)
        where += f" AND n.actor_id = ${len(values)}::bigint"
    if scope.key is not None:
        values.append(scope.key)
        where += f" AND {key} = ${len(values)}"
    sql = f"""WITH keyed AS (SELECT n.id, n.actor_id, {key} AS group_key
FROM notification n JOIN actor a ON a.id = n.actor_id WHERE {where})"""
    return sql, values


_COUNT = """{keyed} SELECT COUNT(*) AS total FROM (
  SELECT DISTINCT group_key FROM keyed WHERE id > ${above}::bigint LIMIT ${limit}::bigint) g"""

_UNREAD = """{keyed} SELECT COUNT(*) AS total FROM (
  SELECT DISTINCT group_key FROM keyed WHERE id > COALESCE(
    (SELECT last_read_id FROM marker WHERE actor_id = $1::bigint AND timeline = ${timeline}), 0)
  LIMIT ${limit}::bigint) g"""

_PAGE = """{keyed}, grouped AS (
  SELECT group_key, MAX(id) AS newest, MIN(id) AS oldest, COUNT(*) AS total FROM keyed GROUP BY group_key
  HAVING MAX(id) < ${below}::bigint AND MAX(id) > ${above}::bigint ORDER BY newest {order} LIMIT ${limit}::bigint),
ranked AS (
  SELECT k.id, k.actor_id, g.*, ROW_NUMBER() OVER (PARTITION BY k.group_key ORDER BY k.id DESC) AS place
  FROM keyed k JOIN grouped g ON g.group_key = k.group_key)
SELECT * FROM ranked WHERE place <= {sample} ORDER BY newest DESC, id DESC"""
