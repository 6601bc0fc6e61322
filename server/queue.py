"""Waking the workers. The database remembers what is owed; the queue only says that somebody should look.

A mark per kind of work keeps one wake-up waiting at a time; the task takes it away before it looks, so that whatever
is written after its look wakes another.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import orjson
import structlog
from arq.connections import ArqRedis, RedisSettings, create_pool
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from federation.context import Work

MARK_SECONDS = 30
WAKE_SECONDS = 2.0
LISTEN_AGAIN_SECONDS = 2.0
SILENT_SECONDS = 15.0
QUEUE_NAME = "coopole"
NEWS_CHANNEL = "coopole:news"
TASKS = {
    Work.INBOX: "process_inbox",
    Work.DELIVERY: "deliver",
    Work.ERRANDS: "run_errands",
    Work.MAIL: "send_letters",
    Work.PUSH: "push_all",
}

SERIALIZERS = {"job_serializer": orjson.dumps, "job_deserializer": orjson.loads}

log = structlog.get_logger()


def redis_settings(url: str) -> RedisSettings:
    """Read a redis://, rediss:// or unix:// URL."""
    return RedisSettings.from_dsn(url)


async def open_pool(settings: RedisSettings) -> ArqRedis:
    """Open connections to the broker. Jobs are written as JSON: nobody who can write to the broker runs code here."""
    return await create_pool(settings, default_queue_name=QUEUE_NAME, **SERIALIZERS)


class Queue:
    """One process's connection to the broker. Without a broker nothing is lost: a periodic look finds the work."""

    def __init__(self, url: str) -> None:
        self._settings = replace(redis_settings(url), conn_retries=0) if url else None
        self._pool: ArqRedis | None = None
        self._connecting = asyncio.Lock()

    async def wake(self, work: Work) -> None:
        """Tell a worker that there are rows to look at. A broker that is away or hangs costs `WAKE_SECONDS` at most."""
        try:
            async with asyncio.timeout(WAKE_SECONDS):
                pool = await self._connected()
                if pool is not None and await pool.set(_mark(work), b"1", nx=True, ex=MARK_SECONDS):
                    await pool.enqueue_job(TASKS[work], _queue_name=QUEUE_NAME)
        except (RedisError, OSError) as error:
            log.warning("broker cannot be reached", work=work.value, error=repr(error))

    async def publish(self, message: bytes) -> None:
        """Tell every web process something that it tells whoever has a stream open; lost where nobody listens."""
        try:
            async with asyncio.timeout(WAKE_SECONDS):
                if (pool := await self._connected()) is not None:
                    await pool.publish(NEWS_CHANNEL, message)
        except (RedisError, OSError) as error:
            log.warning("broker cannot be reached", work="news", error=repr(error))

    async def _connected(self) -> ArqRedis | None:
        async with self._connecting:
            if self._pool is None and self._settings is not None:
                self._pool = await open_pool(self._settings)
        return self._pool

    async def close(self) -> None:
        """Close the connection."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None


async def listen(url: str, hear: Callable[[bytes], None], *, silent_seconds: float = SILENT_SECONDS) -> None:
    """Hear what is published, over one connection, for as long as this runs; a broker that is lost is looked for again.

    One that says nothing for `silent_seconds` is asked for a sign of life, and is lost if it gives none in as long: a
    connection whose other end has vanished says nothing for ever.
    """
    while True:
        client = Redis.from_url(url, socket_connect_timeout=WAKE_SECONDS)
        try:
            async with client.pubsub() as channel:
                await channel.subscribe(NEWS_CHANNEL)
                await _hear(channel, hear, silent_seconds)
        except (RedisError, OSError) as error:
            log.warning("broker cannot be reached", work="news", error=repr(error))
        finally:
            await client.aclose()
        await asyncio.sleep(LISTEN_AGAIN_SECONDS)


async def _hear(channel: PubSub, hear: Callable[[bytes], None], silent_seconds: float) -> None:
    is_asked = False
    while True:
        message = await channel.get_message(timeout=silent_seconds)
        if message is None:
            if is_asked:
                raise TimeoutError("the broker gives no sign of life")
            await channel.ping()
        elif message["type"] == "message":
            hear(message["data"])
        is_asked = message is None


async def answers(url: str, patience_seconds: float) -> bool:
    """Whether the broker answers, within so many seconds."""
    try:
        async with asyncio.timeout(patience_seconds):
            pool = await open_pool(replace(redis_settings(url), conn_retries=0))
            try:
                return bool(await pool.ping())
            finally:
                await pool.aclose()
    except (RedisError, OSError):
        return False


async def take_mark(redis: ArqRedis, work: Work) -> None:
    """Take the mark away: what is written from now on wakes another task."""
    await redis.delete(_mark(work))


async def forget_jobs(redis: ArqRedis, *, older_than_seconds: float) -> int:
    """Take jobs out of the queue that have been there too long; how many those were.

    A job that was running when its process was killed counts as running for as long as it might have run, and enough
    of them hide every job behind them. A running one does not mind, and the rows that a waiting one was to look at are
    found by the next.
    """
    before_ms = (time.time() - older_than_seconds) * 1000
    return int(await redis.zremrangebyscore(QUEUE_NAME, "-inf", before_ms))


def _mark(work: Work) -> str:
    return f"coopole:woken:{work.value}"
