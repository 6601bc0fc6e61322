"""Giving the places of somebody who is gone for good to those who wait for them."""

from collections.abc import Sequence

from federation import attendance
from federation.context import Context
from federation.facts import ActorGone
from federation.handlers import participation as handler
from models.errand import Errand, ErrandType
from models.post import Post
from server.atomically import atomically
from server.events.telling import follow_up


async def on_gone(facts: Sequence[ActorGone]) -> None:
    """Have a worker look at every event of ours to which somebody comes no more."""
    for fact in facts:
        if (gone_at := fact.actor.gone_at) is not None:
            for uri in fact.event_uris:
                await Errand.ask_anew(ErrandType.MOVE_UP, uri, gone_at)


async def move_up(event_uri: str, ctx: Context) -> None:
    """Let whoever waits for a place of an event come as far as there is room, and tell them."""
    event = await Post.get_or_none(uri=event_uri, is_local=True, type="Event").select_related("actor")
    if event is None or event.actor.gone_at is not None:
        return
    async with atomically(ctx) as whole:
        moved = await attendance.move_up(event, whole)
        await follow_up(await handler.moved_up(moved, event, whole.for_batch()), event, whole)
