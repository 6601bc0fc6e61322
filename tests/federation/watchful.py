"""A network that lets others run meanwhile, as a real one does, and minds whether a transaction waits for it."""

import asyncio
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient

from federation.answers import Answer
from models import database
from tests.world import World, WorldClient


class WatchfulClient(WorldClient):
    """The world's client; `calls` says of each fetch whether a transaction was open."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.calls: list[bool] = []

    async def get(self, url: str, **choices: Any) -> Answer:
        """Give what the world serves, after letting everybody else have a turn."""
        self.calls.append(isinstance(database.connection(), TransactionalDBClient))
        await asyncio.sleep(0)
        return await super().get(url, **choices)
