"""Whoever asks at the doors for other servers, and the actor that stands behind them."""

import pytest
from starlette.applications import Starlette

from federation.actors import create_local
from federation.context import Context
from models.actor import Actor, ActorType
from tests.server.activitypub import inner_life
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.inner_life import InnerLife
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


@pytest.fixture
async def life(
    section: Actor, member: Actor, other_member: Actor, instance: Actor, ctx: Context, world: World
) -> InnerLife:
    """The section before its members say anything among themselves."""
    return await inner_life.begin(section, member, other_member, ctx, world)


@pytest.fixture
async def lived(life: InnerLife, ctx: Context) -> InnerLife:
    """The section after they said everything, and two have left."""
    await inner_life.speak(life, ctx)
    await inner_life.part(life, ctx)
    return life
