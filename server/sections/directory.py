"""The sections that this server knows: its own, then those that they follow, with where they are and what they do next.

Groups alone stand in it. Whom members follow, and who belongs, is nobody's business: a section of another server is known
because one of ours follows it, which its page shows, too.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, hypot, radians
from typing import Any, NamedTuple

import orjson

from models import database, search
from models.actor import Actor
from models.rows import in_list, padded
from server.events.queries import views as events_of
from server.places import communes
from server.places.communes import KM_A_DEGREE, Commune
from server.posts.queries import PostView, readable

MOST = 2000


class Point(NamedTuple):
    """A place on the map, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Known:
    """A section, before it is loaded. `place` and `point` are its own, or those of what it last announced; '' and None
    where nobody knows. `kilometres` are those from where somebody asked."""

    id: int
    name: str
    handle: str
    is_local: bool
    is_main: bool = False
    place: str = ""
    point: Point | None = None
    kilometres: float | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A section as the directory shows it; `next_event` is loaded with its event and its author."""

    known: Known
    actor: Actor
    next_event: PostView | None


async def known(words: str = "", near: Commune | None = None) -> list[Known]:
    """Find sections by what they are called and where they are: the nearest first, else ours, the main one before all.

    Accents and capitals do not count, nor do the last letters of a word.
    """
    asked = search.words_of(words)
    found = [row for row in await _all() if asked.is_empty or asked.fit(f"{row.name} {row.handle} {row.place}")]
    if near is not None:
        centre = Point(near.latitude, near.longitude)
        found = [row if row.point is None else replace(row, kilometres=distance(centre, row.point)) for row in found]
    return sorted(found, key=_order)


def _order(row: Known) -> tuple[bool, float, bool, bool, str]:
    return row.kilometres is None, row.kilometres or 0.0, not row.is_main, not row.is_local, search.folded(row.name)


def distance(one: Point, other: Point) -> float:
    """Tell how many kilometres are between two places; over the distances of a country the earth is flat enough."""
    shrinks = cos(radians((one.latitude + other.latitude) / 2))
    aside = (one.longitude - other.longitude) * shrinks
    return hypot(one.latitude - other.latitude, aside) * KM_A_DEGREE


async def listed(rows: Collection[Known], now: datetime) -> list[Listed]:
    """Load what is shown of some sections, in their order."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    actors = {actor.id: actor for actor in await Actor.filter(id__in=ids)}
    events = await _next_events(ids, now)
    return [Listed(row, actors[row.id], events.get(row.id)) for row in rows if row.id in actors]


async def elsewhere(handle: str) -> Actor | None:
    """Find a section of another server in the directory by its handle, user@host; None where it is not in there."""
    name, _, host = handle.lower().partition("@")
    rows = await database.select(f"{_SECTIONS} AND lower(a.username) = $1 AND a.handle_host = $2 LIMIT 1", name, host)
    return await Actor.get(id=rows[0]["id"]) if rows and host else None


async def _all() -> list[Known]:
    rows = await database.select(f"{_SECTIONS} ORDER BY a.id LIMIT {MOST}")
    announced = await _last_places([row["id"] for row in rows if not row["is_local"]])
    return [await _known(row, announced) for row in rows]


async def _known(row: Mapping[str, Any], announced: Mapping[int, tuple[str, Point | None]]) -> Known:
    handle = f"{row['username']}@{row['handle_host']}" if row["handle_host"] else row["username"]
    plain = Known(
        row["id"], row["display_name"] or row["username"], handle, bool(row["is_local"]), bool(row["is_main"])
    )
    if not plain.is_local:
        place, point = announced.get(plain.id, ("", None))
        return replace(plain, place=place, point=point)
    return replace(plain, place=row["place"] or "", point=await _own_point(row))


async def _own_point(row: Mapping[str, Any]) -> Point | None:
    """Tell where a section of ours is: where it says, else at the town hall of its first commune or of its place."""
    if row["latitude"] is not None and row["longitude"] is not None:
        return Point(row["latitude"], row["longitude"])
    for code in _codes(row["insee_codes"]):
        if (commune := await communes.of_code(code)) is not None:
            return Point(commune.latitude, commune.longitude)
    return await _only_one(row["place"] or "")


async def _only_one(name: str) -> Point | None:
    """Tell where the commune of a name is, if there is but one of that name."""
    folded = communes.folded(name)
    named = [commune for commune in await communes.find(name) if folded in _names(commune)] if folded else []
    return Point(named[0].latitude, named[0].longitude) if len(named) == 1 else None


def _names(commune: Commune) -> Iterable[str]:
    whole = communes.folded(commune.name)
    return (whole, *(whole.removeprefix(article) for article in communes.ARTICLES if whole.startswith(article)))


def _codes(column: Any) -> list[str]:
    """Read a column of JSON as it comes from either database."""
    read = orjson.loads(column) if isinstance(column, str) else column
    return [code for code in read if isinstance(code, str)] if isinstance(read, list) else []


async def _last_places(ids: list[int]) -> dict[int, tuple[str, Point | None]]:
    """Tell where sections of other servers last invited everybody to, by their ids."""
    if not ids:
        return {}
    wanted = padded(ids)
    rows = await database.select(_LAST_PLACES.format(ids=in_list(wanted)), *wanted)
    return {row["organiser_id"]: (row["locality"] or row["name"], await _point_of(row)) for row in rows}


async def _point_of(row: Mapping[str, Any]) -> Point | None:
    if row["latitude"] is not None and row["longitude"] is not None:
        return Point(row["latitude"], row["longitude"])
    if row["postal_code"] and (found := await communes.find(row["postal_code"], 1)):
        return Point(found[0].latitude, found[0].longitude)
    return None


async def _next_events(ids: list[int], now: datetime) -> dict[int, PostView]:
    """Load what each of these sections invites everybody to next, by its id."""
    wanted = padded(ids)
    moment = f"${len(wanted) + 1}::timestamptz"
    rows = await database.select(_NEXT_EVENTS.format(ids=in_list(wanted), now=moment), *wanted, now)
    post_ids = [row["post_id"] for row in rows]
    posts, events = await readable(post_ids, None), await events_of(post_ids)
    return {
        row["organiser_id"]: PostView(posts[row["post_id"]], event=events[row["post_id"]])
        for row in rows
        if row["post_id"] in posts and row["post_id"] in events
    }


_SECTIONS = """
SELECT a.id, a.username, a.display_name, a.handle_host, a.is_local,
       s.is_main, s.place, s.latitude, s.longitude, s.insee_codes
FROM actor a LEFT JOIN section s ON s.actor_id = a.id
WHERE a.type = 'Group' AND a.is_discoverable AND a.gone_at IS NULL AND a.moved_to_uri IS NULL
AND NOT a.is_suspended AND NOT a.is_silenced AND a.blocked_at IS NULL
AND (a.is_local OR EXISTS (
  SELECT 1 FROM follow f JOIN actor o ON o.id = f.follower_id
  WHERE f.followed_id = a.id AND f.state = 'accepted' AND o.is_local AND o.type = 'Group' AND o.gone_at IS NULL))
"""
_OF_EACH = """
SELECT * FROM (
  SELECT e.organiser_id, e.post_id, {columns} ROW_NUMBER() OVER (PARTITION BY e.organiser_id ORDER BY {order}) AS nth
  FROM event e JOIN post p ON p.id = e.post_id {more}
  WHERE e.organiser_id IN {{ids}} AND p.visibility = 'public' {where}) AS ranked
WHERE nth = 1
"""
_LAST_PLACES = _OF_EACH.format(
    columns="l.name, l.locality, l.postal_code, l.latitude, l.longitude,",
    order="e.starts_at DESC, e.id DESC",
    more="JOIN place l ON l.id = e.place_id",
    where="",
)
_NEXT_EVENTS = _OF_EACH.format(
    columns="", order="e.starts_at, e.id", more="", where="AND e.starts_at >= {now} AND e.status <> 'cancelled'"
)
