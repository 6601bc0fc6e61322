"""What the page of an event shows besides the post: the report, whether one may still say to come."""

from datetime import datetime
from typing import Any

from models.actor import Actor
from models.event import JoinMode
from server.events.queries import EventView
from server.posts import queries
from server.posts.queries import PostView


async def report_of(held: EventView, viewer: Actor | None) -> PostView | None:
    """Load the post that says afterwards how it was, if there is one that the viewer may read."""
    id_ = held.event.report_id
    return await queries.one(id_, viewer) if id_ is not None else None


def standing(held: EventView, now: datetime) -> dict[str, Any]:
    """Tell whether an event is over, and whether one says here that one comes: it takes place, and is joined by asking."""
    event = held.event
    is_over = event.ends_at <= now
    is_asked = event.takes_place and event.join_mode not in (JoinMode.NONE, JoinMode.EXTERNAL)
    return {"is_over": is_over, "takes_people": is_asked and not is_over}
