"""Telling clients that are not open what their members were told: rows say what is owed, so a restart loses nothing."""

import asyncio
from typing import Any

from federation.context import Context, Work
from models.push import Push
from server.push import actions, sending
from server.queue import take_mark

AT_ONCE = 16


async def push_all(job: dict[str, Any]) -> None:
    """Find out what is to be pushed and push it, until nothing is due. A service that hangs holds up a few others only."""
    ctx: Context = job["context"]
    await take_mark(job["redis"], Work.PUSH)
    while await actions.plan(ctx.now()):
        pass
    while ids := await Push.claim(ctx.now(), AT_ONCE):
        await asyncio.gather(*(sending.send(id_, ctx) for id_ in ids))
