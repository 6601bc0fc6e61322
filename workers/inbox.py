"""Performing what the inbox kept, in batches."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from arq.connections import ArqRedis
from tortoise.exceptions import BaseORMException

from federation import pipeline
from federation.activities import parse
from federation.context import Context, Work
from federation.errors import FederationError, RemoteUnavailable
from federation.jsonld import load
from federation.pipeline import Outcome, Submission
from models.inbox import LEASE_SECONDS, InboxMessage
from server.monitoring.metrics import INBOX_PERFORM_SECONDS, count_activity
from server.queue import take_mark

BATCH_ROWS = 100
RENEW_SECONDS = LEASE_SECONDS / 4
MAX_ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 6 * 3600

log = structlog.get_logger()


async def process_inbox(job: dict[str, Any]) -> int:
    """Perform everything that is due; how many messages that was. A full batch wakes another worker to help."""
    ctx: Context = job["context"]
    redis: ArqRedis = job["redis"]
    await take_mark(redis, Work.INBOX)
    count = 0
    while rows := await InboxMessage.claim(job["slot"], ctx.now(), BATCH_ROWS):
        if len(rows) == BATCH_ROWS:
            await ctx.wake(Work.INBOX)
        async with holding(rows, job["slot"], ctx):
            await perform(rows, ctx)
        count += len(rows)
    return count


@asynccontextmanager
async def holding(rows: Sequence[InboxMessage], worker: str, ctx: Context) -> AsyncIterator[None]:
    """Keep the lease of these messages while they are performed, however long their fetches take."""
    keeping = asyncio.create_task(_keep([row.id for row in rows], worker, ctx))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def _keep(ids: Sequence[int], worker: str, ctx: Context) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        try:
            await InboxMessage.renew(ids, worker, ctx.now())
        except BaseORMException as error:  # there is time for another try before the lease runs out
            log.warning("lease cannot be renewed", messages=len(ids), error=repr(error))


async def perform(rows: Sequence[InboxMessage], ctx: Context) -> set[str]:
    """Take messages down the path together; where that breaks, one by one, so that only the culprit waits.

    Returns the uris of the actors whose messages were put off.
    """
    try:
        outcomes = await pipeline.submit_many([_submission(row) for row in rows], ctx)
    except Exception as error:  # noqa: BLE001 - what a stranger's document breaks must not break the others
        if len(rows) == 1:
            _log_failure(rows[0], error)
            return await _retry(rows[0], error, ctx)
        log.warning("batch broken up", messages=len(rows), error=repr(error))
    else:
        return await _settle(rows, outcomes, ctx)
    waiting: set[str] = set()
    for row in rows:
        if row.actor_uri in waiting:
            await _hold([row.id])
        else:
            waiting |= await perform([row], ctx)
    return waiting


def _submission(row: InboxMessage) -> Submission:
    return Submission(parse(load(row.body)), row.actor_uri)


def _type_in(row: InboxMessage) -> str:
    try:
        return _submission(row).activity.type
    except FederationError:
        return ""


async def _settle(rows: Sequence[InboxMessage], outcomes: Sequence[Outcome], ctx: Context) -> set[str]:
    done, held = [], []
    waiting: set[str] = set()
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome.is_held:
            held.append(row.id)
        elif isinstance(outcome.error, RemoteUnavailable):
            waiting |= await _retry(row, outcome.error, ctx)
        else:
            done.append(row.id)
            _count(row, outcome, ctx)
            if outcome.error is not None:
                _log_refusal(row, outcome.error)
    await InboxMessage.filter(id__in=done).delete()
    await _hold(held)
    return waiting


def _count(row: InboxMessage, outcome: Outcome, ctx: Context) -> None:
    result = "refused" if outcome.error is not None else "performed" if outcome.is_new else "known"
    count_activity(outcome.activity.type, result, outcome.error)
    INBOX_PERFORM_SECONDS.observe(max((ctx.now() - row.received_at).total_seconds(), 0.0))


async def _hold(ids: Sequence[int]) -> None:
    """Give messages back untried; they are left alone until the one before them has its turn."""
    if ids:
        held: Any = InboxMessage.filter(id__in=list(ids))
        await held.update(leased_until=None, leased_by=None)


def _log_refusal(row: InboxMessage, error: FederationError) -> None:
    log.info("activity refused", activity=row.activity_uri, why=type(error).__name__, error=str(error))


def _log_failure(row: InboxMessage, error: Exception) -> None:
    if isinstance(error, BaseORMException):
        log.warning("activity cannot be written", activity=row.activity_uri, error=repr(error))
    else:
        log.error("activity cannot be performed", activity=row.activity_uri, exc_info=error)


async def _retry(row: InboxMessage, error: Exception, ctx: Context) -> set[str]:
    """Put a message off, longer each time, and drop it after `MAX_ATTEMPTS`; whose message waits now, if it does."""
    row.attempts += 1
    if row.attempts >= MAX_ATTEMPTS:
        log.error("activity given up", activity=row.activity_uri, attempts=row.attempts, error=str(error))
        count_activity(_type_in(row), "given_up", error)
        await InboxMessage.filter(id=row.id).delete()
        return set()
    count_activity(_type_in(row), "put_off", error)
    pause = min(FIRST_PAUSE_SECONDS * 2 ** (row.attempts - 1), LONGEST_PAUSE_SECONDS)
    await InboxMessage.filter(id=row.id).update(
        attempts=row.attempts,
        due_at=ctx.now() + timedelta(seconds=pause),
        last_error=repr(error)[:1000],
        leased_until=None,
        leased_by=None,
    )
    return {row.actor_uri}
