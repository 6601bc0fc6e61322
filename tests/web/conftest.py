"""A visitor with a browser, and what there is to read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from server.posts.actions import Draft, publish
from tests.server.api import app
from tests.world import ORIGIN

__all__ = ["app", "browser", "say", "visitor"]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

Say = Callable[..., Awaitable[Post]]


@pytest.fixture
async def visitor(app: Starlette) -> AsyncIterator[AsyncClient]:
    """Somebody with a browser, who reads French."""
    async with browser(app) as client:
        yield client


def browser(app: Starlette, *, language: str = "fr-FR,fr;q=0.9,en;q=0.5", raises: bool = True) -> AsyncClient:
    """A browser; `raises` is false where what the application answers to a failure is wanted."""
    return AsyncClient(
        transport=ASGITransport(app, raise_app_exceptions=raises),
        base_url=ORIGIN,
        headers={"Accept": BROWSER, "Accept-Language": language},
    )


@pytest.fixture
def say(ctx: Context) -> Say:
    """Publish as an actor of ours: `await say(section, "Bonjour")`."""

    async def publish_text(author: Actor, text: str, visibility: Visibility = Visibility.PUBLIC, **more: Any) -> Post:
        return await publish(author, Draft(text, visibility, **more), ctx)

    return publish_text
