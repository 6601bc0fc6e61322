"""Whom a member wants nothing to do with. Only the blocked actor's server is told; nobody is shown who blocked them."""

from collections.abc import Sequence

from federation import pipeline
from federation.activities import build, parse, undo_of
from federation.context import Context
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.moderation import Block
from models.paging import page_of
from server.errors import Conflict


async def block(blocker: Actor, blocked: Actor, ctx: Context) -> None:
    """Want nothing to do with an actor; a second time changes nothing.

    Raises:
        Conflict: one cannot block oneself.
    """
    if blocker.id == blocked.id:
        raise Conflict("You cannot block yourself.")
    if not await Block.exists(blocker_id=blocker.id, blocked_id=blocked.id):
        activity = build("Block", blocker, blocked.uri, uri=ctx.names.new_activity(), to=[blocked.uri])
        await pipeline.submit(activity, acting=blocker, ctx=ctx)


async def unblock(blocker: Actor, blocked: Actor, ctx: Context) -> None:
    """Take a block back; without one nothing changes."""
    if (row := await Block.get_or_none(blocker_id=blocker.id, blocked_id=blocked.id)) is not None:
        said = parse(load((await ActivityRecord.get(uri=row.uri)).document))
        await pipeline.submit(undo_of(said, blocker, uri=ctx.names.new_activity()), acting=blocker, ctx=ctx)


async def blocked_ids(blocker: Actor, other_ids: Sequence[int]) -> set[int]:
    """Tell which of these a member blocks."""
    rows = Block.filter(blocker_id=blocker.id, blocked_id__in=list(other_ids))
    return {int(str(id_)) for id_ in await rows.values_list("blocked_id", flat=True)} if other_ids else set()


async def page(blocker: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None) -> list[Block]:
    """Load a member's own blocks, with whom they `blocked`, newest first: those below `max_id`, or just above `min_id`."""
    rows = Block.filter(blocker_id=blocker.id).select_related("blocked")
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
