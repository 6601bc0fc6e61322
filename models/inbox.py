"""The journal: what was accepted with a 202 and is not performed yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI

LEASE_SECONDS = 120
ORDERED_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Arrival:
    """An activity as it arrived at `received_at`: its JSON text, its uri, and whose signature it bore."""

    actor_uri: str
    activity_uri: str
    body: str
    received_at: datetime


class InboxMessage(Model):
    """One activity as it arrived, its signature verified. A row goes when its activity has been performed or refused.

    `actor_uri` is whose signature it was. A worker that holds the row says so in `leased_by` until `leased_until`.
    """

    id = fields.BigIntField(primary_key=True)
    actor_uri = fields.CharField(max_length=MAX_URI)
    activity_uri = fields.CharField(max_length=MAX_URI, unique=True)
    body = fields.TextField()
    received_at = fields.DatetimeField(default=timezone.now)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(default=timezone.now)
    leased_until = fields.DatetimeField(null=True)
    leased_by = fields.CharField(max_length=128, null=True)
    last_error = fields.TextField(default="")

    class Meta:
        table = "inbox_message"
        indexes = [("due_at", "id"), ("actor_uri", "id"), ("leased_until",)]

    @classmethod
    async def keep(cls, arrivals: Sequence[Arrival]) -> None:
        """Write what arrived, to be performed at once, in one transaction; what is here already changes nothing."""
        rows = [(one.actor_uri, one.activity_uri, one.body, one.received_at) for one in arrivals]
        await database.execute_many(_KEEP, rows)

    @classmethod
    async def claim(cls, worker: str, now: datetime, limit: int) -> "list[InboxMessage]":
        """Lease the oldest due messages, oldest first.

        An actor whose earlier message is leased elsewhere, or waits for another try, is left out: order is kept
        for each actor. A message that failed more than `ORDERED_ATTEMPTS` times holds up its actor no longer: one
        dead server must not silence for hours whoever mentioned it.
        """
        async with database.connection()._in_transaction():
            await _one_claim_at_a_time()
            rows = await database.select(_CLAIMABLE, now, limit, ORDERED_ATTEMPTS)
            ids = [row["id"] for row in rows]
            if not ids:
                return []
            until = now + timedelta(seconds=LEASE_SECONDS)
            await cls.filter(id__in=ids).update(leased_until=until, leased_by=worker)
        return list(await cls.filter(id__in=ids).order_by("id"))

    @classmethod
    async def renew(cls, ids: Sequence[int], worker: str, now: datetime) -> None:
        """Prolong the lease of those of these messages that `worker` still holds."""
        held: Any = cls.filter(id__in=list(ids), leased_by=worker)
        await held.update(leased_until=now + timedelta(seconds=LEASE_SECONDS))

    @classmethod
    async def release(cls, worker: str) -> int:
        """Give back what `worker` held when it died; how many rows that was."""
        held: Any = cls.filter(leased_by=worker)
        return int(await held.update(leased_until=None, leased_by=None))


_KEEP = """
INSERT INTO inbox_message (actor_uri, activity_uri, body, received_at, due_at, attempts, last_error)
VALUES ($1, $2, $3, $4, $4, 0, '') ON CONFLICT DO NOTHING
"""

_CLAIMABLE = """
SELECT m.id FROM inbox_message m
WHERE m.due_at <= $1 AND (m.leased_until IS NULL OR m.leased_until < $1)
  AND NOT EXISTS (
    SELECT 1 FROM inbox_message e
    WHERE e.actor_uri = m.actor_uri AND e.id < m.id
      AND ((e.due_at > $1 AND e.attempts <= $3) OR e.leased_until >= $1))
ORDER BY m.id LIMIT $2
"""

CLAIM_LOCK = 0x636F6F70


async def _one_claim_at_a_time() -> None:
    """Let one process choose at a time: SQLite's write lock does it; PostgreSQL is asked for a lock of its own."""
    if database.is_postgres():
        await database.execute("SELECT pg_advisory_xact_lock($1)", CLAIM_LOCK)
