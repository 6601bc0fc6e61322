"""The network of this server and what it publishes, in statements written by hand: asked for each page of its timeline."""

from collections.abc import Sequence

from models import database
from models.actor import Actor
from models.post import Post
from models.rows import MAX_ID, columns, in_list, padded, select
from models.shown import IN_SIGHT, post_with_actor


async def bound_to_ours() -> list[int]:
    """Name the sections of this server, the groups that they follow, and those with which they organise events."""
    return [row[0] for row in await select(_BOUND)]


async def newest_posts(
    section_ids: Sequence[int],
    viewer_id: int | None,
    *,
    limit: int,
    max_id: int | None = None,
    min_id: int | None = None,
) -> list[Post]:
    """Load the newest public posts by these sections with their actor, but answers, newest first.

    Those below `max_id`, or, with `min_id`, those just above that. What the viewer does not hear, or is kept apart from, is
    left out; so are silenced sections that the viewer does not follow.
    """
    if not section_ids:
        return []
    order = "DESC" if min_id is None else "ASC"
    wanted = padded(section_ids)
    each = (_EACH_IN_POSTGRES if database.is_postgres() else _EACH_IN_SQLITE).format(order=order)
    parts = {"each": each, "order": order, "post": columns(Post, "p"), "actor": columns(Actor, "a")}
    sql = _NEWEST.format(sections=in_list(wanted, 5), **parts)
    bounds = (MAX_ID if max_id is None else max_id, min_id or 0, limit)
    rows = await select(sql, viewer_id or 0, *bounds, *wanted)
    found = [post_with_actor(row) for row in rows]
    return found if min_id is None else found[::-1]


# CROSS JOIN has SQLite begin with our sections, of which there are few.
_BOUND = """
WITH ours(id) AS (SELECT s.actor_id FROM section s),
bound(id) AS (
  SELECT id FROM ours
  UNION SELECT f.followed_id FROM ours CROSS JOIN follow f WHERE f.follower_id = ours.id AND f.state = 'accepted'
  UNION SELECT o.section_id FROM ours CROSS JOIN event e CROSS JOIN organising o
    WHERE e.organiser_id = ours.id AND o.event_id = e.id AND o.state = 'accepted'
  UNION SELECT e.organiser_id FROM ours CROSS JOIN organising o CROSS JOIN event e
    WHERE o.section_id = ours.id AND o.state = 'accepted' AND e.id = o.event_id)
SELECT a.id FROM bound b CROSS JOIN actor a WHERE a.id = b.id AND a.type = 'Group' AND a.gone_at IS NULL ORDER BY a.id
"""

# The newest posts of all are by no more sections than posts are wanted: first those, by one look at each; then what each
# of them published last. Both looks walk the index of an author's posts, however many there are.
_PUBLISHED = """q.visibility = 'public' AND q.in_reply_to_uri IS NULL AND q.id < $2::bigint AND q.id > $3::bigint
  ORDER BY q.id {order}"""

_OF_EACH = f"SELECT q.id FROM post q WHERE q.actor_id = w.actor_id AND {_PUBLISHED} LIMIT $4::bigint"
# SQLite knows no LATERAL, and PostgreSQL would go through all posts for what SQLite is told instead.
_EACH_IN_SQLITE = f"JOIN post p ON p.id IN ({_OF_EACH})"
_EACH_IN_POSTGRES = f"CROSS JOIN LATERAL ({_OF_EACH}) AS last JOIN post p ON p.id = last.id"

_NEWEST = f"""
WITH heard(id) AS (
  SELECT a.id FROM actor a WHERE a.id IN {{sections}} AND {IN_SIGHT.format("a")}
  AND (NOT a.is_silenced OR a.id = $1::bigint OR EXISTS (SELECT 1 FROM follow f
    WHERE f.follower_id = $1::bigint AND f.followed_id = a.id AND f.state = 'accepted'))
  AND NOT EXISTS (SELECT 1 FROM mute m WHERE m.muter_id = $1::bigint AND m.muted_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM host_mute x WHERE x.muter_id = $1::bigint AND x.host IN (a.host, a.handle_host))
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = $1::bigint AND b.blocked_id = a.id)
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocked_id = $1::bigint AND b.blocker_id = a.id)),
first_of(actor_id, post_id) AS (
  SELECT h.id, (SELECT q.id FROM post q WHERE q.actor_id = h.id AND {_PUBLISHED} LIMIT 1) FROM heard h),
wanted(actor_id) AS (
  SELECT actor_id FROM first_of WHERE post_id IS NOT NULL ORDER BY post_id {{order}} LIMIT $4::bigint)
SELECT {{post}}, {{actor}} FROM wanted w
{{each}} JOIN actor a ON a.id = p.actor_id
ORDER BY p.id {{order}} LIMIT $4::bigint
"""
