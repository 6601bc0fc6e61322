"""A server on loopback, and sockets that listen to it: what the tests of streams begin with."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from federation.context import Context
from models.actor import Actor
from models.member import Member
from server.doorstep import on_doorstep
from server.oauth.tokens import create_token
from server.streaming.connections import Limits
from server.streaming.hub import Hub
from server.streaming.news import publisher

SECONDS = 20.0


@dataclass
class Live:
    """A server on loopback with one hub, and sockets that listen to it."""

    hub: Hub
    netloc: str
    ctx: Context
    stack: AsyncExitStack

    async def token(self, actor: Actor, *scopes: str) -> str:
        return await create_token(await Member.get(actor_id=actor.id), scopes or ("read",))

    async def open(self, token: str, query: str = "", **more: Any) -> ClientConnection:
        target = f"ws://{self.netloc}/api/v1/streaming{query}"
        more = more or {"additional_headers": {"Authorization": f"Bearer {token}"}}
        return await self.stack.enter_async_context(connect(target, compression=None, **more))

    async def listen(self, actor: Actor, stream: str, *scopes: str) -> ClientConnection:
        return await self.open(await self.token(actor, *scopes), f"?stream={stream}")


async def heard(client: ClientConnection) -> tuple[list[str], str, Any]:
    """Wait for one event: (stream, event, what the payload says)."""
    async with asyncio.timeout(SECONDS):
        said = json.loads(await client.recv())
    assert isinstance(said["payload"], str)
    return said["stream"], said["event"], json.loads(said["payload"])


async def hears_nothing_but(client: ClientConnection, last: Callable[[], Awaitable[Any]]) -> tuple[list[str], str, Any]:
    """Do something that the client hears of, and give the first thing it hears: nothing came before."""
    await last()
    return await heard(client)


@pytest.fixture
async def live(app: Starlette, ctx: Context) -> AsyncIterator[Live]:
    hub = Hub(Limits(a_token=400, a_member=400, an_address=600))

    async def send(message: bytes) -> None:
        hub.hear(message)

    lent = replace(ctx, publish=publisher(send))
    app.state.context, app.state.hub = lent, hub
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    config = uvicorn.Config(
        app,
        http=on_doorstep(app.state.repeats),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="error",
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with AsyncExitStack() as stack, hub.running(""):
        yield Live(hub, f"127.0.0.1:{listener.getsockname()[1]}", lent, stack)
    server.should_exit = True
    await serving
