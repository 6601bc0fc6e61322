"""The agenda: events in the order in which they take place, of a section, of this server, of what somebody follows, near a
place, of a kind, with some words.

Statements are written by hand, so that each begins with an index: there may be tens of thousands of events.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import NamedTuple

from tortoise.expressions import Subquery

from models import database, search, shown
from models.actor import Actor
from models.event import Event, EventKind, OrganisingState
from models.follow import FollowState
from models.growing import Growing
from models.post import Post
from models.rows import padded
from models.search import Found
from server.events import queries
from server.posts.queries import PostView
from server.posts.queries import views as posts_whole

MAX_ROUNDS = 5
KM_A_DEGREE = 111.2
LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Near:
    """A circle on the map: degrees, and kilometres around; `postal_codes` are those in it, for places without a point."""

    latitude: float
    longitude: float
    kilometres: float
    postal_codes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: those that begin in a time (`since` is counted in, `until` is not), and all that is said besides.

    `organiser` is in whose agenda they stand; `is_here` leaves out what no section of this server organises;
    `followed_by` leaves out what that member neither follows nor belongs to. `words` are looked for without accents, the
    last letters left out.
    """

    since: datetime
    until: datetime | None = None
    organiser: Actor | None = None
    is_here: bool = False
    followed_by: Actor | None = None
    near: Near | None = None
    kind: EventKind | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the agenda begins: behind the event that starts at this moment and has this id."""

    starts_at: datetime
    id: int


async def page(wanted: Wanted, viewer: Actor | None, *, limit: int, after: Place | None = None) -> list[PostView]:
    """Load the next events that the viewer may read, as they follow each other in time. None is the public.

    The public is shown what is public; what is unlisted, for followers or for members stands in no list that others see.
    Of an event that two organisers announce in the same words the first counts. Of each post its author, its event and its
    pictures are loaded.
    """
    coming, _ = await _read(wanted, viewer, limit=limit, after=after)
    return await _shown(coming, viewer)


async def opening(
    wanted: Wanted, viewer: Actor | None, *, limit: int, limit_going_on: int
) -> tuple[list[PostView], list[PostView]]:
    """Load what goes on already and the first page of what is to come, each as `going_on` and `page` do, in one go."""
    lasting = await _lasting(wanted, viewer, limit=limit_going_on)
    coming, besides = await _read(wanted, viewer, limit=limit, besides=lasting)
    shown = await _shown([*besides, *coming], viewer)
    ids = {event.post_id for event in besides}
    return [view for view in shown if view.post.id in ids], [view for view in shown if view.post.id not in ids]


async def whole(wanted: Wanted, *, limit: int) -> list[PostView]:
    """Load what the public is shown of all that goes on or is to come, as the events follow each other in time.

    Of each post everything is loaded that is shown of one.
    """
    lasting = await _lasting(wanted, None, limit=limit)
    coming, besides = await _read(wanted, None, limit=limit, besides=lasting)
    return await posts_whole([event.post for event in (*reversed(besides), *coming)][:limit])


async def _lasting(wanted: Wanted, viewer: Actor | None, *, limit: int) -> list[int]:
    rows = await _rows(wanted, is_public=viewer is None, limit=limit, after=None, are_going_on=True)
    return [row.id for row in rows]


async def _read(
    wanted: Wanted, viewer: Actor | None, *, limit: int, after: Place | None = None, besides: Sequence[int] = ()
) -> tuple[list[Event], list[Event]]:
    """Read the events of a page, and those with the ids `besides`, as far as they are for the viewer."""
    found: list[Event] = []
    read: list[Event] = []
    told: dict[tuple[str, datetime, str], int] = {}
    for round_ in range(MAX_ROUNDS):
        rows = await _rows(wanted, is_public=viewer is None, limit=limit + 1, after=after)
        events = await _readable([*(besides if round_ == 0 else ()), *(row.id for row in rows)], viewer)
        read += [events[id_] for id_ in besides if id_ in events]
        readable = [row for row in rows if row.id in events]
        found += [events[row.id] for row in readable if told.setdefault(row.twin, row.organiser_id) == row.organiser_id]
        if len(found) >= limit or len(rows) <= limit:
            break
        after = Place(rows[-1].starts_at, rows[-1].id)
    return found[:limit], read


async def _shown(rows: Sequence[Event], viewer: Actor | None) -> list[PostView]:
    held = await queries.of_events(rows, viewer)
    pictures = await shown.attachments(padded(held)) if held else {}
    return [
        PostView(
            row.post,
            attachments=[] if row.post.actor.is_media_rejected else pictures.get(row.post_id, []),
            event=held[row.post_id],
        )
        for row in rows
    ]


async def _readable(ids: Sequence[int], viewer: Actor | None) -> dict[int, Event]:
    """Load those of these events that the viewer may read, by id, with all that `queries.of_events` asks for."""
    if not ids:
        return {}
    rows = Event.filter(post_id__in=padded(dict.fromkeys(ids)))
    if viewer is not None:
        visible = Post.visible_to(viewer).filter(id__in=padded(dict.fromkeys(ids)))
        rows = rows.filter(post_id__in=Subquery(visible.values("id")))
    found = await rows.select_related("place", "series", "organiser", "post__actor")
    return {event.post_id: event for event in found}


class _Row(NamedTuple):
    """What is read of an event before it is known whether the viewer may read it."""

    id: int
    starts_at: datetime
    organiser_id: int
    title: str
    place: str | None

    @property
    def twin(self) -> tuple[str, datetime, str]:
        """What it has in common with the same event on another server: WordPress and Gancio repeat each other's."""
        return search.folded(self.title), self.starts_at, search.folded(self.place or "")


async def _rows(
    wanted: Wanted, *, is_public: bool, limit: int, after: Place | None, are_going_on: bool = False
) -> list[_Row]:
    query = Growing()
    if are_going_on:
        query.where(f"e.ends_at > {query.value(wanted.since, '::timestamptz')}")
        query.where(f"e.starts_at < {query.value(wanted.since, '::timestamptz')}")
    else:
        _begins(query, wanted, after)
    if is_public:
        query.where("p.visibility = 'public' AND NOT a.is_silenced")
    else:
        query.where("p.visibility NOT IN ('direct', 'unlisted')")
    _of(query, wanted)
    _near(query, wanted.near)
    if wanted.kind is not None:
        query.where(f"e.kind = {query.value(wanted.kind.value)}")
    if (matching := search.matching(Found.EVENT, wanted.words, len(query.values) + 1)) is not None:
        query.values += matching[1]
        query.where(f"e.id IN ({matching[0]})")
    order = "e.starts_at DESC, e.id DESC" if are_going_on else "e.starts_at, e.id"
    sql = _AGENDA.format(conditions=" AND ".join(query.conditions), order=order, limit=limit)
    return [_Row(*row) for row in await database.select(sql, *query.values)]


def _begins(query: Growing, wanted: Wanted, after: Place | None) -> None:
    since = max(wanted.since, after.starts_at) if after is not None else wanted.since
    query.where(f"e.starts_at >= {query.value(since, '::timestamptz')}")
    if after is not None:
        moment, id_ = query.value(after.starts_at, "::timestamptz"), query.value(after.id, "::bigint")
        query.where(f"(e.starts_at > {moment} OR e.id > {id_})")
    if wanted.until is not None:
        query.where(f"e.starts_at < {query.value(wanted.until, '::timestamptz')}")


def _of(query: Growing, wanted: Wanted) -> None:
    """Keep to one section's agenda, to this server's, or to what somebody follows and belongs to."""
    if wanted.organiser is not None:
        organiser, accepted = query.value(wanted.organiser.id, "::bigint"), query.value(OrganisingState.ACCEPTED.value)
        query.where(_ORGANISED.format(organiser=organiser, accepted=accepted))
    if wanted.is_here:
        query.where(_HERE.format(accepted=query.value(OrganisingState.ACCEPTED.value)))
    if wanted.followed_by is not None:
        member, state = query.value(wanted.followed_by.id, "::bigint"), query.value(FollowState.ACCEPTED.value)
        query.where(_FOLLOWED.format(member=member, state=state))


def _near(query: Growing, near: Near | None) -> None:
    """Keep to a circle. A box comes first, which an index finds; within it the earth is flat."""
    if near is None:
        return
    high = near.kilometres / KM_A_DEGREE
    shrinks = max(cos(radians(near.latitude)), 0.01)
    wide = high / shrinks
    south, north = query.value(near.latitude - high, "::float"), query.value(near.latitude + high, "::float")
    west, east = query.value(near.longitude - wide, "::float"), query.value(near.longitude + wide, "::float")
    box = f"l.latitude BETWEEN {south} AND {north} AND l.longitude BETWEEN {west} AND {east}"
    latitude, longitude = query.value(near.latitude, "::float"), query.value(near.longitude, "::float")
    narrow, radius = query.value(shrinks, "::float"), query.value(high, "::float")
    up, aside = f"(l.latitude - {latitude})", f"((l.longitude - {longitude}) * {narrow})"
    circle = f"{box} AND {up} * {up} + {aside} * {aside} <= {radius} * {radius}"
    if not near.postal_codes:
        query.where(circle)
        return
    codes = ", ".join(query.value(code) for code in near.postal_codes)
    query.where(f"(({circle}) OR ({_POINTLESS} AND l.postal_code IN ({codes})))")


_HERE = """
(p.is_local OR EXISTS (
  SELECT 1 FROM organising o JOIN actor s ON s.id = o.section_id
  WHERE o.event_id = e.id AND o.state = {accepted} AND s.is_local))
"""

_ORGANISED = """
(e.organiser_id = {organiser}
 OR e.id IN (SELECT o.event_id FROM organising o WHERE o.section_id = {organiser} AND o.state = {accepted}))
"""

_POINTLESS = "l.latitude IS NULL AND l.country IN ('', 'France', 'FR')"

_FOLLOWED = """
(e.organiser_id = {member}
 OR e.organiser_id IN (SELECT followed_id FROM follow WHERE follower_id = {member} AND state = {state})
 OR e.organiser_id IN (SELECT group_id FROM membership WHERE member_id = {member} AND state = 'accepted'))
"""

_AGENDA = """
SELECT e.id, e.starts_at, e.organiser_id, p.title, l.name AS place
FROM event e JOIN post p ON p.id = e.post_id JOIN actor a ON a.id = p.actor_id LEFT JOIN place l ON l.id = e.place_id
WHERE {conditions} AND NOT a.is_suspended AND a.blocked_at IS NULL AND a.gone_at IS NULL
ORDER BY {order} LIMIT {limit}
"""
