"""Streams over WebSocket.   Source: docs.joinmastodon.org/methods/streaming#websocket; RFC 6455

The token comes as subprotocol, which is echoed, in the query, or in the Authorization header.
"""

import asyncio
from contextlib import suppress

import orjson
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from federation.naming import Names
from server.errors import AppError, Invalid, Unauthorised
from server.mastodon.entities.streamed import message, payload
from server.mastodon.parameters import Parameters
from server.mastodon.subscribing import connect, hub_of, stream_of
from server.oauth.scopes import NOT_LOGGED_IN
from server.oauth.tokens import Grant, bearer_of, grant_of
from server.streaming.connections import MAX_STREAMS, Connection

CLOSE_SECONDS = 5.0
TRY_AGAIN_LATER = 1013


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one client until it goes, is too slow, or its token is revoked."""
    socket = WebSocket(scope, receive, send)
    try:
        grant, protocol = await _grant_of(socket)
        asked = Parameters(dict(socket.query_params))
        streams = {await stream_of(asked, grant.actor, grant.scopes)} if asked.has("stream") else set()
        connection = connect(socket, grant)
    except AppError as refused:
        await socket.send_denial_response(JSONResponse({"error": refused.message}, refused.status))
        return
    try:
        connection.streams = streams
        await socket.accept(subprotocol=protocol)
        await _talk(socket, connection)
    finally:
        hub_of(socket).connections.remove(connection)


async def _grant_of(socket: WebSocket) -> tuple[Grant, str | None]:
    """Tell who is there, and which subprotocol is to be echoed.

    Raises:
        Unauthorised: there is no token, or one that is no good.
    """
    protocols: list[str] = socket.scope.get("subprotocols", [])
    for protocol in protocols:
        if (grant := await grant_of(protocol)) is not None:
            return grant, protocol
    token = socket.query_params.get("access_token") or bearer_of(socket.headers.get("authorization", ""))
    if (grant := await grant_of(token)) is None:
        raise Unauthorised(NOT_LOGGED_IN)
    return grant, protocols[0] if protocols else None


async def _talk(socket: WebSocket, connection: Connection) -> None:
    tasks = [
        asyncio.create_task(_hear(socket, connection)),
        asyncio.create_task(_tell(socket, connection)),
        asyncio.create_task(connection.closing.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if connection.closing.is_set():
        with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_SECONDS):
                await socket.close(TRY_AGAIN_LATER)


async def _hear(socket: WebSocket, connection: Connection) -> None:
    """Follow what the client says, until it goes."""
    with suppress(WebSocketDisconnect):
        while True:
            text = await socket.receive_text()
            try:
                await _follow(text, connection)
            except AppError as refused:
                await socket.send_text(orjson.dumps({"error": refused.message, "status": refused.status}).decode())


async def _follow(text: str, connection: Connection) -> None:
    """Do what one message says: {"type": "subscribe" or "unsubscribe", "stream": …, "tag": …, "list": …}.

    Raises:
        Invalid: it says nothing of the kind, or there is no such stream.
        Forbidden: the token is for other things.
        NotFound: there is no such list.
    """
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid("This is not JSON.") from error
    if not isinstance(said, dict) or said.get("type") not in ("subscribe", "unsubscribe"):
        raise Invalid("A message must be to subscribe or to unsubscribe.")
    stream = await stream_of(Parameters(said), connection.actor, connection.scopes)
    if said["type"] == "unsubscribe":
        connection.streams.discard(stream)
    elif len(connection.streams) < MAX_STREAMS:
        connection.streams.add(stream)
    else:
        raise Invalid("That is too many streams at once.")


async def _tell(socket: WebSocket, connection: Connection) -> None:
    """Send what waits for the client, until it is to be closed or has gone."""
    names: Names = socket.app.state.context.names
    with suppress(WebSocketDisconnect):
        while (event := await connection.waiting.get()) is not None:
            if event.stream in connection.streams and (text := payload(event, names, connection.actor)) is not None:
                await socket.send_text(message(event, text))
