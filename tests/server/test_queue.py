"""Waking workers through a real broker: once for much work, never at the cost of whoever wakes."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import orjson
import pytest
from arq.connections import ArqRedis
from redis.asyncio import Redis
from structlog.testing import capture_logs

from federation.context import Work
from server.queue import (
    MARK_SECONDS,
    QUEUE_NAME,
    TASKS,
    WAKE_SECONDS,
    Queue,
    forget_jobs,
    listen,
    open_pool,
    redis_settings,
    take_mark,
)
from tests.valkey import Valkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of this test's own, to be killed."""
    valkey = Valkey(tmp_path).start()
    yield valkey
    valkey.kill()


@pytest.fixture
async def queue(valkey: Valkey) -> AsyncIterator[Queue]:
    """A process's connection to it."""
    queue = Queue(valkey.url)
    yield queue
    await queue.close()


@pytest.fixture
async def redis(valkey: Valkey) -> AsyncIterator[ArqRedis]:
    """A look at what it holds."""
    pool = await open_pool(redis_settings(valkey.url))
    yield pool
    await pool.aclose()


async def waiting(redis: ArqRedis) -> list[str]:
    """The tasks that wait for a worker."""
    return [job.function for job in await redis.queued_jobs()]


@pytest.mark.parametrize("work", list(Work))
async def test_every_kind_of_work_starts_its_task(queue: Queue, redis: ArqRedis, work: Work) -> None:
    await queue.wake(work)
    assert await waiting(redis) == [TASKS[work]]


async def test_a_hundred_wake_ups_start_one_task(queue: Queue, redis: ArqRedis) -> None:
    await asyncio.gather(*(queue.wake(Work.INBOX) for _ in range(100)))
    assert await waiting(redis) == ["process_inbox"]


async def test_kinds_of_work_wait_side_by_side(queue: Queue, redis: ArqRedis) -> None:
    for work in Work:
        await queue.wake(work)
    assert sorted(await waiting(redis)) == sorted(TASKS.values())


async def test_a_task_that_has_begun_leaves_room_for_the_next(queue: Queue, redis: ArqRedis) -> None:
    await queue.wake(Work.INBOX)
    await take_mark(redis, Work.INBOX)
    await queue.wake(Work.INBOX)
    assert await waiting(redis) == ["process_inbox", "process_inbox"]


async def test_a_mark_whose_task_was_lost_does_not_last(queue: Queue, redis: ArqRedis) -> None:
    await queue.wake(Work.INBOX)
    [key] = await redis.keys("coopole:woken:*")
    assert 0 < await redis.ttl(key) <= MARK_SECONDS


async def test_many_wake_ups_at_once_open_few_connections(queue: Queue, redis: ArqRedis) -> None:
    await asyncio.gather(*(queue.wake(Work.INBOX) for _ in range(50)))
    await queue.wake(Work.DELIVERY)
    assert len(await redis.client_list()) <= 52


async def test_without_a_broker_nothing_happens() -> None:
    queue = Queue("")
    with capture_logs() as logs:
        await queue.wake(Work.INBOX)
    await queue.close()
    assert logs == []


async def test_a_broker_that_is_not_there_is_logged_and_costs_nothing(tmp_path: Path) -> None:
    queue = Queue(f"unix://{tmp_path}/none.sock")
    with capture_logs() as logs:
        async with asyncio.timeout(10 * WAKE_SECONDS):
            for _ in range(100):
                await queue.wake(Work.INBOX)
    await queue.close()
    assert {line["event"] for line in logs} == {"broker cannot be reached"}
    assert len(logs) == 100


async def test_a_broker_that_was_killed_is_logged_and_its_successor_found(queue: Queue, valkey: Valkey) -> None:
    await queue.wake(Work.INBOX)
    valkey.kill()
    with capture_logs() as logs:
        await queue.wake(Work.INBOX)
    assert [line["event"] for line in logs] == ["broker cannot be reached"]

    valkey.start()
    await queue.wake(Work.INBOX)

    pool = await open_pool(redis_settings(valkey.url))
    assert await waiting(pool) == ["process_inbox"]
    await pool.aclose()


async def test_a_broker_that_hangs_holds_nobody_up(queue: Queue, valkey: Valkey) -> None:
    await queue.wake(Work.DELIVERY)
    valkey.signal(signal.SIGSTOP)
    try:
        with capture_logs() as logs:
            async with asyncio.timeout(WAKE_SECONDS * 10):
                await queue.wake(Work.INBOX)
    finally:
        valkey.signal(signal.SIGCONT)
    assert [line["event"] for line in logs] == ["broker cannot be reached"]
    with capture_logs() as logs:
        await queue.wake(Work.INBOX)
    assert logs == []


async def test_a_queue_that_was_closed_opens_again(queue: Queue, redis: ArqRedis) -> None:
    await queue.wake(Work.INBOX)
    await queue.close()
    await queue.wake(Work.DELIVERY)
    assert sorted(await waiting(redis)) == ["deliver", "process_inbox"]


async def test_jobs_are_written_as_plain_json(queue: Queue, redis: ArqRedis) -> None:
    await queue.wake(Work.INBOX)
    [key] = await redis.keys("arq:job:*")
    assert orjson.loads(await redis.get(key))["f"] == "process_inbox"


async def test_jobs_that_have_waited_too_long_are_forgotten(queue: Queue, redis: ArqRedis) -> None:
    await queue.wake(Work.DELIVERY)
    old = (time.time() - 61) * 1000
    await redis.zadd(QUEUE_NAME, {f"lost{number}": old for number in range(150)})

    assert await forget_jobs(redis, older_than_seconds=60) == 150

    assert await waiting(redis) == ["deliver"]


async def test_what_is_published_is_heard_by_who_listens_and_again_when_the_broker_is_back(
    valkey: Valkey, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.queue.LISTEN_AGAIN_SECONDS", 0.01)
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    listening = asyncio.create_task(listen(valkey.url, heard.put_nowait))

    async def publish_until_heard(message: bytes) -> None:
        while heard.empty():  # nobody may listen yet, and what nobody hears is lost
            await queue.publish(message)
            await asyncio.sleep(0.05)
        while not heard.empty():
            assert heard.get_nowait() == message

    async with asyncio.timeout(30):
        await publish_until_heard(b"one")
        valkey.kill()
        await queue.publish(b"lost")
        valkey.start()
        await publish_until_heard(b"two")
    listening.cancel()


async def test_a_broker_that_says_nothing_is_asked_for_a_sign_of_life_and_kept_while_it_gives_one(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.queue.LISTEN_AGAIN_SECONDS", 0.01)
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    with capture_logs() as logs:
        listening = asyncio.create_task(listen(valkey.url, heard.put_nowait, silent_seconds=0.2))
        async with asyncio.timeout(30):
            while not await _pings(valkey):
                await asyncio.sleep(0.05)
            assert logs == []
            valkey.signal(signal.SIGSTOP)
            while not logs:
                await asyncio.sleep(0.05)
            valkey.signal(signal.SIGCONT)
    listening.cancel()
    assert logs[0]["work"] == "news"


async def _pings(valkey: Valkey) -> int:
    """How often the broker was asked for a sign of life."""
    client = Redis.from_url(valkey.url)
    try:
        found = await client.info("commandstats")
        return int(found.get("cmdstat_ping", {}).get("calls", 0))
    finally:
        await client.aclose()


async def test_without_a_broker_publishing_is_nothing() -> None:
    queue = Queue("")
    await queue.publish(b"one")
    await queue.close()
