"""What the tests of the workers share: a real broker, and jobs as arq would start them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from arq.connections import ArqRedis

from federation.context import Context
from server.config import read_settings
from server.media.store import MediaStore
from server.queue import open_pool, redis_settings
from tests.valkey import Valkey
from workers.delivery import Lanes
from workers.errands import Runner
from workers.inbox import Inbox

SLOT = "here/worker-1"


@pytest.fixture(scope="session")
def shared_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A broker for all tests that do not kill it."""
    valkey = Valkey(tmp_path_factory.mktemp("valkey")).start()
    yield valkey
    valkey.kill()


@pytest.fixture
async def redis(shared_valkey: Valkey) -> AsyncIterator[ArqRedis]:
    """A connection to an empty broker."""
    pool = await open_pool(redis_settings(shared_valkey.url))
    await pool.flushall()
    yield pool
    await pool.aclose()


@pytest.fixture
def job(ctx: Context, redis: ArqRedis, tmp_path: Path) -> dict[str, Any]:
    """What a task is called with."""
    return {
        "context": ctx,
        "redis": redis,
        "slot": SLOT,
        "inbox": Inbox(SLOT),
        "lanes": Lanes(SLOT),
        "errands": Runner(),
        "settings": (settings := read_settings({"COOPOLE_DATA": str(tmp_path)})),
        "media": MediaStore(settings),
    }
