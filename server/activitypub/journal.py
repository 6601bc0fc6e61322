"""Keeping what arrived before it is answered: everything of the same few milliseconds in one durable write.

Whether it is here already, and whether its host is blocked, is asked for all of it together.
"""

import asyncio
from dataclasses import dataclass

import structlog
from tortoise.exceptions import BaseORMException

from federation.context import Context, Work
from federation.errors import RejectedByPolicy
from federation.policy import blocked_hosts
from federation.uris import host_of
from models.activity import ActivityRecord
from models.inbox import Arrival, InboxMessage
from server.errors import Unavailable
from server.group_commit import GroupCommit
from server.monitoring.metrics import count_journal_rows

MAX_WAITING_BYTES = 64 * 1024 * 1024

log = structlog.get_logger()


@dataclass(slots=True, eq=False)
class Entry:
    """Something to be kept, and whether it was refused because its host is blocked."""

    arrival: Arrival
    is_refused: bool = False


class Journal:
    """The inbox's memory in one web process."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._commit = GroupCommit(self._write, count_journal_rows)
        self._waiting_bytes = 0
        self._has_news = False
        self._waking: asyncio.Task[None] | None = None

    async def keep(self, arrival: Arrival) -> None:
        """Write what arrived; returning means that a power cut no longer loses it. What is not new is not written.

        Raises:
            RejectedByPolicy: its actor's host is blocked; nothing is written.
            Unavailable: it cannot be written: the disk is full, the database away, or too much waits already.
        """
        size = len(arrival.body)
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            raise Unavailable("This server has too much to write down right now.")
        self._waiting_bytes += size
        entry = Entry(arrival)
        try:
            await self._commit.add(entry)
        except BaseORMException as error:
            raise Unavailable("This server cannot keep anything new right now.") from error
        finally:
            self._waiting_bytes -= size
        if entry.is_refused:
            raise RejectedByPolicy(f"{arrival.host.partition(':')[0]} is blocked here")

    async def _write(self, group: list[Entry]) -> None:
        try:
            await _refuse_blocked(group)
            performed = await ActivityRecord.kept([entry.arrival.activity_uri for entry in group])
            wanted = [entry.arrival for entry in group if not entry.is_refused]
            news = [arrival for arrival in wanted if arrival.activity_uri not in performed]
            if news:
                await InboxMessage.keep(news)
        except BaseORMException as error:
            log.error("inbox cannot be written", messages=len(group), error=str(error))
            raise
        if news:
            self._wake()

    def _wake(self) -> None:
        """Wake the workers, without the answer waiting for it: one wake-up under way, and one after it if need be."""
        self._has_news = True
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._has_news:
            self._has_news = False
            await self._ctx.wake(Work.INBOX)


async def _refuse_blocked(group: list[Entry]) -> None:
    """Mark what comes from a host that may not speak here."""
    hosts = {entry.arrival.actor_uri: host_of(entry.arrival.actor_uri) for entry in group}
    if blocked := await blocked_hosts(set(hosts.values())):
        for entry in group:
            entry.is_refused = hosts[entry.arrival.actor_uri] in blocked
