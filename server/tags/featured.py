"""Hashtags that an actor of ours shows on its profile, with how often it wrote about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from models import database
from models.actor import Actor
from models.featured import FeaturedTag
from models.ids import unix_ms_of
from server.errors import Invalid, NotFound

MAX_FEATURED = 10
SUGGESTED = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A hashtag on a profile, with how many open posts of the actor's bear it, and when the last one came."""

    row: FeaturedTag
    posts_count: int = 0
    last_post_on: date | None = None


async def of(actor: Actor) -> list[Shown]:
    """Load the hashtags on a profile, those of which most is written first."""
    rows = await FeaturedTag.filter(actor_id=actor.id).order_by("id")
    totals = await _totals(actor, [row.name for row in rows])
    shown = [Shown(row, *totals.get(row.name, (0, None))) for row in rows]
    return sorted(shown, key=lambda one: (-one.posts_count, one.row.id))


async def _totals(actor: Actor, names: Sequence[str]) -> dict[str, tuple[int, date]]:
    if not names:
        return {}
    rows = await database.select(_TOTALS.format(names=database.placeholders(len(names), 2)), actor.id, *names)
    return {row["name"]: (int(row["total"]), _day(int(row["last"]))) for row in rows}


def _day(post_id: int) -> date:
    return datetime.fromtimestamp(unix_ms_of(post_id) / 1000, UTC).date()


async def is_featured(actor: Actor, name: str) -> bool:
    """Whether an actor shows a hashtag on its profile."""
    return await FeaturedTag.exists(actor_id=actor.id, name=name)


async def feature(actor: Actor, name: str) -> Shown:
    """Show a hashtag, given in its canonical form, on one's profile; a second time changes nothing.

    Raises:
        Invalid: there are enough already.
    """
    row = await FeaturedTag.get_or_none(actor_id=actor.id, name=name)
    if row is None:
        if await FeaturedTag.filter(actor_id=actor.id).count() >= MAX_FEATURED:
            raise Invalid("No more than 10 hashtags can be shown.")
        row, _ = await FeaturedTag.get_or_create(actor_id=actor.id, name=name)
    return Shown(row, *(await _totals(actor, [name])).get(name, (0, None)))


async def unfeature(actor: Actor, name: str) -> None:
    """Show a hashtag no longer; if it is not shown, nothing changes."""
    await FeaturedTag.filter(actor_id=actor.id, name=name).delete()


async def remove(actor: Actor, id_: int) -> None:
    """Show a hashtag no longer, by the id of its row.

    Raises:
        NotFound: there is no such row, or it is another's.
    """
    if not await FeaturedTag.filter(actor_id=actor.id, id=id_).delete():
        raise NotFound("There is no such hashtag on your profile.")


async def suggested(actor: Actor) -> list[str]:
    """Name the hashtags that an actor writes about most, and does not show."""
    return [row["name"] for row in await database.select(_SUGGESTED.format(limit=SUGGESTED), actor.id)]


_TOTALS = """
SELECT t.name, COUNT(*) AS total, MAX(p.id) AS last FROM post p JOIN post_tag t ON t.post_id = p.id
WHERE p.actor_id = $1::bigint AND p.visibility IN ('public', 'unlisted') AND t.name IN ({names}) GROUP BY t.name
"""
_SUGGESTED = """
SELECT t.name, COUNT(*) AS total FROM post p JOIN post_tag t ON t.post_id = p.id
WHERE p.actor_id = $1::bigint AND p.visibility IN ('public', 'unlisted')
AND NOT EXISTS (SELECT 1 FROM featured_tag f WHERE f.actor_id = $1::bigint AND f.name = t.name)
GROUP BY t.name ORDER BY total DESC, t.name LIMIT {limit}
"""
