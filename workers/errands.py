"""What nobody waits for, a few at a time: fetching conversations, followers and shared details, telling of events anew."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from arq.connections import ArqRedis

from federation import conversations, follower_sync
from federation.context import Context, Work
from federation.errors import FederationError, RemoteUnavailable
from models.errand import Errand, ErrandType
from server.events import moving_up, retelling
from server.queue import take_mark
from server.sections import copies

AT_ONCE = 6
MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 60
PAUSE_GROWS_BY = 5

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Way:
    """How errands of a type are run, and how long one that is done is not asked for again."""

    run: Callable[[Errand, Context], Awaitable[None]]
    rests_for: timedelta


async def _ancestors(errand: Errand, ctx: Context) -> None:
    await conversations.fetch_ancestors(errand.uri, ctx)


async def _replies(errand: Errand, ctx: Context) -> None:
    await conversations.fetch_replies(errand.uri, errand.depth, ctx)


async def _followers(errand: Errand, ctx: Context) -> None:
    await follower_sync.mend(errand.uri, errand.about_uri or "", ctx)


async def _details(errand: Errand, ctx: Context) -> None:
    await copies.read_again(errand.uri, ctx)


async def _retell(errand: Errand, ctx: Context) -> None:
    await retelling.retell(errand.about_uri or "", ctx)


async def _move_up(errand: Errand, ctx: Context) -> None:
    await moving_up.move_up(errand.uri, ctx)


ERRANDS: Mapping[ErrandType, Way] = {
    ErrandType.ANCESTORS: Way(_ancestors, timedelta(hours=6)),
    ErrandType.REPLIES: Way(_replies, timedelta(minutes=15)),
    ErrandType.FOLLOWERS: Way(_followers, timedelta(hours=1)),
    ErrandType.DETAILS: Way(_details, timedelta(hours=1)),
    ErrandType.RETELL: Way(_retell, timedelta()),
    ErrandType.MOVE_UP: Way(_move_up, timedelta()),
}


async def run_errands(job: dict[str, Any]) -> None:
    """Run what is due, until nothing is; where this process does so already, leave it to that."""
    redis: ArqRedis = job["redis"]
    runner: Runner = job["errands"]
    await take_mark(redis, Work.ERRANDS)
    await runner.run(job["context"])


class Runner:
    """The errands that one process is running: a few at once, however many jobs are started."""

    def __init__(self) -> None:
        self._is_running = False

    async def run(self, ctx: Context) -> None:
        """Run errands until none is due; return at once if another call does."""
        if self._is_running:
            return
        self._is_running = True
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(AT_ONCE):
                    group.create_task(_run_some(ctx))
        finally:
            self._is_running = False


async def _run_some(ctx: Context) -> None:
    while (errand := await Errand.claim(ctx.now(), ERRANDS)) is not None:
        await run_one(errand, ctx)


async def run_one(errand: Errand, ctx: Context) -> None:
    """Run one errand, and write down what became of it."""
    rests_until = ctx.now() + ERRANDS[errand.type].rests_for
    try:
        await ERRANDS[errand.type].run(errand, ctx)
    except RemoteUnavailable as error:
        await _put_off(errand, error, ctx)
    except FederationError as error:
        log.info("errand ended", type=errand.type.value, uri=errand.uri, why=str(error))
        await errand.rest(rests_until)
    except Exception as error:
        log.error("errand broke", type=errand.type.value, uri=errand.uri, exc_info=error)
        await _put_off(errand, error, ctx)
    else:
        await errand.rest(rests_until)


async def _put_off(errand: Errand, error: Exception, ctx: Context) -> None:
    """Try again later, longer each time, or when the other server says; after `MAX_ATTEMPTS` leave it."""
    if errand.attempts + 1 >= MAX_ATTEMPTS:
        log.info("errand given up", type=errand.type.value, uri=errand.uri, error=str(error))
        await errand.rest(ctx.now() + ERRANDS[errand.type].rests_for)
        return
    asked = error.retry_after_seconds if isinstance(error, RemoteUnavailable) else None
    pause = FIRST_PAUSE_SECONDS * PAUSE_GROWS_BY**errand.attempts if asked is None else asked
    await errand.put_off(ctx.now() + timedelta(seconds=pause))
