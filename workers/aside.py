"""Where messages wait for other servers, so that nobody else's do: a queue for each host that sent them, bounded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import structlog

from federation.context import Context
from models.inbox import InboxMessage

BATCHES_AT_ONCE = 32
BATCHES_OF_HOST_AT_ONCE = 2
MAX_ROWS = 2_000
MAX_ROWS_OF_HOST = 200

log = structlog.get_logger()

Turn = AbstractAsyncContextManager[object]
Perform = Callable[[Sequence[InboxMessage], Context, Turn], Awaitable[None]]


class Aside:
    """The messages of one process that need something fetched. They stay leased, which keeps each actor's order.

    `BATCHES_OF_HOST_AT_ONCE` batches of one host are served at a time, and of all hosts `BATCHES_AT_ONCE`. `perform`
    keeps the lease while it waits for its turn, too.
    """

    def __init__(self, perform: Perform) -> None:
        self._perform = perform
        self._waiting: dict[str, int] = {}
        self._turn = asyncio.Semaphore(BATCHES_AT_ONCE)
        self._turns_of: dict[str, asyncio.Semaphore] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, rows: Sequence[InboxMessage], ctx: Context) -> list[InboxMessage]:
        """Begin to perform messages; those for which there is no room, which are the last ones of their actors."""
        by_host: dict[str, list[InboxMessage]] = {}
        surplus: list[InboxMessage] = []
        crowded: set[str] = set()
        for row in rows:
            if row.actor_uri in crowded or not self._has_room(row.host):
                crowded.add(row.actor_uri)
                surplus.append(row)
            else:
                self._waiting[row.host] = self._waiting.get(row.host, 0) + 1
                by_host.setdefault(row.host, []).append(row)
        for host, of_host in by_host.items():
            task = asyncio.create_task(self._run(host, of_host, ctx))
            self._tasks.add(task)
            task.add_done_callback(self._ended)
        return surplus

    def waiting(self) -> dict[str, int]:
        """How many messages of each host wait aside."""
        return dict(self._waiting)

    def _has_room(self, host: str) -> bool:
        return self._waiting.get(host, 0) < MAX_ROWS_OF_HOST and sum(self._waiting.values()) < MAX_ROWS

    async def _run(self, host: str, rows: Sequence[InboxMessage], ctx: Context) -> None:
        try:
            await self._perform(rows, ctx, self._turn_of(host))
        finally:
            self._waiting[host] -= len(rows)
            if not self._waiting[host]:
                del self._waiting[host]
                self._turns_of.pop(host, None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:  # its rows stay leased: pause enough
            log.error("waiting messages cannot be performed", exc_info=error)

    @asynccontextmanager
    async def _turn_of(self, host: str) -> AsyncIterator[None]:
        async with self._turns_of.setdefault(host, asyncio.Semaphore(BATCHES_OF_HOST_AT_ONCE)), self._turn:
            yield

    async def wait(self, news: asyncio.Event) -> None:
        """Wait until something is news, or nothing waits any more; whatever ends meanwhile may let more be due."""
        if not self._tasks:
            return
        told = asyncio.create_task(news.wait())
        try:
            done, _ = await asyncio.wait({told, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        if done - {told}:
            news.set()

    async def close(self) -> None:
        """Leave everything that waits; whoever claims it next begins anew."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
