"""Keeping what arrived before it is answered: everything of the same few milliseconds in one durable write."""

import asyncio

import structlog
from tortoise.exceptions import BaseORMException

from federation.context import Context, Work
from models.activity import ActivityRecord
from models.inbox import Arrival, InboxMessage
from server.errors import Unavailable
from server.group_commit import GroupCommit
from server.monitoring.metrics import count_journal_rows

MAX_WAITING_BYTES = 64 * 1024 * 1024

log = structlog.get_logger()


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
            Unavailable: it cannot be written: the disk is full, the database away, or too much waits already.
        """
        size = len(arrival.body)
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            raise Unavailable("This server has too much to write down right now.")
        self._waiting_bytes += size
        try:
            await self._commit.add(arrival)
        except BaseORMException as error:
            raise Unavailable("This server cannot keep anything new right now.") from error
        finally:
            self._waiting_bytes -= size

    async def _write(self, group: list[Arrival]) -> None:
        try:
            performed = await ActivityRecord.kept([arrival.activity_uri for arrival in group])
            news = [arrival for arrival in group if arrival.activity_uri not in performed]
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
