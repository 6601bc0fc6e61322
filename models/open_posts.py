"""Posts as everybody may read them, with their authors, in statements written by hand, for pages and documents."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from models.actor import Actor
from models.post import Post
from models.reaction import Announce
from models.rows import MAX_ID, columns, in_list, made, padded, select, width
from models.shown import IN_SIGHT, post_with_actor

OPEN = "p.visibility IN ('public', 'unlisted')"
_OF_AUTHORS_IN_SIGHT = IN_SIGHT.format("a")
_HEARD = f"{OPEN} AND {_OF_AUTHORS_IN_SIGHT} AND NOT a.is_silenced"


async def by_uri(uri: str) -> Post | None:
    """Load a post of ours, whoever it is for."""
    found = await _select("p.uri = $1 AND p.is_local", uri)
    return found[0] if found else None


async def by_ids(ids: Sequence[int]) -> dict[int, Post]:
    """Load those of these posts that everybody may read, by id."""
    if not ids:
        return {}
    wanted = padded(ids)
    found = await _select(f"p.id IN {in_list(wanted)} AND {OPEN} AND {_OF_AUTHORS_IN_SIGHT}", *wanted)
    return {post.id: post for post in found}


class Page(NamedTuple):
    """The newest `limit` rows below `max_id`, or, with `min_id`, those just above that."""

    limit: int
    max_id: int | None = None
    min_id: int | None = None

    def write(self, alias: str) -> str:
        """Write the end of a WHERE; its parameters are $2 to $4."""
        order = "DESC" if self.min_id is None else "ASC"
        return f"{alias}.id < $2::bigint AND {alias}.id > $3::bigint ORDER BY {alias}.id {order} LIMIT $4::bigint"

    @property
    def values(self) -> tuple[int, int, int]:
        """Give these parameters."""
        return MAX_ID if self.max_id is None else self.max_id, self.min_id or 0, self.limit


async def by_actor(actor_id: int, page: Page, *, with_replies: bool) -> list[Post]:
    """Load the newest posts of an actor."""
    narrower = "" if with_replies else " AND p.in_reply_to_uri IS NULL"
    where = f"p.actor_id = $1 AND {OPEN} AND {_OF_AUTHORS_IN_SIGHT}{narrower} AND {page.write('p')}"
    return await _select(where, actor_id, *page.values)


async def announced_by(actor: Actor, page: Page) -> list[Announce]:
    """Load the newest announces of an actor, `post.actor` loaded."""
    sql = f"""SELECT {columns(Announce, "n")}, {columns(Post, "p")}, {columns(Actor, "a")}
FROM announce n JOIN actor b ON b.id = n.actor_id
JOIN post p ON p.id = n.post_id JOIN actor a ON a.id = p.actor_id
WHERE n.actor_id = $1 AND {IN_SIGHT.format("b")} AND {OPEN} AND {_OF_AUTHORS_IN_SIGHT} AND {page.write("n")}"""
    found = []
    for row in await select(sql, actor.id, *page.values):
        announce = made(Announce, row[: width(Announce)])
        announce.__dict__["_actor"] = actor
        announce.__dict__["_post"] = post_with_actor(row[width(Announce) :])
        found.append(announce)
    return found


async def descendants(id_: int, limit: int) -> list[Post]:
    """Load the answers to a post and the answers to those, a level after the other; below what is hidden nothing is read."""
    ids = [row[0] for row in await select(_DESCENDANTS, id_, limit)]
    found = await by_ids(ids)
    return [found[below] for below in dict.fromkeys(ids) if below in found]


async def _select(rest: str, *values: Any) -> list[Post]:
    return [post_with_actor(row) for row in await select(f"{_head()} WHERE {rest}", *values)]


@cache
def _head() -> str:
    return f"SELECT {columns(Post, 'p')}, {columns(Actor, 'a')} FROM post p JOIN actor a ON a.id = p.actor_id"


_DESCENDANTS = f"""
WITH RECURSIVE below(id, depth) AS (
  SELECT p.id, 1 FROM post p JOIN actor a ON a.id = p.actor_id WHERE p.in_reply_to_id = $1 AND {_HEARD}
  UNION
  SELECT p.id, b.depth + 1 FROM below b JOIN post p ON p.in_reply_to_id = b.id JOIN actor a ON a.id = p.actor_id
  WHERE b.depth < 200 AND {_HEARD})
SELECT id, MIN(depth) AS nearest FROM below WHERE id <> $1 GROUP BY id ORDER BY nearest, id LIMIT $2::bigint
"""
