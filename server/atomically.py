"""What is done in several steps and must be done wholly or not at all, whenever the process dies."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from tortoise.transactions import in_transaction

from federation.context import Context, Work
from federation.facts import Fact


@asynccontextmanager
async def atomically(ctx: Context) -> AsyncIterator[Context]:
    """Write rows and submit activities in one transaction, with the context that this gives; no network in it.

    Workers are woken after the commit: one that looked before would find nothing, and not be woken again. So is whoever
    waits for news.
    """
    owed: dict[Work, None] = {}
    untold: list[Sequence[Fact]] = []

    async def remember(work: Work) -> None:
        owed[work] = None

    async def keep(facts: Sequence[Fact]) -> None:
        untold.append(facts)

    async with in_transaction():
        yield replace(ctx, wake=remember, publish=keep)
    if untold:
        await ctx.publish([fact for facts in untold for fact in facts])
    for work in owed:
        await ctx.wake(work)
