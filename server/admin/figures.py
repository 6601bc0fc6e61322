"""Figures of this server as a whole: which others it knows, and how much is written here from week to week."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models import database
from models.actor import Actor
from models.ids import first_id_at

WEEKS = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """How many open posts were published here in a week that began at this moment, and how many came to live here."""

    began_at: datetime
    posts: int
    newcomers: int


async def known_hosts() -> list[str]:
    """Name the servers of which somebody is known here, but those that are blocked."""
    rows = Actor.filter(is_local=False, blocked_at=None, gone_at=None).distinct().order_by("host")
    return [str(host) for host in await rows.values_list("host", flat=True)]


async def weeks(now: datetime) -> list[Week]:
    """Count the last weeks, from Monday to Monday in UTC, the one that is not over first."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    first = monday - (WEEKS - 1) * WEEK
    posts, newcomers = [await _by_week(sql, first) for sql in (_POSTS, _NEWCOMERS)]
    numbers = range(WEEKS - 1, -1, -1)
    return [Week(first + number * WEEK, posts.get(number, 0), newcomers.get(number, 0)) for number in numbers]


async def _by_week(sql: str, first: datetime) -> dict[int, int]:
    """Count rows by the week in which they began, which their ids say."""
    begin = first_id_at(first)
    rows = await database.select(sql, begin, first_id_at(first + WEEK) - begin)
    return {int(row["week"]): int(row["total"]) for row in rows}


_POSTS = """
SELECT (p.id - $1::bigint) / $2::bigint AS week, COUNT(*) AS total FROM post p
WHERE p.visibility IN ('public', 'unlisted') AND p.is_local AND p.id >= $1::bigint GROUP BY 1
"""
_NEWCOMERS = """
SELECT (m.id - $1::bigint) / $2::bigint AS week, COUNT(*) AS total FROM member m WHERE m.id >= $1::bigint GROUP BY 1
"""
