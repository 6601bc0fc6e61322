"""Sending a document down the one path, as if its actor had signed it."""

from typing import Any

from federation import pipeline
from federation.activities import parse
from federation.context import Context
from federation.pipeline import Outcome
from models.actor import Actor


async def submit(document: dict[str, Any], acting: Actor, ctx: Context) -> Outcome:
    """Submit one activity.

    Raises:
        FederationError: it was refused.
    """
    return await pipeline.submit(parse(document), acting=acting, ctx=ctx)
