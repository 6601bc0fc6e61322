"""What is done in several steps and must be done wholly or not at all, whenever the process dies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tortoise.transactions import in_transaction

from federation.context import Context, Work


@asynccontextmanager
async def atomically(ctx: Context) -> AsyncIterator[Context]:
    """Write rows and submit activities in one transaction, with the context that this gives; no network in it.

    Workers are woken after the commit: one that looked before would find nothing, and not be woken again.
    """
    owed: dict[Work, None] = {}

    async def remember(work: Work) -> None:
        owed[work] = None

    async with in_transaction():
        yield replace(ctx, wake=remember)
    for work in owed:
        await ctx.wake(work)
