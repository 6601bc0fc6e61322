"""What follows from an answer that came by no activity: others are told just as if it had."""

from federation import pipeline
from federation.context import Context
from federation.handlers.handler import Effects
from models.post import Post


async def follow_up(effects: Effects, event: Post, ctx: Context) -> None:
    """React to what is now true, and send what an event of ours answers; its `actor` must be loaded."""
    await ctx.react(effects.facts)
    for reply in effects.replies:
        await pipeline.submit(reply, acting=event.actor, ctx=ctx)
