"""How far a member has read: their apps tell each other through these."""

from collections.abc import Collection, Mapping
from datetime import datetime

from tortoise.expressions import F

from models.actor import Actor
from models.marker import MarkedTimeline, Marker


async def of(actor: Actor, timelines: Collection[MarkedTimeline]) -> list[Marker]:
    """Load how far a member has read of these timelines; those never marked are left out."""
    return await Marker.filter(actor_id=actor.id, timeline__in=list(timelines)) if timelines else []


async def last_read(actor: Actor, timeline: MarkedTimeline) -> int:
    """Give the id of the last thing that a member has read of a timeline; 0 for one never marked."""
    found = await of(actor, [timeline])
    return found[0].last_read_id if found else 0


async def mark(actor: Actor, read: Mapping[MarkedTimeline, int], now: datetime) -> list[Marker]:
    """Write how far a member has read; of two apps that do so at once each is counted."""
    for timeline, last_read_id in read.items():
        how = {"last_read_id": last_read_id, "updated_at": now}
        _, is_new = await Marker.get_or_create(how, actor_id=actor.id, timeline=timeline)
        if not is_new:
            rows = Marker.filter(actor_id=actor.id, timeline=timeline)
            await rows.update(**how, version=F("version") + 1)
    return await of(actor, read.keys())
