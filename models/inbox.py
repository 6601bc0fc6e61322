"""The journal: what was accepted with a 202 and is not performed yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI
from models.rows import columns, in_list, made_once, select
from models.secrets import SealedTextField, seal
from models.turns import Turns

MAX_HOST = 262  # a name of 253 characters, a colon and a port, or an address in brackets
LEASE_SECONDS = 120
ORDERED_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """An activity as it arrived at `received_at`: its JSON text, its uri, and whose signature it bore."""

    actor_uri: str
    activity_uri: str
    body: str
    received_at: datetime

    @property
    def host(self) -> str:
        """The host whose actor it is."""
        return host_in(self.actor_uri)


class InboxMessage(Model):
    """One activity as it arrived, its signature verified. A row goes when its activity has been performed or refused.

    `actor_uri` is whose signature it was, `host` where that actor lives: hosts are served in turn. `body` is sealed. A
    worker that holds the row says so in `leased_by` until `leased_until`.
    """

    id = fields.BigIntField(primary_key=True)
    actor_uri = fields.CharField(max_length=MAX_URI)
    host = fields.CharField(max_length=MAX_HOST)
    activity_uri = fields.CharField(max_length=MAX_URI, unique=True)
    body = SealedTextField()
    received_at = fields.DatetimeField(default=timezone.now)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(default=timezone.now)
    leased_until = fields.DatetimeField(null=True)
    leased_by = fields.CharField(max_length=128, null=True)
    last_error = fields.TextField(default="")

    class Meta:
        table = "inbox_message"
        indexes = [("due_at", "id"), ("host", "due_at"), ("host", "actor_uri", "id")]

    def __init__(self, **values: Any) -> None:
        values.setdefault("host", host_in(str(values.get("actor_uri"))))
        super().__init__(**values)

    @classmethod
    async def keep(cls, arrivals: Sequence[Arrival]) -> None:
        """Write what arrived, to be performed at once, in one transaction; what is here already changes nothing."""
        rows = [(one.host, one.actor_uri, one.activity_uri, seal(one.body), one.received_at) for one in arrivals]
        await database.execute_many(_KEEP, rows)

    @classmethod
    async def claim(cls, worker: str, now: datetime, limit: int, turns: Turns | None = None) -> "list[InboxMessage]":
        """Lease due messages of all hosts in turn, the same number of each where it has as many; oldest first.

        An actor whose earlier message is leased elsewhere, or waits for another try, is left out: order is kept
        for each actor. A message that failed more than `ORDERED_ATTEMPTS` times holds up its actor no longer: one
        dead server must not silence for hours whoever mentioned it. `turns` remembers where the last claim ended;
        without it the round begins with the host of the oldest message.
        """
        async with database.connection()._in_transaction():
            await _one_claim_at_a_time()
            ids = await (turns or Turns()).choose(now, limit, ORDERED_ATTEMPTS)
            if not ids:
                return []
            until = now + timedelta(seconds=LEASE_SECONDS)
            await database.execute(_LEASE % database.placeholders(len(ids), 3), until, worker, *ids)
        rows = await select(
            f"SELECT {columns(cls, 'm')} FROM inbox_message m WHERE m.id IN {in_list(ids)} ORDER BY m.id", *ids
        )
        return [made_once(cls, row) for row in rows]

    @classmethod
    async def forget(cls, ids: Sequence[int]) -> None:
        """Delete what was performed or refused."""
        if ids:
            await database.execute(f"DELETE FROM inbox_message WHERE id IN {in_list(ids)}", *ids)

    @classmethod
    async def renew(cls, ids: Sequence[int], worker: str, now: datetime) -> None:
        """Prolong the lease of those of these messages that `worker` still holds."""
        held: Any = cls.filter(id__in=list(ids), leased_by=worker)
        await held.update(leased_until=now + timedelta(seconds=LEASE_SECONDS))

    @classmethod
    async def count_by_host(cls, limit: int) -> dict[str, int]:
        """Count what is kept of each host, looking at so many messages at most."""
        return {row["host"]: row["number"] for row in await database.select(_COUNTS, limit)}

    @classmethod
    async def release(cls, worker: str) -> int:
        """Give back what `worker` held when it died; how many rows that was."""
        held: Any = cls.filter(leased_by=worker)
        return int(await held.update(leased_until=None, leased_by=None))


_KEEP = """
INSERT INTO inbox_message (host, actor_uri, activity_uri, body, received_at, due_at, attempts, last_error)
VALUES ($1, $2, $3, $4, $5, $5, 0, '') ON CONFLICT DO NOTHING
"""

_LEASE = "UPDATE inbox_message SET leased_until = $1, leased_by = $2 WHERE id IN (%s)"

_COUNTS = """
SELECT host, count(*) AS number FROM (SELECT host FROM inbox_message ORDER BY host LIMIT $1) AS looked_at GROUP BY host
"""


def host_in(uri: str) -> str:
    """Name the host in the uri of an actor, as it stands there, in lower case."""
    return uri.partition("://")[2].partition("/")[0].lower()[:MAX_HOST] or "?"


CLAIM_LOCK = 0x636F6F70


async def _one_claim_at_a_time() -> None:
    """Let one process choose at a time: SQLite's write lock does it; PostgreSQL is asked for a lock of its own."""
    if database.is_postgres():
        await database.execute("SELECT pg_advisory_xact_lock($1)", CLAIM_LOCK)
