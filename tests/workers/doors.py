"""Other servers' inboxes that open when a test says so, and what is owed to them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from federation.answers import Answer
from federation.context import Context
from federation.jsonld import dump, load
from federation.uris import host_of
from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import Delivery
from tests import factories
from tests.world import World, WorldClient

PATIENCE_SECONDS = 30.0


class Doors(WorldClient):
    """The HTTP client of tests with doors: a host behind a closed one lets every request hang.

    `begun` are the inboxes in the order in which requests reached them; `most_at_once` the most requests in flight, by
    host and by inbox; `headers` what a host answers with; `before` is called before each answer. Hosts stumble (500)
    over the activities whose uris are in `stumbling_blocks`.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._closed: dict[str, asyncio.Event] = {}
        self._in_flight: Counter[str] = Counter()
        self.begun: list[str] = []
        self.most_at_once: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self.stumbling_blocks: set[str] = set()
        self.before: Callable[[str], Awaitable[None]] | None = None

    def close_door(self, host: str) -> None:
        """Let requests to a host hang from now on."""
        self._closed[host] = asyncio.Event()

    def open_door(self, host: str) -> None:
        """Answer what hangs, and whatever comes after."""
        self._closed.pop(host).set()

    async def post(self, url: str, body: bytes, *, content_type: str, signer: Any, now: Any = None) -> Answer:
        """Keep what we send once the door is open, and answer as the world was told to."""
        host = host_of(url)
        self.begun.append(url)
        for name in (host, url):
            self._in_flight[name] += 1
            self.most_at_once[name] = max(self.most_at_once[name], self._in_flight[name])
        try:
            await asyncio.sleep(0)
            if (door := self._closed.get(host)) is not None:
                await door.wait()
            if self.before is not None:
                await self.before(url)
            if load(body)["id"] in self.stumbling_blocks:
                return Answer(500, url, {}, b"")
            answer = await super().post(url, body, content_type=content_type, signer=signer, now=now)
            return replace(answer, headers=self.headers.get(host, {}))
        finally:
            for name in (host, url):
                self._in_flight[name] -= 1


def behind(ctx: Context, doors: Doors) -> Context:
    """The same context, sending through these doors."""
    return replace(ctx, client=doors)


async def owe(sender: Actor, *inboxes: str, number: int = 1, now: datetime) -> ActivityRecord:
    """Owe a numbered activity of `sender` to some inboxes."""
    document = factories.activity("Create", sender.uri, f"{sender.uri}/notes/{number}", number)
    record = await ActivityRecord.create(
        uri=document["id"], type="Create", actor_uri=sender.uri, is_local=True, document=dump(document), created_at=now
    )
    await Delivery.bulk_create(
        [
            Delivery(activity=record, sender_id=sender.id, inbox_uri=uri, host=host_of(uri), due_at=now, created_at=now)
            for uri in inboxes
        ]
    )
    return record


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Let other tasks go on until something is so.

    Raises:
        TimeoutError: it never is.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0)
