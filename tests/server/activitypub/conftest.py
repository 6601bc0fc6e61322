"""Whoever asks at the doors for other servers, and the actor that stands behind them."""

import pytest
from starlette.applications import Starlette

from federation.actors import create_local
from federation.context import Context
from models.actor import Actor, ActorType
from tests.server.activitypub.asker import Asker
from tests.server.api import app
from tests.world import World

__all__ = ["app", "asker", "instance"]


@pytest.fixture
def asker(app: Starlette, world: World) -> Asker:
    """Somebody who asks."""
    return Asker(app, world)


@pytest.fixture
async def instance(ctx: Context) -> Actor:
    """The actor of the server itself."""
    names = ctx.names
    return await create_local(
        names, ActorType.APPLICATION, "instance", display_name=names.host, now=ctx.now(), uri=names.instance_actor
    )
