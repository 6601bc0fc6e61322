"""What search engines are told of: the pages of sections, of members who agreed to it, and their public posts.

Posts are told of in parts, each of which begins behind the last id of the one before: a part that is full stays as it is.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from models import database
from server.search.public import IS_FOUND

PART_ROWS = 2000
MOST_ACTORS = 5000


class Told(NamedTuple):
    """A page, and when it last changed; None where nobody says."""

    address: str
    changed_at: datetime | None


async def speakers() -> list[tuple[Told, bool]]:
    """List the pages of sections here, and of members who agreed; each with whether it is a section's."""
    rows = await database.select(_SPEAKERS.format(is_found=IS_FOUND, most=MOST_ACTORS))
    return [
        (Told(row["url"], _moment(row["last_post_at"] or row["published_at"])), bool(row["is_group"])) for row in rows
    ]


async def parts() -> list[Told]:
    """List the parts in which posts are told of: the id behind which each begins, and its last change."""
    rows = await database.select(_PARTS.format(is_found=IS_FOUND, most=PART_ROWS))
    ends = [0, *(int(row["last_id"]) for row in rows)]
    return [Told(str(begins), _moment(row["changed_at"])) for begins, row in zip(ends, rows, strict=False)]


async def posts_behind(id_: int) -> list[Told]:
    """List the pages of the public posts behind an id, as many as a part has."""
    rows = await database.select(_POSTS.format(is_found=IS_FOUND, most=PART_ROWS), id_)
    return [Told(row["url"], _moment(row["changed_at"])) for row in rows]


def _moment(value: Any) -> datetime:
    """Read a moment as it comes from either database."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


_SPEAKERS = """
SELECT a.url, a.last_post_at, a.published_at, a.type = 'Group' AS is_group FROM actor a
WHERE a.type IN ('Group', 'Person') AND a.is_discoverable AND a.moved_to_uri IS NULL AND {is_found}
ORDER BY a.id LIMIT {most}
"""
_PARTS = """
SELECT MAX(id) AS last_id, MAX(changed_at) AS changed_at FROM (
  SELECT p.id, COALESCE(p.edited_at, p.published_at) AS changed_at, (ROW_NUMBER() OVER (ORDER BY p.id) - 1) / {most} AS part
  FROM post p JOIN actor a ON a.id = p.actor_id WHERE p.visibility = 'public' AND p.is_local AND {is_found}
) AS told GROUP BY part ORDER BY part
"""
_POSTS = """
SELECT p.url, COALESCE(p.edited_at, p.published_at) AS changed_at FROM post p JOIN actor a ON a.id = p.actor_id
WHERE p.visibility = 'public' AND p.is_local AND {is_found} AND p.id > $1::bigint ORDER BY p.id LIMIT {most}
"""
