"""The hub of a web process: hears what is new in any process, and tells whoever has a stream open here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from tortoise.exceptions import BaseORMException

from models.ids import new_id
from server.oauth.tokens import still_good
from server.queue import listen
from server.sessions.queries import still_open
from server.streaming.connections import Connection, Connections, Limits
from server.streaming.looking import tell, tell_notifications
from server.streaming.news import News, merge, parse

MAX_UNTOLD = 256
TOKENS_CHECKED_EVERY_SECONDS = 30.0
TOKENS_A_QUERY = 500
# Ids are made before the row is there for others to see, so a little is looked over again.
LOOKED_OVER_AGAIN = 30_000 << 22

log = structlog.get_logger()


class Hub:
    """What is heard and not yet told is bounded too: more than that is not told at all, and found in the rows."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.connections = Connections(limits)
        self._untold: asyncio.Queue[News] = asyncio.Queue(MAX_UNTOLD)
        self._notified_id = 0
        self._notified: set[int] = set()

    def add(self, connection: Connection) -> None:
        """Count a new stream in; if it is the only one, what is notified from now on is told.

        Raises:
            TooMany: too many are open.
        """
        if not len(self.connections):
            self._notified_id, self._notified = new_id() + LOOKED_OVER_AGAIN, set()
        self.connections.add(connection)

    def hear(self, message: bytes) -> None:
        """Hear a message of any process; nothing is done while nobody listens."""
        news = parse(message)
        if news is None or not len(self.connections):
            return
        with suppress(asyncio.QueueFull):
            self._untold.put_nowait(news)

    async def tell(self, news: News) -> None:
        """Tell what is new to the open streams that it is for; those whose token is no good any more are closed first."""
        await self.close_revoked()
        await tell(news, self.connections)
        found = await tell_notifications(self._notified_id - LOOKED_OVER_AGAIN, self._notified, self.connections)
        self._notified_id = max([self._notified_id, *found])
        self._notified = set(found)

    async def keep_telling(self) -> None:
        """Tell what is heard, all that waits at once, for as long as this runs."""
        while True:
            waiting = [await self._untold.get()]
            while not self._untold.empty():
                waiting.append(self._untold.get_nowait())
            try:
                await self.tell(merge(waiting))
            except BaseORMException as error:
                log.warning("news cannot be told", error=repr(error))

    async def close_revoked(self) -> None:
        """Close the streams whose token is no good any more, or whose session has ended."""
        asked_for = list(self.connections)
        good = await _among({one.token_id for one in asked_for}, still_good)
        lasting = await _among({one.session_id for one in asked_for}, still_open)
        for connection in asked_for:
            if connection.token_id not in good and connection.session_id not in lasting:
                connection.close()

    async def keep_checking(self) -> None:
        """Close such streams every so often, for as long as this runs."""
        while True:
            await asyncio.sleep(TOKENS_CHECKED_EVERY_SECONDS)
            try:
                await self.close_revoked()
            except BaseORMException as error:
                log.warning("tokens of streams cannot be checked", error=repr(error))

    @asynccontextmanager
    async def running(self, redis_url: str) -> AsyncIterator[None]:
        """Hear and tell while this lasts; at its end every stream is closed."""
        tasks = [asyncio.create_task(self.keep_telling()), asyncio.create_task(self.keep_checking())]
        if redis_url:
            tasks.append(asyncio.create_task(listen(redis_url, self.hear)))
        try:
            yield
        finally:
            for connection in self.connections:
                connection.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _among(ids: Iterable[int | None], ask: Callable[[Sequence[int]], Awaitable[set[int]]]) -> set[int]:
    """Ask for all of these, some at a time; None is none of them."""
    wanted, found = sorted(id_ for id_ in ids if id_ is not None), set[int]()
    for start in range(0, len(wanted), TOKENS_A_QUERY):
        found |= await ask(wanted[start : start + TOKENS_A_QUERY])
    return found
