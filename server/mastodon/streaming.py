"""Streams as server-sent events.   Source: docs.joinmastodon.org/methods/streaming; HTML standard §9.2"""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from federation.naming import Names
from server.errors import Unauthorised
from server.mastodon.asking import context
from server.mastodon.entities.streamed import payload, server_sent
from server.mastodon.parameters import Parameters
from server.mastodon.subscribing import connect, hub_of, scopes_of, stream_of
from server.oauth.scopes import NOT_LOGGED_IN, Endpoint, challenge
from server.oauth.tokens import bearer_of, grant_of
from server.streaming.connections import PUBLIC_WITH_MEDIA, Connection, StreamName
from server.streaming.hub import Hub

HEARTBEAT_SECONDS = 30.0
CLOSE_SECONDS = 5.0
HEADERS = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """An answer that goes on until the client goes, is too slow, or its token is revoked."""

    def __init__(self, connection: Connection, hub: Hub, names: Names) -> None:
        super().__init__(events(connection, names), headers=HEADERS, media_type="text/event-stream")
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


async def events(connection: Connection, names: Names) -> AsyncIterator[str]:
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
        if (text := payload(event, names, connection.actor)) is not None:
            yield server_sent(event, text)


def _listen(name: StreamName) -> Endpoint:
    async def listen(request: Request) -> EventStream:
        """Listen to one stream.

        Raises:
            Unauthorised: there is no token, or one that is no good.
            Forbidden: it is for other things.
            Invalid: there is no such stream.
            NotFound: there is no such list.
            TooMany: too many streams are open.
        """
        token = request.query_params.get("access_token") or bearer_of(request.headers.get("authorization", ""))
        if (grant := await grant_of(token)) is None:
            raise Unauthorised(NOT_LOGGED_IN, challenge(request))
        asked = Parameters({**request.query_params, "stream": name.value})
        stream = await stream_of(asked, grant.actor, grant.scopes)
        connection = connect(request, grant)
        connection.streams = {stream}
        return EventStream(connection, hub_of(request), context(request).names)

    listen.__doc__ = f"GET /api/v1/streaming/{_path(name)} -> events.{listen.__doc__}"
    return listen


def _path(name: StreamName) -> str:
    return name.value.replace(":", "/")


async def health(request: Request) -> PlainTextResponse:
    """GET /api/v1/streaming/health -> OK."""
    return PlainTextResponse("OK")


STREAMS = [
    (f"/v1/streaming/{_path(name)}", _listen(name), scopes_of(name))
    for name in StreamName
    if name not in PUBLIC_WITH_MEDIA
]
