"""What our actors owe to others, read from the rows."""

from typing import Any

from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery


async def sent_by(actor: Actor) -> list[dict[str, Any]]:
    """The activities of an actor of ours that are owed to anybody, oldest first."""
    owed = {row.activity_id for row in await Delivery.filter(sender_id=actor.id)}
    return [load(row.document) for row in await ActivityRecord.filter(id__in=list(owed)).order_by("id")]


async def inboxes(activity_type: str) -> list[str]:
    """The inboxes that activities of a type are owed to, sorted."""
    return sorted([row.inbox_uri for row in await Delivery.filter(activity__type=activity_type)])
