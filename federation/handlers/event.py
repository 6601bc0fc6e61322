"""The life of what only an event has: kept with its post, and changed with it.   Source: Mobilizon; FEP-8a8e."""

from typing import Any

from federation import sanitise
from federation.activities import Activity
from federation.context import Context
from federation.jsonld import uris_of
from federation.objects.event import ReadEvent
from federation.uris import same_origin
from models import search
from models.actor import Actor
from models.event import Event, EventSeries, Place, Shift
from models.ids import new_id
from models.post import Post
from models.search import Found

# What people must be told of, who said that they come: then it is another edition of the event (RFC 5545 SEQUENCE).
TELLING = frozenset({"status", "starts_at", "ends_at", "timezone", "is_all_day", "place_id", "online_url"})
COUNTED = ("participants_count", "remaining_places")  # what is ours is counted here, and nobody tells us


def author_of(activity: Activity, ctx: Context) -> Actor:
    """Name whose a created post is: the actor's; of an event, the group's in whose name somebody of its server acts.

    Source: Mobilizon (`actor` is a person, `attributedTo` a group)
    """
    actor = ctx.known.actor(activity.actor_uri)
    named = uris_of((activity.object or {}).get("attributedTo"))
    if actor.is_local or activity.object_type != "Event" or actor.uri in named:
        return actor
    groups = (ctx.known.actors.get(uri) for uri in named if same_origin(uri, actor.uri))
    return next((group for group in groups if group is not None and group.is_group), actor)


def is_moderated_by(actor_uri: str, post: Post) -> bool:
    """Whether somebody may change another server's event because it is a group's of their server.   Source: Mobilizon"""
    is_of_group = post.actor.is_group or post.group_id is not None
    return post.type == "Event" and not post.is_local and is_of_group and same_origin(actor_uri, post.uri)


async def keep(post: Post, read: ReadEvent, ctx: Context) -> None:
    """Write the rows of a new event, which bears the id of its post."""
    columns = await _columns(post, read, ctx)
    event = await Event.create(id=post.id, post=post, organiser_id=post.group_id or post.actor_id, **columns)
    await Shift.bulk_create([_shift(event, row, ctx) for row in _rows(post, read)])
    await index(post, read)


async def index(post: Post, read: ReadEvent) -> None:
    """Have an event found by what its post says, and by where it is."""
    place = read.location.place or {}
    where = (place.get(name) for name in ("name", "street", "postal_code", "locality"))
    words = [post.title, sanitise.plain_text(post.content_html), *where]
    await search.put(Found.EVENT, post.id, " ".join(word for word in words if word))


async def change(post: Post, read: ReadEvent | None, ctx: Context) -> frozenset[str]:
    """Change an event to what is read of it now; the names of the columns that changed, "shifts" among them.

    One that no longer says when it begins stays as it was.
    """
    if read is None:
        return frozenset()
    event = await Event.get_or_none(post_id=post.id)
    if event is None:
        await keep(post, read, ctx)
        return frozenset({"starts_at"})
    wanted = await _columns(post, read, ctx)
    changed = {name: value for name, value in wanted.items() if getattr(event, name) != value}
    if not TELLING.isdisjoint(changed):
        changed["sequence"] = event.sequence + 1
    if changed:
        await event.update_from_dict(changed).save(update_fields=list(changed))
    return frozenset(changed) | await _change_shifts(event, _rows(post, read), ctx)


async def _columns(post: Post, read: ReadEvent, ctx: Context) -> dict[str, Any]:
    place, series = await _place(post, read, ctx), await _series(post, read, ctx)
    columns = read.columns | {"place_id": place and place.id, "series_id": series and series.id}
    return {name: value for name, value in columns.items() if not (post.is_local and name in COUNTED)}


async def _place(post: Post, read: ReadEvent, ctx: Context) -> Place | None:
    """Keep where it takes place, as its home describes it now."""
    if read.location.place is None:
        return None
    parts = dict(read.location.place)
    uri = parts.pop("uri")
    own = {"id": ctx.names.place_id(uri) or new_id(), "owner_id": post.actor_id} if post.is_local else {}
    place, is_new = await Place.get_or_create(parts | own, uri=uri)
    changed = {name: value for name, value in parts.items() if getattr(place, name) != value}
    if changed and not is_new:
        await place.update_from_dict(changed).save(update_fields=list(changed))
    return place


async def _series(post: Post, read: ReadEvent, ctx: Context) -> EventSeries | None:
    if read.series_uri is None:
        return None
    columns = {"id": ctx.names.series_id(read.series_uri) or new_id(), "organiser_id": post.group_id or post.actor_id}
    series, _ = await EventSeries.get_or_create(columns, uri=read.series_uri)
    return series


def _rows(post: Post, read: ReadEvent) -> list[dict[str, Any]]:
    return [row | ({"remaining_places": None} if post.is_local else {}) for row in read.shifts]


def _shift(event: Event, row: dict[str, Any], ctx: Context) -> Shift:
    return Shift(id=ctx.names.shift_id(row["uri"]) or new_id(), event=event, **row)


async def _change_shifts(event: Event, rows: list[dict[str, Any]], ctx: Context) -> frozenset[str]:
    """Bring the shifts of an event to what is read now; those that are kept keep who does them."""
    held = {shift.uri: shift for shift in await Shift.filter(event_id=event.id)}
    wanted = {row["uri"]: row for row in rows}
    is_changed = False
    for uri, shift in held.items():
        if uri not in wanted:
            await shift.delete()
            is_changed = True
            continue
        changed = {name: value for name, value in wanted[uri].items() if getattr(shift, name) != value}
        if changed:
            await shift.update_from_dict(changed).save(update_fields=list(changed))
            is_changed = True
    new = [_shift(event, row, ctx) for uri, row in wanted.items() if uri not in held]
    await Shift.bulk_create(new)
    return frozenset({"shifts"}) if is_changed or new else frozenset()
