"""Open answers of server-sent events, whoever reads them.   Source: HTML standard §9.2"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from server.streaming.connections import Connection, Event
from server.streaming.hub import Hub

HEARTBEAT_SECONDS = 30.0
CLOSE_SECONDS = 5.0
HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}

Write = Callable[[Event], Awaitable[str]]
"""What a reader is sent for an event; '' where it is told nothing of it."""


class EventStream(StreamingResponse):
    """An answer that goes on until the client goes, is too slow, or may listen no longer."""

    def __init__(self, connection: Connection, hub: Hub, content: AsyncIterator[str]) -> None:
        super().__init__(content, headers=HEADERS, media_type="text/event-stream")
        self._connection, self._hub = connection, hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        serving = asyncio.create_task(super().__call__(scope, receive, send))
        closing = asyncio.create_task(self._connection.closing.wait())
        try:
            await asyncio.wait({serving, closing}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({serving}, timeout=CLOSE_SECONDS)
        finally:
            self._hub.connections.remove(self._connection)
            serving.cancel()
            closing.cancel()
            await asyncio.gather(serving, closing, return_exceptions=True)


async def written(connection: Connection, write: Write) -> AsyncIterator[str]:
    """Write what waits for a client, and a comment when nothing does, so that nobody takes the connection for dead."""
    yield ":)\n\n"
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                event = await connection.waiting.get()
        except TimeoutError:
            yield ":thump\n\n"
            continue
        if event is None:
            return
        if text := await write(event):
            yield text
