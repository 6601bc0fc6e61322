"""The application as clients of its API reach it: over ASGI, with or without a token."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.member import Member
from server.config import read_settings
from server.front_door import Repeats
from server.main import create_app
from server.oauth.tokens import create_token
from tests.world import ORIGIN

EVERYTHING = ("read", "write", "follow", "push")

LogIn = Callable[..., Awaitable[AsyncClient]]


@pytest.fixture
def app(ctx: Context, tmp_path: Path) -> Starlette:
    """The whole application, over the context of the test."""
    environment = {"COOPOLE_DATA": str(tmp_path), "COOPOLE_ORIGIN": ORIGIN, "COOPOLE_API_REQUESTS": "0"}
    app = create_app(read_settings(environment))
    app.state.context = ctx
    app.state.repeats = Repeats(lambda: ctx.now().timestamp())
    return app


@pytest.fixture
async def public(app: Starlette) -> AsyncIterator[AsyncClient]:
    """A client without a token."""
    async with _client(app) as client:
        yield client


@pytest.fixture
async def log_in(app: Starlette) -> AsyncIterator[LogIn]:
    """Make clients that hold a token: `await log_in(actor, "read")`."""
    clients: list[AsyncClient] = []

    async def enter(actor: Actor, *scopes: str) -> AsyncClient:
        token = await create_token(await Member.get(actor_id=actor.id), scopes or EVERYTHING)
        clients.append(_client(app))
        clients[-1].headers["Authorization"] = f"Bearer {token}"
        return clients[-1]

    yield enter
    for client in clients:
        await client.aclose()


@pytest.fixture
async def zoe(log_in: LogIn, member: Actor) -> AsyncClient:
    """The client of Zoé, who is `member`."""
    return await log_in(member)


@pytest.fixture
async def ali(log_in: LogIn, other_member: Actor) -> AsyncClient:
    """The client of Ali, who is `other_member`."""
    return await log_in(other_member)


def _client(app: Starlette) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app), base_url=ORIGIN)
