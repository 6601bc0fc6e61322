"""Many small writes of one process in few transactions: a durable write costs the same for one row and for a hundred."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """Writes what is handed in, in groups: while one group is being written, the next one gathers.

    `count` is told the size of each group that was written.
    """

    def __init__(
        self, write: Callable[[list[Item]], Awaitable[None]], count: Callable[[int], None] | None = None
    ) -> None:
        self._write = write
        self._count = count
        self._gathered: list[Item] = []
        self._next: asyncio.Task[None] | None = None
        self._current: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def add(self, item: Item) -> None:
        """Have one item written; returning means that it is. What goes wrong in a group is raised to all of it."""
        self._gathered.append(item)
        if self._next is None:
            self._next = asyncio.create_task(self._write_next())
            self._next.add_done_callback(_note)
        await asyncio.shield(self._next)

    async def _write_next(self) -> None:
        async with self._turn:
            self._current, self._next = self._next, None
            group, self._gathered = self._gathered, []
            await self._write(group)
            if self._count is not None:
                self._count(len(group))


def _note(turn: asyncio.Task[None]) -> None:
    """Take note of what went wrong, should everybody who waited have left: asyncio would complain."""
    if not turn.cancelled():
        turn.exception()
