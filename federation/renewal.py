"""Asking actors of other servers again who they are, and burying those who are no more."""

from datetime import timedelta

from tortoise.transactions import in_transaction

from federation.actors import refresh
from federation.context import Context
from federation.dereference import Dereferencer, WorkLimits
from federation.errors import FederationError, ObjectGone
from federation.handlers import profile
from models.actor import Actor

STALE_AFTER = timedelta(days=3)
LIMITS = WorkLimits(max_documents=2)


async def renew(actor: Actor, ctx: Context, fetch: Dereferencer) -> None:
    """Ask the home of an actor that was not asked for days; where it does not answer, what we know stands."""
    if actor.is_local or actor.gone_at is not None:
        return
    if actor.fetched_at is None or ctx.now() - actor.fetched_at < STALE_AFTER:
        return
    await _ask(actor, ctx, fetch)


async def bury_if_gone(uri: str, ctx: Context) -> None:
    """Bury an actor of another server if its home says that it is gone for good. Nothing happens to one we never met."""
    if (actor := await Actor.get_or_none(uri=uri, is_local=False, gone_at=None)) is not None:
        await _ask(actor, ctx.for_batch(), Dereferencer(ctx.client, ctx.signer, limits=LIMITS))


async def _ask(actor: Actor, ctx: Context, fetch: Dereferencer) -> None:
    try:
        await refresh(actor.uri, ctx, fetch)
    except ObjectGone as gone:
        if gone.is_permanent:
            async with in_transaction():
                await ctx.react((await profile.bury(actor, ctx)).facts)
    except FederationError:
        return
