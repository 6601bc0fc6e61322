"""Two web processes, three workers, Valkey and PostgreSQL, restarted in turn: nothing is lost, no row has two holders."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from models.delivery import LEASE_SECONDS
from tests import databases
from tests.scenarios import rows
from tests.scenarios.mortal import ACTORS_PER_HOST, PATIENCE_SECONDS, Town
from tests.scenarios.receiver import Arrival, Fediverse
from tests.scenarios.scaled import CLAIMS, Postgres, ScaledOut
from tests.scenarios.server import eventually
from workers.delivery import INBOXES_AT_ONCE

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(databases.KIND != "postgres", reason="SQLite serves one machine"),
]

HOSTS = [f"127.0.3.{number}" for number in range(1, 11)]
FOLLOWERS = len(HOSTS) * ACTORS_PER_HOST
BURST = 150
VICTIMS = ["web-1", "worker", "broker", "database"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ScaledOut]:
    """The installation, whose database notes who claims what."""
    postgres = Postgres(tmp_path_factory.mktemp("pg"))
    folder = tmp_path_factory.mktemp("scaled") / "lille"
    folder.mkdir(mode=0o700)
    url = await postgres.create("scaled")
    server = ScaledOut(folder, "lille", "Section de Lille", host="127.0.0.2", database_url=url, postgres=postgres)
    await asyncio.to_thread(server.init)
    for statement in CLAIMS:
        await rows.query(server, statement)
    yield await server.open()
    await server.close()
    postgres.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(server: ScaledOut) -> AsyncIterator[Town]:
    """The installation among its followers."""
    fediverse = await Fediverse(HOSTS, ACTORS_PER_HOST).start()
    yield await Town(server, fediverse, followers_count=FOLLOWERS).settle_in()
    await fediverse.stop()


async def finish(town: Town) -> None:
    """Wait until nothing is left to do, the two minutes of a lease that its holder forgot being over at once."""

    async def is_done() -> bool:
        await end_forgotten_leases(town)
        return await town.is_done()

    await town.while_time_passes(is_done)


async def end_forgotten_leases(town: Town) -> None:
    """End the leases that are older than anything takes here."""
    for table in ("delivery", "inbox_message"):
        forgotten = f"leased_until < now() + make_interval(secs => {LEASE_SECONDS - 5})"
        await rows.query(town.server, f"UPDATE {table} SET leased_until = NULL, leased_by = NULL WHERE {forgotten}")


@pytest.mark.parametrize("victim", VICTIMS)
async def test_a_fan_out_reaches_every_inbox_whatever_restarts(town: Town, server: ScaledOut, victim: str) -> None:
    text, numbers, struck = f"fan-out, {victim}", itertools.count(1), asyncio.Event()

    def count(arrival: Arrival) -> None:
        if arrival.says(text) and next(numbers) == FOLLOWERS // 3:
            struck.set()

    town.fediverse.on_arrival = count
    await asyncio.gather(town.publish(text, text), strike(server, victim, struck))
    await finish(town)

    arrived = town.fediverse.deliveries(text)
    assert {inbox for _, inbox in arrived} == {fake.inbox for fake in town.followers}
    assert len({activity for activity, _ in arrived}) == 1
    again = Counter(urlsplit(inbox).hostname for (_, inbox), times in arrived.items() for _ in range(times - 1))
    assert max(again.values(), default=0) <= (INBOXES_AT_ONCE if victim in ("worker", "database") else 0)
    await check_claims(town)


async def strike(server: ScaledOut, victim: str, struck: asyncio.Event) -> None:
    """Restart it when the moment has come."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await struck.wait()
    await server.strike(victim)


@pytest.mark.parametrize("victim", VICTIMS)
async def test_a_burst_is_performed_once_whatever_restarts(town: Town, server: ScaledOut, victim: str) -> None:
    text, before = f"burst, {victim}", town.accepted
    senders = itertools.islice(itertools.cycle(town.friends), BURST)
    creates = [(fake, town.create(fake, town.note(fake, text))) for fake in senders]

    async def some_are_accepted() -> bool:
        return town.accepted - before >= BURST // 3

    async def strike_then() -> None:
        await eventually(some_are_accepted)
        await server.strike(victim)

    await asyncio.gather(town.deliver(creates), strike_then())
    await finish(town)

    shown = (
        "SELECT p.uri, count(*) FROM post p JOIN home_row h ON h.post_id = p.id WHERE p.content_html LIKE $1 GROUP BY 1"
    )
    found = await rows.query(town.server, shown, f"%{text}%")
    assert dict(found) == {create["object"]["id"]: 1 for _, create in creates}
    await check_claims(town)


async def check_claims(town: Town) -> None:
    """Nobody took a row that another worker held."""
    taken = "SELECT kind, row_id, holder, worker FROM claim_seen WHERE holder IS NOT NULL AND was_held"
    assert await rows.query(town.server, taken) == []


async def test_all_workers_had_their_share(town: Town) -> None:
    found = await rows.query(town.server, "SELECT DISTINCT worker FROM claim_seen")
    assert len(found) > 1
