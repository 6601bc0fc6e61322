"""A visitor with a browser, and what there is to read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.post import Post, Visibility
from models.section import Section
from server.posts.actions import Draft, publish
from server.sections import roles
from server.sessions.actions import open_session
from tests.server.api import app
from tests.world import ORIGIN

__all__ = ["app", "browser", "enter", "say", "visitor", "zoe"]

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

Enter = Callable[[Actor], Awaitable[AsyncClient]]
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
async def enter(app: Starlette, ctx: Context) -> AsyncIterator[Enter]:
    """Give the browsers of members who are logged in: `await enter(member)`."""
    clients: list[AsyncClient] = []

    async def log_in(actor: Actor) -> AsyncClient:
        clients.append(browser(app))
        token = await open_session(await Member.get(actor_id=actor.id), ctx)
        clients[-1].cookies.set("__Host-coopole_session", token)
        return clients[-1]

    yield log_in
    for client in clients:
        await client.aclose()


@pytest.fixture
async def zoe(enter: Enter, member: Actor, main_section: Section, ctx: Context) -> AsyncClient:
    """The browser of Zoé, who answers for the section."""
    await roles.found(main_section, member, ctx)
    return await enter(member)


@pytest.fixture
def say(ctx: Context) -> Say:
    """Publish as an actor of ours: `await say(section, "Bonjour")`."""

    async def publish_text(author: Actor, text: str, visibility: Visibility = Visibility.PUBLIC, **more: Any) -> Post:
        return await publish(author, Draft(text, visibility, **more), ctx)

    return publish_text
