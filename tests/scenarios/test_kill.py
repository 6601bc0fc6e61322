"""SIGKILL of any process, at several moments of a fan-out to 200 inboxes and of an inbox burst of 500.

After the restart nothing accepted is lost, and at most the requests that were in flight are sent again, with the same
activity id.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio

from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.receiver import Arrival, Fake, Fediverse, Json
from tests.scenarios.server import ADMIN, Server, eventually
from workers.delivery import HOSTS_AT_ONCE, INBOXES_AT_ONCE

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTS = [f"127.0.1.{number}" for number in range(1, 21)]
ACTORS_PER_HOST = 10
INBOXES = len(HOSTS) * ACTORS_PER_HOST
BURST = 500
SENDERS = 16
PAGE = 40
PATIENCE_SECONDS = 60.0

EVERYTHING = "everything"
SENDER = "the worker that sends"
VICTIMS = ["worker-1", "web", "broker", EVERYTHING]
FAN_OUT_MOMENTS = [1, 40, 120]
BURST_MOMENTS = [1, 100, 400]


@dataclass
class Town:
    """A server with 200 followers elsewhere, whose administrator follows somebody on each host."""

    server: Server
    fediverse: Fediverse
    killed: asyncio.Event = field(default_factory=asyncio.Event)

    def kill(self, victim: str) -> None:
        """SIGKILL one process, or all."""
        if victim == EVERYTHING:
            self.server.kill_everything()
        else:
            self.server.kill(victim)
        self.killed.set()

    def kill_at_delivery(self, number: int, victim: str, text: str) -> None:
        """Kill when so many deliveries of a post have arrived, before the last of them is answered."""
        numbers = itertools.count(1)
        self.killed.clear()

        def count(arrival: Arrival) -> None:
            if arrival.says(text) and next(numbers) == number:
                self.kill(self.server.sender(arrival.port) if victim == SENDER else victim)

        self.fediverse.on_arrival = count

    async def revive(self, victim: str) -> None:
        """Wait for the kill, and start again what nothing else starts again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.killed.wait()
        self.fediverse.on_arrival = None
        if victim == EVERYTHING:
            await asyncio.to_thread(self.server.start)

    async def until_empty(self, table: str) -> None:
        """Wait until nothing is left to do."""

        async def is_empty() -> bool:
            return await rows.count(self.server, table) == 0

        await eventually(is_empty, seconds=PATIENCE_SECONDS)

    async def burst(self, creates: list[tuple[Fake, Json]], kill_after: int, victim: str) -> set[str]:
        """Send all at once and kill when so many were accepted; the uris of the posts that were, then or later."""
        self.killed.clear()
        accepted: set[str] = set()
        waiting = iter(creates)

        async def send() -> None:
            for fake, create in waiting:
                try:
                    status = await self.fediverse.send(fake, create, f"{self.server.origin}/inbox")
                except (aiohttp.ClientError, TimeoutError):
                    continue
                if status == 202:
                    accepted.add(create["object"]["id"])
                if len(accepted) == kill_after and not self.killed.is_set():
                    self.kill(victim)

        await asyncio.gather(*(send() for _ in range(SENDERS)))
        return accepted

    async def home(self, text: str) -> Counter[str]:
        """Read the newest posts of the administrator's home timeline as long as they say `text`: how often each is there."""
        found: Counter[str] = Counter()
        page: dict[str, str] = {}
        while True:
            read = await self.server.api("GET", "/api/v1/timelines/home", limit=PAGE, **page)
            uris = [status["uri"] for status in read if text in status["content"]]
            if not uris:
                return found
            found.update(uris)
            page = {"max_id": read[-1]["id"]}


@pytest.fixture(scope="module")
def server(new_server: NewServer) -> Server:
    """The server whose processes are killed."""
    return new_server("lille", "Section de Lille")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(server: Server) -> AsyncIterator[Town]:
    """The server with its 200 followers, who all asked through the inbox."""
    fediverse = await Fediverse(HOSTS, ACTORS_PER_HOST).start()
    actor = await server.document(f"/@{ADMIN}")
    waiting = iter([(fake, fediverse.follow(fake, actor["id"])) for fake in fediverse.fakes])

    async def ask() -> None:
        for fake, follow in waiting:
            assert await fediverse.send(fake, follow, actor["inbox"]) == 202

    await asyncio.gather(*(ask() for _ in range(SENDERS)))

    async def all_are_accepted() -> bool:
        return len({arrival.inbox for arrival in fediverse.of_type("Accept")}) == INBOXES

    await eventually(all_are_accepted, seconds=PATIENCE_SECONDS)
    for fake in friends(fediverse):
        await server.follow(fake.uri)
    await eventually(lambda: follows_all(server))
    yield Town(server, fediverse)
    await fediverse.stop()


def friends(fediverse: Fediverse) -> list[Fake]:
    """One fake of each host: those whom the administrator follows."""
    return fediverse.fakes[::ACTORS_PER_HOST]


async def follows_all(server: Server) -> bool:
    """Whether everybody whom the administrator asked has accepted."""
    states = "SELECT f.state FROM follow f JOIN actor a ON a.id = f.follower_id WHERE a.local_name = $1"
    found = await rows.query(server, states, ADMIN)
    return found == [("accepted",)] * len(HOSTS)


@pytest.mark.parametrize(("moment", "victim"), list(itertools.product(FAN_OUT_MOMENTS, VICTIMS)))
async def test_a_fan_out_reaches_every_inbox_whatever_is_killed(town: Town, moment: int, victim: str) -> None:
    text = f"fan-out, {victim} killed at {moment}"
    town.kill_at_delivery(moment, victim, text)
    with suppress(aiohttp.ClientError):
        await town.server.post_status(text)
    await town.revive(victim)

    await town.until_empty("delivery")

    check_arrivals(town.fediverse, text)


def check_arrivals(fediverse: Fediverse, text: str) -> None:
    """One activity reached every inbox; sent again was, for each host, no more than can be on its way there at once."""
    arrived = fediverse.deliveries(text)
    assert {inbox for _, inbox in arrived} == {fake.inbox for fake in fediverse.fakes}
    assert len({activity for activity, _ in arrived}) == 1
    again = Counter(urlsplit(inbox).hostname for (_, inbox), times in arrived.items() for _ in range(times - 1))
    assert len(again) <= HOSTS_AT_ONCE
    assert max(again.values(), default=0) <= INBOXES_AT_ONCE
    assert all(arrival.is_signed for arrival in fediverse.arrivals)


@pytest.mark.parametrize(("moment", "victim"), list(itertools.product(BURST_MOMENTS, VICTIMS)))
async def test_a_burst_loses_nothing_that_was_accepted_whatever_is_killed(town: Town, moment: int, victim: str) -> None:
    text = f"burst, {victim} killed at {moment}"
    senders = itertools.cycle(friends(town.fediverse))
    creates = [(fake, town.fediverse.create(fake, text)) for fake in itertools.islice(senders, BURST)]
    accepted = await town.burst(creates, moment, victim)
    await town.revive(victim)

    await town.until_empty("inbox_message")

    assert len(accepted) >= moment
    assert accepted <= set(await town.home(text))
    missing = [(fake, create) for fake, create in creates if create["object"]["id"] not in accepted]
    statuses = [town.fediverse.send(fake, create, f"{town.server.origin}/inbox") for fake, create in missing]
    assert set(await asyncio.gather(*statuses)) <= {202}
    await town.until_empty("inbox_message")
    assert await town.home(text) == Counter(create["object"]["id"] for _, create in creates)


async def test_of_two_workers_the_one_that_sends_is_killed(town: Town) -> None:
    town.server.stop()
    await asyncio.to_thread(town.server.start, workers=2)
    text = "fan-out by two workers"
    town.kill_at_delivery(40, SENDER, text)
    await town.server.post_status(text)
    await town.revive(SENDER)

    await town.until_empty("delivery")

    check_arrivals(town.fediverse, text)
