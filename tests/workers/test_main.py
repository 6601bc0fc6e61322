"""Whole workers: arq over a real broker and a real database, sending to a server on loopback."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from arq.connections import ArqRedis
from redis.exceptions import RedisError

from federation.actors import keep
from federation.context import Context, Work
from federation.objects import actor as actor_object
from models.actor import Actor
from models.delivery import Delivery
from models.follow import Follow
from models.inbox import InboxMessage
from server.config import Settings, read_settings
from server.queue import QUEUE_NAME, Queue, open_pool, redis_settings
from server.runtime import clock, running
from tests import factories
from tests.federation.loopback import Hang, Loopback, Reply, serve
from tests.valkey import Valkey
from workers.main import build_worker, close

REPOSITORY = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0
SECRET = "ab" * 32


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it never is.
    """
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():
            await asyncio.sleep(0.01)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of this test's own."""
    valkey = Valkey(tmp_path / "valkey").start()
    yield valkey
    valkey.kill()


@pytest.fixture
def environment(database_url: str, valkey: Valkey, tmp_path: Path) -> dict[str, str]:
    """The settings of an installation, as processes are given them."""
    return {
        "COOPOLE_DATA": str(tmp_path),
        "COOPOLE_ORIGIN": "http://127.0.0.1:8000",
        "COOPOLE_DATABASE_URL": database_url,
        "COOPOLE_REDIS_URL": valkey.url,
        "COOPOLE_SECRET_KEY": SECRET,
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    """The same, read."""
    return read_settings(environment)


@pytest.fixture
async def far() -> AsyncIterator[Loopback]:
    """Another server, whose shared inbox takes everything."""
    async with serve() as far:
        far.replies["/inbox"] = Reply(202)
        yield far


@pytest.fixture
async def home(settings: Settings) -> AsyncIterator[Context]:
    """The installation, open in this process."""
    async with running(settings) as ctx:
        yield ctx


@pytest.fixture
async def section(home: Context) -> Actor:
    """Its section."""
    return await factories.section(home, "lille", "Section de Lille")


async def follower(home: Context, far: Loopback, name: str = "noor") -> Actor:
    """Somebody of the other server whom we have met."""
    return await keep(actor_object.read(factories.actor_document(f"{far.origin}/users/{name}"), now=home.now()))


async def follow_arrives(section: Actor, actor: Actor, number: int = 1) -> None:
    """Put a Follow into the journal, waking nobody."""
    document = factories.activity("Follow", actor.uri, section.uri, number)
    await InboxMessage.create(
        actor_uri=actor.uri, activity_uri=document["id"], body=orjson.dumps(document).decode(), due_at=clock()
    )


@asynccontextmanager
async def working(settings: Settings, slot: str = "here/worker-1") -> AsyncIterator[asyncio.Task[None]]:
    """Run an arq worker in this process, its first jobs done."""
    worker = build_worker(settings, slot)
    task = asyncio.create_task(worker.async_run())
    try:
        await until(lambda: done_with_its_first_jobs(worker, task))
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, RedisError):
            await task
        await close(worker)


async def done_with_its_first_jobs(worker: Any, task: asyncio.Task[None]) -> bool:
    if task.done():
        await task
    return bool(worker.jobs_complete >= 3)


async def received(far: Loopback, count: int) -> bool:
    """Whether the other server has received so many activities."""
    return len(far.received) >= count


async def test_what_arrives_is_performed_and_answered(
    settings: Settings, home: Context, section: Actor, far: Loopback
) -> None:
    noor = await follower(home, far)
    async with working(settings):
        await follow_arrives(section, noor)
        queue = Queue(settings.redis_url)
        await queue.wake(Work.INBOX)
        await until(lambda: received(far, 1))
        await until(lambda: nothing_owed())
        await queue.close()
        assert await Follow.exists(follower_id=noor.id, followed_id=section.id)
        assert not await InboxMessage.exists()

    [arrived] = far.received
    assert (arrived.method, arrived.target) == ("POST", "/inbox")
    accept = orjson.loads(arrived.body)
    assert (accept["type"], accept["actor"], accept["object"]["actor"]) == ("Accept", section.uri, noor.uri)
    assert f'keyId="{section.uri}#main-key"' in arrived.headers["signature"]


async def nothing_owed() -> bool:
    return not await Delivery.exists()


async def test_what_waited_while_no_worker_ran_is_done_when_one_starts(
    settings: Settings, home: Context, section: Actor, far: Loopback
) -> None:
    noor = await follower(home, far)
    await follow_arrives(section, noor)
    await InboxMessage.claim("here/worker-1", clock(), 10)
    async with working(settings):
        await until(lambda: received(far, 1))


async def test_jobs_lost_with_their_worker_hide_no_others(
    settings: Settings, home: Context, section: Actor, far: Loopback
) -> None:
    pool = await open_pool(redis_settings(settings.redis_url))
    lost = [f"lost{number}" for number in range(150)]
    await pool.zadd(QUEUE_NAME, {id_: time.time() * 1000 - 5000 for id_ in lost})
    for id_ in lost:
        await pool.psetex(f"arq:in-progress:{id_}", 3_600_000, b"1")
    await pool.aclose()
    noor = await follower(home, far)
    await follow_arrives(section, noor)
    async with working(settings):
        await until(lambda: received(far, 1))


async def test_a_broker_that_died_and_forgot_everything_loses_no_work(
    settings: Settings, home: Context, section: Actor, far: Loopback, valkey: Valkey
) -> None:
    noor = await follower(home, far)
    async with working(settings) as task:
        valkey.kill()
        await follow_arrives(section, noor)
        await home.wake(Work.INBOX)
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        assert task.done(), "the worker goes on without a broker"

    valkey.start()
    async with working(settings):
        await until(lambda: received(far, 1))
        assert not await InboxMessage.exists()


async def test_the_periodic_look_finds_what_nobody_was_woken_for(
    settings: Settings, home: Context, section: Actor, far: Loopback
) -> None:
    noor = await follower(home, far)
    async with working(settings):
        await follow_arrives(section, noor)
        await until(lambda: received(far, 1))


class Process:
    """A worker process as `coopole serve` forks it."""

    def __init__(self, environment: dict[str, str], name: str = "worker-1") -> None:
        program = f"import sys; from workers.main import run_worker; sys.exit(run_worker({name!r}))"
        others = {key: value for key, value in os.environ.items() if not key.startswith("COOPOLE_")}
        self.popen = subprocess.Popen(
            [sys.executable, "-c", program], cwd=REPOSITORY, env=others | environment, stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    async def end(self, number: signal.Signals) -> tuple[int, str]:
        """Send a signal and wait: (exit status, what it logged)."""
        self.popen.send_signal(number)
        _, said = await asyncio.to_thread(self.popen.communicate, None, PATIENCE_SECONDS)
        return self.popen.returncode, said


@pytest.fixture
async def process(environment: dict[str, str], home: Context) -> AsyncIterator[Process]:
    """A running worker process."""
    process = Process(environment)
    yield process
    if process.popen.poll() is None:
        await process.end(signal.SIGKILL)


@pytest.fixture
async def redis(valkey: Valkey) -> AsyncIterator[ArqRedis]:
    """A look into the broker."""
    pool = await open_pool(redis_settings(valkey.url))
    yield pool
    await pool.aclose()


async def test_a_worker_that_is_told_to_stop_finishes_and_says_goodbye(
    home: Context, section: Actor, far: Loopback, process: Process, redis: ArqRedis
) -> None:
    await until(lambda: redis.keys("coopole:health:*"))
    await follow_arrives(section, await follower(home, far))
    await home.wake(Work.INBOX)
    await until(lambda: received(far, 1))

    status, said = await process.end(signal.SIGTERM)

    assert status == 0, said
    assert "Traceback" not in said
    assert await redis.keys("coopole:health:*") == []
    assert not await InboxMessage.exists()
    assert not await Delivery.exists()


async def test_a_worker_that_must_stop_at_once_gives_back_what_it_cannot_finish(
    settings: Settings, home: Context, section: Actor, far: Loopback
) -> None:
    far.replies["/inbox"] = Hang()
    await follow_arrives(section, await follower(home, far))
    worker = build_worker(settings, "here/worker-1")
    task = asyncio.create_task(worker.async_run())
    await until(lambda: received(far, 1))

    worker.handle_sig(signal.SIGTERM)
    with suppress(asyncio.CancelledError):
        await task
    await close(worker)

    async with running(settings):
        row = await Delivery.get()
        assert (row.leased_by, row.leased_until) == (None, None)
        assert row.due_at is not None


async def test_what_a_killed_worker_held_is_done_by_the_next_of_its_name(
    environment: dict[str, str], home: Context, section: Actor, far: Loopback, process: Process
) -> None:
    far.replies["/inbox"] = Hang()
    await follow_arrives(section, await follower(home, far))
    await until(lambda: received(far, 1))
    await process.end(signal.SIGKILL)
    assert (await Delivery.get()).leased_by is not None

    far.replies["/inbox"] = Reply(202)
    successor = Process(environment)
    await until(nothing_owed)
    status, said = await successor.end(signal.SIGTERM)
    assert status == 0, said
    first, second = (orjson.loads(arrived.body)["id"] for arrived in far.received)
    assert first == second
