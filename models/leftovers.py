"""Rows of other servers that nobody here needs any more: which those are, and how they go.

Every question is about a slice of ids, so that a large table costs no more at once than a small one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tortoise.transactions import in_transaction

from models import database
from models.actor import Actor
from models.database import placeholders

# A conversation longer than this, up or down, is judged by its nearest part.
MAX_DEPTH = 100


async def old_posts(after_id: int, before_id: int, received_before: datetime, limit: int) -> list[int]:
    """Name the next posts of other servers in the order of their ids, after one and before another."""
    rows = await database.select(_OLD_POSTS, after_id, before_id, received_before, limit)
    return [row["id"] for row in rows]


async def kept_posts(ids: Sequence[int]) -> set[int]:
    """Tell which of these posts somebody here has to do with, or with what stands above or below them."""
    if not ids:
        return set()
    sql = _KEPT_POSTS.format(ids=placeholders(len(ids), 2))
    return {row["root"] for row in await database.select(sql, MAX_DEPTH, *ids)}


async def delete_posts(ids: Sequence[int]) -> int:
    """Delete posts with all that hangs on them, in one transaction; totals no longer count them. How many there were."""
    if not ids:
        return 0
    named = placeholders(len(ids))
    async with in_transaction():
        await database.execute(_UNCOUNT_POSTS.format(ids=named), *ids)
        await database.execute(_UNCOUNT_REPLIES.format(ids=named), *ids)
        return await database.execute(f"DELETE FROM post WHERE id IN ({named})", *ids)


async def old_actors(after_id: int, seen_before: datetime, limit: int) -> list[int]:
    """Name the next actors of other servers, in the order of their ids, whom nobody has asked for since a moment."""
    return [row["id"] for row in await database.select(_OLD_ACTORS, after_id, seen_before, limit)]


async def needed_actors(ids: Sequence[int]) -> set[int]:
    """Tell which of these actors any row of any table refers to; keys and the like belong to actors of ours."""
    needed: set[int] = set()
    for table, column in references_to(Actor):
        left = [id_ for id_ in ids if id_ not in needed]
        if not left:
            break
        sql = f"SELECT DISTINCT {column} AS id FROM {quoted(table)} WHERE {column} IN ({placeholders(len(left))})"
        needed |= {row["id"] for row in await database.select(sql, *left)}
    return needed


async def delete_actors(ids: Sequence[int]) -> int:
    """Delete actors whom no row refers to; how many there were."""
    if not ids:
        return 0
    async with in_transaction():
        left = [id_ for id_ in ids if id_ not in await needed_actors(ids)]
        if not left:
            return 0
        return await database.execute(f"DELETE FROM actor WHERE id IN ({placeholders(len(left))})", *left)


def references_to(model: Any) -> list[tuple[str, str]]:
    """Name every column of every table that refers to a row of this model: (table, column)."""
    found = []
    for name in sorted(model._meta.backward_fk_fields | model._meta.backward_o2o_fields):
        relation = model._meta.fields_map[name]
        found.append((relation.related_model._meta.db_table, relation.relation_source_field or relation.relation_field))
    return found


def quoted(table: str) -> str:
    """Quote the name of a table of ours, one of which is a word of SQL."""
    return f'"{table}"'


async def expired(
    table: str, where: str, values: Sequence[Any], after_id: int, before_id: int, limit: int
) -> list[int]:
    """Name the next rows of a table of ours, in the order of their ids, for which a condition on $1, $2 … holds."""
    names = (f"${len(values) + 1}::bigint", f"${len(values) + 2}::bigint", f"${len(values) + 3}::bigint")
    sql = f"SELECT id FROM {table} WHERE {where} AND id > {names[0]} AND id < {names[1]} ORDER BY id LIMIT {names[2]}"
    return [row["id"] for row in await database.select(sql, *values, after_id, before_id, limit)]


async def delete(table: str, ids: Sequence[int]) -> int:
    """Delete rows of a table of ours; how many there were."""
    return await database.execute(f"DELETE FROM {table} WHERE id IN ({placeholders(len(ids))})", *ids) if ids else 0


async def quiet_hosts(since: datetime, limit: int) -> list[str]:
    """Name hosts of which nothing is worth remembering: nobody there is known here, and nothing happened since."""
    return [row["name"] for row in await database.select(_QUIET_HOSTS, since, limit)]


async def delete_hosts(names: Sequence[str]) -> int:
    """Forget hosts; how many there were."""
    return (
        await database.execute(f"DELETE FROM host WHERE name IN ({placeholders(len(names))})", *names) if names else 0
    )


_QUIET_HOSTS = """
SELECT name FROM host
WHERE (retry_at IS NULL OR retry_at < $1) AND (last_success_at IS NULL OR last_success_at < $1)
  AND (failing_since IS NULL OR failing_since < $1) AND (scheme_at IS NULL OR scheme_at < $1)
  AND NOT EXISTS (SELECT 1 FROM actor a WHERE a.host = host.name)
ORDER BY name LIMIT $2
"""

_OLD_POSTS = """
SELECT id FROM post WHERE id > $1 AND id < $2 AND NOT is_local AND received_at < $3 ORDER BY id LIMIT $4
"""

_OLD_ACTORS = """
SELECT id FROM actor
WHERE id > $1 AND NOT is_local AND published_at < $2 AND (fetched_at IS NULL OR fetched_at < $2)
ORDER BY id LIMIT $3
"""

# What one of ours has to do with: written, named, answered with anything, shown, quoted, asked, passed on here.
_OURS = """
p.is_local
OR EXISTS (SELECT 1 FROM actor g WHERE g.id = p.group_id AND g.is_local)
OR EXISTS (SELECT 1 FROM mention x JOIN actor a ON a.id = x.actor_id WHERE x.post_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM "like" x JOIN actor a ON a.id = x.actor_id WHERE x.post_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM announce x JOIN actor a ON a.id = x.actor_id WHERE x.post_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM emoji_reaction x JOIN actor a ON a.id = x.actor_id WHERE x.post_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM bookmark x WHERE x.post_id = p.id)
OR EXISTS (SELECT 1 FROM featured_post x JOIN actor a ON a.id = x.actor_id WHERE x.post_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM participation x JOIN actor a ON a.id = x.actor_id WHERE x.event_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM quote x JOIN post o ON o.id = x.post_id WHERE x.quoted_id = p.id AND o.is_local)
OR EXISTS (SELECT 1 FROM quote x JOIN post o ON o.id = x.quoted_id WHERE x.post_id = p.id AND o.is_local)
OR EXISTS (SELECT 1 FROM poll q JOIN poll_option o ON o.poll_id = q.id JOIN poll_vote v ON v.option_id = o.id
           JOIN actor a ON a.id = v.actor_id WHERE q.post_id = p.id AND a.is_local)
OR EXISTS (SELECT 1 FROM notification n WHERE n.post_id = p.id)
OR EXISTS (SELECT 1 FROM report r WHERE r.reported_id = p.actor_id AND r.resolved_at IS NULL)
"""

_KEPT_POSTS = f"""
WITH RECURSIVE
above(root, id, depth) AS (
  SELECT id, id, 0 FROM post WHERE id IN ({{ids}})
  UNION SELECT t.root, p.in_reply_to_id, t.depth + 1 FROM above t JOIN post p ON p.id = t.id
  WHERE p.in_reply_to_id IS NOT NULL AND t.depth < $1::integer),
below(root, id, depth) AS (
  SELECT id, id, 0 FROM post WHERE id IN ({{ids}})
  UNION SELECT t.root, p.id, t.depth + 1 FROM below t JOIN post p ON p.in_reply_to_id = t.id
  WHERE t.depth < $1::integer),
related(root, id) AS (SELECT root, id FROM above UNION SELECT root, id FROM below)
SELECT DISTINCT r.root AS root FROM related r JOIN post p ON p.id = r.id WHERE {_OURS}
"""

_UNCOUNT_POSTS = """
UPDATE actor SET posts_count = actor.posts_count - gone.times
FROM (SELECT actor_id AS id, COUNT(*) AS times FROM post
      WHERE id IN ({ids}) AND visibility IN ('public', 'unlisted') GROUP BY actor_id) AS gone
WHERE actor.id = gone.id
"""

_UNCOUNT_REPLIES = """
UPDATE post SET replies_count = post.replies_count - gone.times
FROM (SELECT in_reply_to_id AS id, COUNT(*) AS times FROM post
      WHERE id IN ({ids}) AND visibility IN ('public', 'unlisted') GROUP BY in_reply_to_id) AS gone
WHERE post.id = gone.id
"""
