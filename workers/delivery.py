"""Delivering what is owed: a lane for each host, many hosts at once, so that a slow host holds up only itself."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from arq.connections import ArqRedis

from federation import delivery
from federation.context import Context, Work
from federation.errors import FederationError, NotAuthorised, ObjectGone, RemoteUnavailable
from models.delivery import DELIVER_FOR, Delivery
from models.host import Host
from server.queue import take_mark

HOSTS_AT_ONCE = 64
ROWS_A_CLAIM = 40
INBOXES_AT_ONCE = 4
FIRST_PAUSE_SECONDS = 60
LONGEST_PAUSE_SECONDS = 12 * 3600

log = structlog.get_logger()


async def deliver(job: dict[str, Any]) -> None:
    """Serve every host that something is due to, until nothing is."""
    ctx: Context = job["context"]
    redis: ArqRedis = job["redis"]
    await take_mark(redis, Work.DELIVERY)
    lanes: dict[str, asyncio.Task[None]] = {}
    settler = Settler()
    while True:
        hosts = await Delivery.due_hosts(ctx.now(), HOSTS_AT_ONCE)
        for host in hosts[: HOSTS_AT_ONCE - len(lanes)]:
            if host not in lanes:
                lanes[host] = asyncio.create_task(deliver_to_host(host, job["slot"], ctx, settler))
        if len(hosts) == HOSTS_AT_ONCE:
            await ctx.wake(Work.DELIVERY)
        if not lanes:
            return
        finished, _ = await asyncio.wait(lanes.values(), return_when=asyncio.FIRST_COMPLETED)
        lanes = {host: lane for host, lane in lanes.items() if lane not in finished}
        for lane in finished:
            lane.result()


class Settler:
    """Deletes delivered rows; while one deletion runs, the next ones gather and share the following."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def settle(self, id_: int) -> None:
        """Delete one row; returning means that it will not be sent again."""
        settled = asyncio.get_running_loop().create_future()
        self._waiting.append((id_, settled))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await asyncio.shield(settled)

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            await Delivery.filter(id__in=[id_ for id_, _ in group]).delete()
            for _, settled in group:
                settled.set_result(None)


async def deliver_to_host(host: str, slot: str, ctx: Context, settler: Settler) -> None:
    """Send everything due to one host; a host that fails waits, and holds up nobody else."""
    answered = False
    while rows := await Delivery.claim(slot, host, ctx.now(), ROWS_A_CLAIM):
        failure = await _send_all(rows, ctx, settler)
        if failure is not None:
            held = Delivery.filter(id__in=[row.id for row in rows], leased_by=slot)
            await held.update(leased_until=None, leased_by=None)
            await Host.back_off(host, ctx.now(), str(failure), failure.retry_after_seconds)
            log.info("host waits", host=host, error=str(failure))
            return
        answered = True
    if answered:
        await Host.answered([host], ctx.now())


async def _send_all(rows: Sequence[Delivery], ctx: Context, settler: Settler) -> RemoteUnavailable | None:
    """Send rows in order for each inbox, a few inboxes at once; the failure that stopped it, if any."""
    by_inbox: dict[str, list[Delivery]] = {}
    for row in rows:
        by_inbox.setdefault(row.inbox_uri, []).append(row)
    queues = list(by_inbox.values())
    stopped: list[RemoteUnavailable] = []

    async def lane() -> None:
        while queues and not stopped:
            for row in queues.pop(0):
                if stopped:
                    return
                try:
                    await _send(row, ctx, settler)
                except RemoteUnavailable as error:
                    stopped.append(error)

    await asyncio.gather(*(lane() for _ in range(min(INBOXES_AT_ONCE, len(queues)))))
    return stopped[0] if stopped else None


async def _send(row: Delivery, ctx: Context, settler: Settler) -> None:
    """Send one row and settle it.

    Raises:
        RemoteUnavailable: the host is to be left alone for a while.
    """
    try:
        await delivery.send(row, ctx)
    except RemoteUnavailable:
        raise
    except NotAuthorised as refused:
        await put_off(row, refused, ctx)
    except ObjectGone as gone:
        if gone.is_permanent:
            await delivery.bury_owner(row.inbox_uri, ctx)
        await give_up(row, gone)
    except FederationError as refused:
        await give_up(row, refused)
    else:
        await settler.settle(row.id)


async def put_off(row: Delivery, error: FederationError, ctx: Context) -> None:
    """Try this inbox again later, its host meanwhile being served."""
    pause = min(FIRST_PAUSE_SECONDS * 2**row.attempts, LONGEST_PAUSE_SECONDS)
    due_at = ctx.now() + timedelta(seconds=pause)
    if due_at - row.created_at > DELIVER_FOR:
        await give_up(row, error)
        return
    values = {"attempts": row.attempts + 1, "due_at": due_at, "last_error": str(error)[:1000]}
    await Delivery.filter(id=row.id).update(leased_until=None, leased_by=None, **values)


async def give_up(row: Delivery, error: FederationError) -> None:
    """Keep the row with the reason, never to be sent."""
    log.info("delivery given up", activity=row.activity.uri, inbox=row.inbox_uri, error=str(error))
    reason = str(error)[:1000]
    await Delivery.filter(id=row.id).update(due_at=None, leased_until=None, leased_by=None, last_error=reason)


async def expire(ctx: Context) -> int:
    """Give up what could not be delivered for a week; how many rows that was."""
    old = Delivery.filter(created_at__lt=ctx.now() - DELIVER_FOR, due_at__not_isnull=True)
    return int(await old.update(due_at=None, last_error="the host did not answer for a week"))
