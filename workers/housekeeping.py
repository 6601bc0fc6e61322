"""Housekeeping in the background: a few seconds every few minutes, in one worker at a time."""

from typing import Any

import structlog

from federation.context import Context
from server.config import Settings
from server.housekeeping.chores import Terms
from server.housekeeping.run import sweep

SECONDS = 5.0

log = structlog.get_logger()


async def keep_house(job: dict[str, Any]) -> None:
    """Delete some of what nobody needs any more; the next call goes on."""
    ctx: Context = job["context"]
    settings: Settings = job["settings"]
    terms = Terms(
        ctx.now(),
        settings.keep_posts_days,
        media=job["media"],
        copy_days=settings.keep_copies_days,
        copy_bytes=settings.max_copies_bytes,
    )
    deleted = await sweep(terms, seconds=SECONDS)
    if any(deleted.values()):
        log.info("housekeeping", **{name.replace(" ", "_"): number for name, number in deleted.items() if number})
