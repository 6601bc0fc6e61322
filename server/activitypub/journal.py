"""Keeping what arrived before it is answered: everything of the same few milliseconds in one durable write."""

import asyncio

from tortoise.exceptions import BaseORMException

from federation.context import Context, Work
from models.inbox import InboxMessage
from server.errors import Unavailable


class Journal:
    """The inbox's memory in one web process. While one group is being written, the next one gathers."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._waiting: list[tuple[InboxMessage, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, message: InboxMessage) -> None:
        """Write one message; returning means that a power cut no longer loses it. A duplicate is kept once.

        Raises:
            Unavailable: it cannot be written: the disk is full, the database away.
        """
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((message, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await InboxMessage.bulk_create([message for message, _ in group], ignore_conflicts=True)
            except BaseORMException as error:
                for _, written in group:
                    if not written.done():
                        written.set_exception(Unavailable("This server cannot keep anything new right now."))
                        written.exception()
                raise Unavailable(str(error)) from error
            for _, written in group:
                if not written.done():
                    written.set_result(None)
            await self._ctx.wake(Work.INBOX)
