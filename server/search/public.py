"""What visitors find by words, who are nobody to us: public posts of sections here, and of members who agreed to be found.

Nothing of other servers: that we have it says whom somebody here follows (docs/decisions/0037). Who did not agree is found
by the whole of their name here alone, as their page is.
"""

from datetime import datetime

from models import database, open_posts, search
from models.actor import Actor
from models.growing import Growing
from models.post import Post
from models.search import Found, Words
from server.search.posts import MOST_PLACES


async def posts(words: Words, now: datetime, *, limit: int, offset: int = 0) -> list[Post]:
    """Find public posts, the newest first, their authors loaded; events to come are found in the agenda."""
    if words.is_empty or offset >= MOST_PLACES:
        return []
    query = Growing()
    source = _matching(query, Found.POST, words)
    query.where(_NOT_TO_COME.format(now=query.value(now, "::timestamptz")))
    ids = await _ids(_POSTS, source, query, limit, offset)
    found = await open_posts.by_ids(ids)
    return [found[id_] for id_ in ids if id_ in found]


async def people(words: Words, *, limit: int, offset: int = 0) -> list[Actor]:
    """Find members here who agreed to be found, by the beginnings of their names."""
    if words.is_empty or offset >= MOST_PLACES:
        return []
    query = Growing()
    source = _matching(query, Found.ACTOR, words)
    ids = await _ids(_PEOPLE, source, query, limit, offset)
    rows = {actor.id: actor for actor in await Actor.filter(id__in=ids)} if ids else {}
    return [rows[id_] for id_ in ids if id_ in rows]


def _matching(query: Growing, kind: Found, words: Words) -> str:
    where, value = search.condition(words, len(query.values) + 1, "w.")
    query.values.append(value)
    query.where(where)
    return f"{kind.table} w"


async def _ids(statement: str, source: str, query: Growing, limit: int, offset: int) -> list[int]:
    where, key = " AND ".join(query.conditions), f"w.{search.key()}"
    sql = statement.format(source=source, where=where, key=key, is_found=IS_FOUND, limit=limit, offset=offset)
    return [int(row["id"]) for row in await database.select(sql, *query.values)]


IS_FOUND = """
(a.is_indexable OR a.type = 'Group') AND a.is_local AND a.gone_at IS NULL
AND NOT a.is_suspended AND NOT a.is_silenced AND a.blocked_at IS NULL
"""
"""Whose public posts whoever is nobody to us may find: a section speaks in public by what it is, and is not asked."""

_NOT_TO_COME = "NOT EXISTS (SELECT 1 FROM event e WHERE e.post_id = p.id AND e.starts_at >= {now})"
_POSTS = """
SELECT p.id FROM {source} CROSS JOIN post p JOIN actor a ON a.id = p.actor_id
WHERE p.id = {key} AND {where} AND p.visibility = 'public' AND p.is_local AND {is_found}
ORDER BY {key} DESC LIMIT {limit} OFFSET {offset}
"""
_PEOPLE = """
SELECT a.id FROM {source} CROSS JOIN actor a
WHERE a.id = {key} AND {where} AND a.type = 'Person' AND a.is_discoverable AND a.moved_to_uri IS NULL AND {is_found}
ORDER BY a.username LIMIT {limit} OFFSET {offset}
"""
