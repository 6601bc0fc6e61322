"""Is this server fit to answer: asked by whoever starts, restarts or balances it. No version and no secret is told."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from tortoise.exceptions import BaseORMException

from models import database
from models.host import Host
from server.config import Settings
from server.queue import answers
from server.ttl_cache import TtlCache

PATIENCE_SECONDS = 1.0
REMEMBERED_SECONDS = 1.0
MIGRATIONS_REMEMBERED_SECONDS = 60.0


class State(StrEnum):
    """How one part is. UNKNOWN: what it is to be read from is away. UNUSED: there is none by choice."""

    OK = "ok"
    AWAY = "away"
    BEHIND = "behind"
    UNKNOWN = "unknown"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Readiness:
    """The parts a server needs. Without a broker work is found later, by the periodic look: it is degraded, but ready."""

    database: State
    migrations: State
    broker: State

    @property
    def is_ready(self) -> bool:
        """Whether requests may be sent here."""
        return self.database is State.OK and self.migrations is State.OK

    @property
    def word(self) -> str:
        """Say it in one word."""
        if not self.is_ready:
            return "unready"
        return "degraded" if self.broker is State.AWAY else "ready"


class Doctor:
    """Looks at the parts for one process; what it found a moment ago it does not look up again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._found: TtlCache[str, Readiness] = TtlCache(REMEMBERED_SECONDS, 1)
        self._migrations: TtlCache[str, State] = TtlCache(MIGRATIONS_REMEMBERED_SECONDS, 1)
        self._turn = asyncio.Lock()

    async def look(self) -> Readiness:
        """Tell how the parts are; however many ask, one looks at a time."""
        async with self._turn:
            return self._found.get("all") or self._found.keep("all", await self._look())

    async def _look(self) -> Readiness:
        broker = asyncio.create_task(self._broker())
        state = await _database()
        migrations = await self._check_migrations() if state is State.OK else State.UNKNOWN
        return Readiness(state, migrations, await broker)

    async def _check_migrations(self) -> State:
        if (found := self._migrations.get("all")) is not None:
            return found
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                pending = await database.pending_migrations()
        except (BaseORMException, OSError):  # a TimeoutError is an OSError
            return State.UNKNOWN
        return State.BEHIND if pending else self._migrations.keep("all", State.OK)

    async def _broker(self) -> State:
        if not self._settings.redis_url:
            return State.UNUSED
        return State.OK if await answers(self._settings.redis_url, PATIENCE_SECONDS) else State.AWAY


async def _database() -> State:
    """Ask for a row of a table: a mere SELECT 1 would not read the file of SQLite."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await Host.all().limit(1).values_list("name")
    except (BaseORMException, OSError):
        return State.AWAY
    return State.OK
