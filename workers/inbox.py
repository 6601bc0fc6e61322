"""Performing what the inbox kept, in batches. What needs another server first waits for it aside (workers/aside.py)."""

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
from models.turns import Turns
from server.monitoring.metrics import INBOX_PERFORM_SECONDS, count_activity
from server.queue import take_mark
from workers.aside import Aside, Turn

BATCH_ROWS = 100
RENEW_SECONDS = LEASE_SECONDS / 4
MAX_ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 15
LONGEST_PAUSE_SECONDS = 6 * 3600
CROWDED_SECONDS = 5

log = structlog.get_logger()


async def process_inbox(job: dict[str, Any]) -> int:
    """Perform everything that is due; how many messages that was. A full batch wakes another worker to help.

    Where this process does so already, it is made to look again.
    """
    redis: ArqRedis = job["redis"]
    inbox: Inbox = job["inbox"]
    await take_mark(redis, Work.INBOX)
    return await inbox.serve(job["context"])


class Inbox:
    """The messages that one process is performing: one job does, however many are started."""

    def __init__(self, slot: str) -> None:
        self._slot = slot
        self._turns = Turns()
        self._aside = Aside(self._fetch_and_perform)
        self._news = asyncio.Event()
        self._is_served = False

    async def serve(self, ctx: Context) -> int:
        """Serve until nothing is due and nothing waits aside; return at once if another call does so."""
        self._news.set()
        if self._is_served:
            return 0
        self._is_served = True
        count = 0
        try:
            while self._news.is_set():
                self._news.clear()
                count += await self._perform_due(ctx)
                await self._aside.wait(self._news)
        finally:
            self._is_served = False
            await self._aside.close()
        return count

    async def _perform_due(self, ctx: Context) -> int:
        count = 0
        while rows := await InboxMessage.claim(self._slot, ctx.now(), BATCH_ROWS, self._turns):
            if len(rows) == BATCH_ROWS:
                await ctx.wake(Work.INBOX)
            async with holding(rows, self._slot, ctx):
                lacking: list[InboxMessage] = []
                await perform(rows, ctx, lacking)
            surplus = self._aside.take(lacking, ctx)
            await _put_off([row.id for row in surplus], ctx)
            count += len(rows) - len(surplus)
        return count

    async def _fetch_and_perform(self, rows: Sequence[InboxMessage], ctx: Context, turn: Turn) -> None:
        async with holding(rows, self._slot, ctx), turn:
            await perform(rows, ctx)


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


async def perform(rows: Sequence[InboxMessage], ctx: Context, lacking: list[InboxMessage] | None = None) -> set[str]:
    """Take messages down the path together; where that breaks, one by one, so that only the culprit waits.

    Those that need something from another server first are added to `lacking`, still leased; without it, it is fetched.
    Returns the uris of the actors whose messages were put off, or need something.
    """
    try:
        outcomes = await pipeline.submit_many([_submission(row) for row in rows], ctx, fetches=lacking is None)
    except Exception as error:  # noqa: BLE001 - what a stranger's document breaks must not break the others
        if len(rows) == 1:
            _log_failure(rows[0], error)
            return await _retry(rows[0], error, ctx)
        log.warning("batch broken up", messages=len(rows), error=repr(error))
    else:
        return await _settle(rows, outcomes, ctx, lacking)
    waiting: set[str] = set()
    for row in rows:
        if row.actor_uri in waiting:
            await _hold([row.id])
        else:
            waiting |= await perform([row], ctx, lacking)
    return waiting


def _submission(row: InboxMessage) -> Submission:
    return Submission(parse(load(row.body)), row.actor_uri)


def _type_in(row: InboxMessage) -> str:
    try:
        return _submission(row).activity.type
    except FederationError:
        return ""


async def _settle(
    rows: Sequence[InboxMessage], outcomes: Sequence[Outcome], ctx: Context, lacking: list[InboxMessage] | None
) -> set[str]:
    done, held = [], []
    waiting: set[str] = set()
    for row, outcome in zip(rows, outcomes, strict=True):
        if outcome.is_held:
            held.append(row.id)
        elif outcome.is_lacking and lacking is not None:
            lacking.append(row)
            waiting.add(row.actor_uri)
        elif isinstance(outcome.error, RemoteUnavailable):
            waiting |= await _retry(row, outcome.error, ctx)
        else:
            done.append(row.id)
            _count(row, outcome, ctx)
            if outcome.error is not None:
                _log_refusal(row, outcome.error)
    await InboxMessage.forget(done)
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


async def _put_off(ids: Sequence[int], ctx: Context) -> None:
    """Give messages back untried for a little while; those of their actors that came later wait with them."""
    if ids:
        held: Any = InboxMessage.filter(id__in=list(ids))
        due_at = ctx.now() + timedelta(seconds=CROWDED_SECONDS)
        await held.update(leased_until=None, leased_by=None, due_at=due_at)


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
