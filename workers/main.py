"""A worker process: which tasks it knows, and what runs by the clock."""

import asyncio
import os
import socket
from contextlib import AsyncExitStack
from typing import Any

import structlog
import uvloop
from arq import cron
from arq.connections import ArqRedis
from arq.worker import Worker
from redis.exceptions import RedisError

from models.delivery import Delivery
from models.inbox import InboxMessage
from server.config import Settings, read_settings
from server.logs import configure_logs
from server.mail.sending import mailer_of
from server.media.store import MediaStore
from server.monitoring import metrics
from server.queue import QUEUE_NAME, SERIALIZERS, forget_jobs, redis_settings
from server.runtime import running
from workers.delivery import Lanes, deliver
from workers.errands import Runner, run_errands
from workers.housekeeping import keep_house
from workers.inbox import Inbox, process_inbox
from workers.mail import send_letters
from workers.push import push_all
from workers.sweep import sweep

TASKS = [process_inbox, deliver, run_errands, send_letters, push_all]
POLL_SECONDS = 0.05
FINISH_SECONDS = 30
JOB_SECONDS = 3600
TIDY_SECONDS = 15
LOST_AFTER_SECONDS = 60
HOUSE_AT_MINUTES = set(range(2, 60, 5))
HOUSE_AT_SECOND = 5  # between two sweeps
SWEEP_AT_SECONDS = set(range(0, 60, 10))

log = structlog.get_logger()


def run_worker(name: str) -> int:
    """Work until told to stop; the exit status. `name` distinguishes the workers of one machine."""
    settings = read_settings()
    configure_logs(settings, process=name)
    metrics.watch_process(settings.data, name if name.startswith("worker-") else f"worker-{name}")
    uvloop.run(work(settings, name))
    return 0


async def work(settings: Settings, name: str) -> None:
    """Run one arq worker."""
    worker = build_worker(settings, f"{socket.gethostname()}/{name}")
    try:
        await worker.async_run()
    except asyncio.CancelledError:
        if not worker.allow_pick_jobs:
            return
        raise
    finally:
        await close(worker)


async def close(worker: Worker) -> None:
    """End a worker's jobs and give back all it holds, whatever its last jobs or the broker have to say."""
    await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
    worker.tasks.clear()
    try:
        await worker.close()
    except (RedisError, OSError):  # arq says goodbye to the broker before it looks after the rest
        await worker.on_shutdown(worker.ctx)


async def _release(slot: str) -> None:
    """Give back the rows that the process of this slot holds or, having died, held."""
    await InboxMessage.release(slot)
    await Delivery.release(slot)


async def _tidy(redis: ArqRedis) -> None:
    """Forget lost jobs every now and then: no job could do it, for they hide jobs."""
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        try:
            await forget_jobs(redis, older_than_seconds=LOST_AFTER_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("broker cannot be tidied", error=repr(error))


def build_worker(settings: Settings, slot: str) -> Worker:
    """Make the arq worker of this process. What an earlier process of the same `slot` held is given back first."""
    resources = AsyncExitStack()

    async def open_all(job: dict[str, Any]) -> None:
        job["context"] = await resources.enter_async_context(running(settings, flushes=False))
        job["settings"] = settings
        job["mailer"] = mailer_of(settings)
        job["media"] = MediaStore(settings)
        job["slot"], job["inbox"], job["lanes"], job["errands"] = slot, Inbox(slot), Lanes(slot), Runner()
        await _release(slot)
        await forget_jobs(job["redis"], older_than_seconds=0)
        job["tidying"] = asyncio.create_task(_tidy(job["redis"]))
        for task in TASKS:
            await job["redis"].enqueue_job(task.__name__, _queue_name=QUEUE_NAME)

    async def close_all(job: dict[str, Any]) -> None:
        async with resources:
            if "tidying" in job:
                job["tidying"].cancel()
            if "lanes" in job:
                await _release(slot)

    return Worker(
        functions=TASKS,
        cron_jobs=[
            cron(sweep, second=SWEEP_AT_SECONDS, run_at_startup=True, max_tries=1),
            cron(keep_house, minute=HOUSE_AT_MINUTES, second=HOUSE_AT_SECOND, max_tries=1),
        ],
        queue_name=QUEUE_NAME,
        redis_settings=redis_settings(settings.redis_url),
        on_startup=open_all,
        on_shutdown=close_all,
        poll_delay=POLL_SECONDS,
        max_jobs=8,
        job_timeout=JOB_SECONDS,
        keep_result=0,
        max_tries=3,
        job_completion_wait=FINISH_SECONDS,
        health_check_interval=300,
        health_check_key=f"coopole:health:{slot}:{os.getpid()}",
        log_results=False,
        **SERIALIZERS,
    )
