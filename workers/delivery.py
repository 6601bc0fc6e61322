"""Delivering what is owed: a lane for each host, many hosts at once, so that a slow host holds up only itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import structlog
from arq.connections import ArqRedis

from federation import delivery
from federation.context import Context, Work
from federation.delivery import Stumbled
from federation.errors import FederationError, NotAuthorised, ObjectGone, RejectedByPolicy, RemoteUnavailable
from federation.follower_digests import Digests
from federation.policy import blocked_hosts
from models.delivery import DELIVER_FOR, Delivery
from models.host import Host
from server.group_commit import GroupCommit
from server.monitoring.metrics import DELIVERY_SECONDS, count_settled_rows
from server.queue import take_mark

HOSTS_AT_ONCE = 192
FAILING_HOSTS_AT_ONCE = 48  # of them: those that may hang until the time is up, as they did before
ROWS_A_CLAIM = 40
INBOXES_AT_ONCE = 4
ORDERED_ATTEMPTS = 3
FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 12 * 3600
LONGEST_SEND = timedelta(seconds=30)

log = structlog.get_logger()


async def deliver(job: dict[str, Any]) -> None:
    """Serve every host that something is due to, until nothing is; where this process does so already, make it look."""
    ctx: Context = job["context"]
    redis: ArqRedis = job["redis"]
    lanes: Lanes = job["lanes"]
    await take_mark(redis, Work.DELIVERY)
    await lanes.serve(ctx)


class Lanes:
    """The hosts that one process is serving: one job does, however many are started."""

    def __init__(self, slot: str) -> None:
        self._slot = slot
        self._open: dict[str, asyncio.Task[None]] = {}
        self._failing: set[str] = set()
        self._news = asyncio.Event()
        self._is_served = False
        self._writes = Writes(slot)

    async def serve(self, ctx: Context) -> None:
        """Serve until nothing is due; return at once if another call does, which then looks again."""
        self._news.set()
        if self._is_served:
            return
        self._is_served = True
        try:
            while await self._open_more(ctx):
                await self._wait()
        finally:
            self._is_served = False
            await self._close()

    async def _open_more(self, ctx: Context) -> bool:
        """Open lanes to hosts that something is due to; whether there is anything to wait for."""
        if len(self._open) < HOSTS_AT_ONCE:
            self._news.clear()
            if len(await self._open_some(ctx, HOSTS_AT_ONCE, are_failing=False)) == HOSTS_AT_ONCE:
                await ctx.wake(Work.DELIVERY)
            self._failing.intersection_update(self._open)
            await self._open_some(ctx, FAILING_HOSTS_AT_ONCE - len(self._failing), are_failing=True)
        return bool(self._open) or self._news.is_set()

    async def _open_some(self, ctx: Context, most: int, *, are_failing: bool) -> list[str]:
        """Open so many lanes at most, as far as there is room; the hosts that something is due to."""
        hosts = await Delivery.due_hosts(ctx.now(), HOSTS_AT_ONCE, are_failing=are_failing)
        room = min(most, HOSTS_AT_ONCE - len(self._open))
        for host in [host for host in hosts if host not in self._open][: max(room, 0)]:
            self._open[host] = asyncio.create_task(Lane(host, self._slot, ctx, self._writes).serve())
            if are_failing:
                self._failing.add(host)
        return hosts

    async def _wait(self) -> None:
        """Wait until a lane ends or, if there is room for another, something more is due."""
        news = asyncio.create_task(self._news.wait())
        awaited = {*self._open.values()} | ({news} if len(self._open) < HOSTS_AT_ONCE else set())
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()
        for host, lane in list(self._open.items()):
            if lane.done():
                del self._open[host]
                if (error := lane.exception()) is not None:  # its rows stay leased: that is pause enough
                    log.error("lane broke", host=host, exc_info=error)

    async def _close(self) -> None:
        for lane in self._open.values():
            lane.cancel()
        await asyncio.gather(*self._open.values(), return_exceptions=True)
        self._open.clear()


@dataclass(slots=True)
class Claim:
    """What a lane asks for at a moment, and what it is given: the rows that are its own now."""

    host: str
    at: datetime
    rows: list[Delivery] = field(default_factory=list)
    is_blocked: bool = False


class Writes:
    """What the lanes of one process ask of the database, many of them in one statement.

    `claimed` takes what a lane asks for, `settled` the ids of delivered rows, `answered` the names of hosts that did.
    """

    def __init__(self, slot: str) -> None:
        self._slot = slot
        self.claimed = GroupCommit(self._claim)
        self.settled = GroupCommit(self._delete, count_settled_rows)
        self.answered = GroupCommit(self._note_answers)

    async def _claim(self, claims: list[Claim]) -> None:
        hosts = [claim.host for claim in claims]
        at = max(claim.at for claim in claims)
        rows = await Delivery.claim_many(self._slot, hosts, at, ROWS_A_CLAIM)
        blocked = await blocked_hosts(host for host in hosts if rows[host])
        for claim in claims:
            claim.rows, claim.is_blocked = rows[claim.host], claim.host in blocked

    async def _delete(self, ids: list[int]) -> None:
        await Delivery.filter(id__in=ids).delete()

    async def _note_answers(self, hosts: list[tuple[str, datetime]]) -> None:
        await Host.answered([name for name, _ in hosts], max(at for _, at in hosts))


@dataclass(slots=True)
class Lane:
    """One host's turn. `left` are the ids of claimed rows not tried yet; what stops the turn is kept in `failure`."""

    host: str
    slot: str
    ctx: Context
    writes: Writes
    has_answered: bool = False
    failure: RemoteUnavailable | None = None
    left: set[int] = field(default_factory=set)
    digests: Digests = field(default_factory=Digests)

    async def serve(self) -> None:
        """Send everything due to the host; a host that fails waits, and holds up nobody else."""
        while self.failure is None and (rows := await self._claim()):
            await self._send_all(rows)
            if self.failure is None:
                await self._give_back()
        if self.has_answered:
            await self.writes.answered.add((self.host, self.ctx.now()))
        if self.failure is not None:
            await Host.back_off(self.host, self.ctx.now(), _reason(self.failure), self.failure.retry_after_seconds)
            log.info("host waits", host=self.host, error=str(self.failure))
            await self._give_back()

    async def _claim(self) -> list[Delivery]:
        """Lease what is due to the host; if the host is blocked, give it all up."""
        while True:
            claim = Claim(self.host, self.ctx.now())
            await self.writes.claimed.add(claim)
            if not claim.is_blocked:
                self.left = {row.id for row in claim.rows}
                return claim.rows
            for row in claim.rows:
                await give_up(row, RejectedByPolicy(f"{self.host} is blocked here"))

    async def _give_back(self) -> None:
        """End the lease of those rows that were not sent."""
        if self.left:
            held = Delivery.filter(id__in=list(self.left), leased_by=self.slot)
            await held.update(leased_until=None, leased_by=None)

    async def _send_all(self, rows: Sequence[Delivery]) -> None:
        """Send rows in order for each inbox, a few inboxes at once, until one fails or the lease nears its end."""
        by_inbox: dict[str, list[Delivery]] = {}
        for row in rows:
            by_inbox.setdefault(row.inbox_uri, []).append(row)
        queues = list(by_inbox.values())

        async def send_some() -> None:
            while queues:
                for row in queues.pop(0):
                    if self.failure is not None or _is_late(row, self.ctx):
                        return
                    await self._send(row)

        if not self.has_answered:
            await self._send(queues[0].pop(0))  # a host that hangs is to take one connection of ours, not four
        async with asyncio.TaskGroup() as group:
            for _ in range(min(INBOXES_AT_ONCE, len(queues))):
                group.create_task(send_some())

    async def _send(self, row: Delivery) -> None:
        """Send one row, and write down what became of it."""
        started = perf_counter()
        try:
            await delivery.send(row, self.ctx, self.digests)
        except RemoteUnavailable as error:
            _count("host_waits", started)
            self.failure = error
            if isinstance(error, Stumbled):
                await blame(row, error, self.ctx)
            return
        except FederationError as refused:
            _count("put_off" if isinstance(refused, NotAuthorised) else "refused", started)
            await self._settle_refused(row, refused)
        except Exception as error:
            _count("failed", started)
            log.error("delivery broke", activity=row.activity.uri, inbox=row.inbox_uri, exc_info=error)
            await put_off(row, error, self.ctx)
        else:
            _count("delivered", started)
            self.has_answered = True
            await self.writes.settled.add(row.id)
        self.left.discard(row.id)

    async def _settle_refused(self, row: Delivery, refused: FederationError) -> None:
        self.has_answered |= not isinstance(refused, RejectedByPolicy)
        if isinstance(refused, NotAuthorised):
            await put_off(row, refused, self.ctx)
            return
        if isinstance(refused, ObjectGone) and refused.is_permanent:
            await delivery.bury_owner(row.inbox_uri, self.ctx)
        await give_up(row, refused)


def _count(outcome: str, started: float) -> None:
    DELIVERY_SECONDS.labels(outcome).observe(perf_counter() - started)


def _is_late(row: Delivery, ctx: Context) -> bool:
    """Whether the lease may run out before the row is sent, so that another worker would send it, too."""
    return row.leased_until is not None and ctx.now() > row.leased_until - LONGEST_SEND


async def blame(row: Delivery, error: RemoteUnavailable, ctx: Context) -> None:
    """Count a failure that may be the row's own fault; after `ORDERED_ATTEMPTS` it no longer holds up those behind it."""
    if row.attempts >= ORDERED_ATTEMPTS:
        await put_off(row, error, ctx)
    else:
        await Delivery.filter(id=row.id).update(attempts=row.attempts + 1, last_error=_reason(error))


async def put_off(row: Delivery, error: Exception, ctx: Context) -> None:
    """Try this inbox again later, its host meanwhile being served."""
    pause = min(FIRST_PAUSE_SECONDS * 2**row.attempts, LONGEST_PAUSE_SECONDS)
    due_at = ctx.now() + timedelta(seconds=pause)
    if due_at - row.created_at > DELIVER_FOR:
        await give_up(row, error)
        return
    values = {"attempts": row.attempts + 1, "due_at": due_at, "last_error": _reason(error)}
    await Delivery.filter(id=row.id).update(leased_until=None, leased_by=None, **values)


async def give_up(row: Delivery, error: Exception) -> None:
    """Keep the row with the reason, never to be sent."""
    log.info("delivery given up", activity=row.activity.uri, inbox=row.inbox_uri, error=str(error))
    await Delivery.filter(id=row.id).update(due_at=None, leased_until=None, leased_by=None, last_error=_reason(error))


def _reason(error: Exception) -> str:
    return str(error).replace("\x00", "")[:1000]


async def expire(ctx: Context) -> int:
    """Give up what could not be delivered for a week; how many rows that was."""
    old = Delivery.filter(created_at__lt=ctx.now() - DELIVER_FOR, due_at__not_isnull=True)
    return int(await old.update(due_at=None, last_error="the host did not answer for a week"))
