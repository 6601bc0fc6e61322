"""What we owe to other servers: one row for each activity and inbox, until it is settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.activity import ActivityRecord
from models.actor import MAX_URI
from models.follow import FollowState
from models.membership import MembershipState
from models.rows import padded

LEASE_SECONDS = 120
DELIVER_FOR = timedelta(days=7)
KEEP_FOR = timedelta(days=30)  # the rows that were given up, for whoever looks into why


class Delivery(Model):
    """One activity to one inbox. A delivered row is deleted, and one given up keeps the reason, and is never due again.

    `sender_id` is the actor of ours that signs. A worker that holds the row says so in `leased_by` until `leased_until`.
    """

    id = fields.BigIntField(primary_key=True)
    activity: fields.ForeignKeyRelation[ActivityRecord] = fields.ForeignKeyField(
        "models.ActivityRecord", related_name="deliveries"
    )
    sender_id = fields.BigIntField()
    inbox_uri = fields.CharField(max_length=MAX_URI)
    host = fields.CharField(max_length=255)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(null=True, default=timezone.now)
    leased_until = fields.DatetimeField(null=True)
    leased_by = fields.CharField(max_length=128, null=True)
    last_error = fields.TextField(default="")
    created_at = fields.DatetimeField(default=timezone.now)

    activity_id: int

    class Meta:
        table = "delivery"
        unique_together = [("activity", "inbox_uri")]
        indexes = [("host", "due_at", "id"), ("due_at", "id"), ("leased_until", "host")]

    @classmethod
    async def plan_to_followers(
        cls, activity: ActivityRecord, sender_id: int, now: datetime, *, except_host: str = ""
    ) -> None:
        """Owe an activity to every inbox of `sender_id`'s remote followers, in one statement; not to `except_host`."""
        await database.execute(_TO_FOLLOWERS, activity.id, sender_id, now, FollowState.ACCEPTED.value, except_host)

    @classmethod
    async def plan_to_members(
        cls, activity: ActivityRecord, sender_id: int, group_id: int, now: datetime, *, except_host: str = ""
    ) -> None:
        """Owe an activity to every inbox of a group's remote members, in one statement; not to `except_host`."""
        accepted = MembershipState.ACCEPTED.value
        await database.execute(_TO_MEMBERS, activity.id, sender_id, now, group_id, accepted, except_host)

    @classmethod
    async def plan_to_shown(
        cls, activity: ActivityRecord, sender_id: int, now: datetime, *, post_id: int | None
    ) -> None:
        """Owe an activity to whoever has a post of `sender_id` from an announce; with no `post_id`, any of its posts.

        These are the inboxes of the remote announcers, and of the remote followers of those announcers who live here.
        """
        which = "p.id = $5::bigint" if post_id is not None else "p.actor_id = $2"
        values = (activity.id, sender_id, now, FollowState.ACCEPTED.value)
        await database.execute(_TO_SHOWN.format(which=which), *values, *(() if post_id is None else (post_id,)))

    @classmethod
    async def plan_to_participants(
        cls, activity: ActivityRecord, sender_id: int, now: datetime, *, event_id: int
    ) -> None:
        """Owe an activity to whoever elsewhere was asked to an event or said something of it, without naming them.

        Whoever blocks the sender is left alone.
        """
        await database.execute(_TO_PARTICIPANTS, activity.id, sender_id, now, event_id)

    @classmethod
    async def plan_to_actors(
        cls, activity: ActivityRecord, sender_id: int, uris: Sequence[str], now: datetime, *, own_inboxes: bool = False
    ) -> None:
        """Owe an activity to the inboxes of these actors; those who live here are left out.

        With `own_inboxes` it goes to none that they share with others.
        """
        if uris:
            named, sql = database.placeholders(len(uris), 4), _TO_OWN_INBOXES if own_inboxes else _TO_ACTORS
            await database.execute(sql.format(uris=named), activity.id, sender_id, now, *uris)

    @classmethod
    async def due_hosts(cls, now: datetime, limit: int, *, are_failing: bool | None = None) -> list[str]:
        """Name the hosts that something is due to, those waiting longest first, and that nobody is serving.

        `are_failing` gives only those that failed when last tried, or only the others.
        """
        which = {None: "", True: "AND h.failures > 0", False: "AND COALESCE(h.failures, 0) = 0"}[are_failing]
        return [row["host"] for row in await database.select(_DUE_HOSTS.format(which=which), now, limit)]

    @classmethod
    async def claim(cls, worker: str, host: str, now: datetime, limit: int) -> "list[Delivery]":
        """Lease what is due to one host, as `claim_many` does."""
        return (await cls.claim_many(worker, [host], now, limit))[host]

    @classmethod
    async def claim_many(
        cls, worker: str, hosts: Sequence[str], now: datetime, limit: int
    ) -> "dict[str, list[Delivery]]":
        """Lease what is due to these hosts, so many rows for each, oldest first; nothing of one that another worker serves.

        Every host has its list, empty where there is nothing. The rows have their activities.
        """
        until = now + timedelta(seconds=LEASE_SECONDS)
        leased: Sequence[Any] = ()
        async with database.connection()._in_transaction():
            if database.is_postgres():
                await database.execute(_LOCK_HOSTS, list(hosts))
            served = {row["host"] for row in await database.select(_SERVED, now)}
            if free := [host for host in hosts if host not in served]:
                asked = padded(free)
                leased = await database.change(_claim_sql(len(asked)), now, limit, until, worker, *asked)
        claimed: dict[str, list[Delivery]] = {host: [] for host in hosts}
        if leased:
            rows = cls.filter(id__in=[row["id"] for row in leased]).order_by("id").prefetch_related("activity")
            for row in await rows:
                claimed[row.host].append(row)
        return claimed

    @classmethod
    async def release(cls, worker: str) -> int:
        """Give back what `worker` held when it died; how many rows that was."""
        return int(await cls.filter(leased_by=worker).update(leased_until=None, leased_by=None))


_COLUMNS = "activity_id, sender_id, inbox_uri, host, attempts, due_at, last_error, created_at"
_ROW = "$1::bigint, $2::bigint, a.delivery_uri, a.host, 0, {now}, '', {now}"

_TO_FOLLOWERS = f"""
INSERT INTO delivery ({_COLUMNS})
SELECT DISTINCT {_ROW.format(now="$3::timestamptz")}
FROM follow f JOIN actor a ON a.id = f.follower_id
WHERE f.followed_id = $2 AND f.state = $4 AND NOT a.is_local AND a.gone_at IS NULL AND a.host <> $5
ON CONFLICT DO NOTHING
"""

_TO_MEMBERS = f"""
INSERT INTO delivery ({_COLUMNS})
SELECT DISTINCT {_ROW.format(now="$3::timestamptz")}
FROM membership m JOIN actor a ON a.id = m.member_id
WHERE m.group_id = $4 AND m.state = $5 AND NOT a.is_local AND a.gone_at IS NULL AND a.host <> $6
ON CONFLICT DO NOTHING
"""

_TO_ACTORS = f"""
INSERT INTO delivery ({_COLUMNS})
SELECT DISTINCT {_ROW.format(now="$3::timestamptz")}
FROM actor a WHERE a.uri IN ({{uris}}) AND NOT a.is_local AND a.gone_at IS NULL
ON CONFLICT DO NOTHING
"""

_TO_OWN_INBOXES = _TO_ACTORS.replace("a.delivery_uri", "a.inbox_uri")
_TO_PARTICIPANTS = f"""
INSERT INTO delivery ({_COLUMNS})
SELECT DISTINCT {_ROW.format(now="$3::timestamptz")}
FROM participation p JOIN actor a ON a.id = p.actor_id
WHERE p.event_id = $4 AND p.state NOT IN ('declined', 'refused', 'unconfirmed') AND NOT a.is_local AND a.gone_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker_id = a.id AND b.blocked_id = $2)
ON CONFLICT DO NOTHING
"""

_TO_SHOWN = f"""
INSERT INTO delivery ({_COLUMNS})
SELECT DISTINCT {_ROW.format(now="$3::timestamptz")}
FROM actor a WHERE NOT a.is_local AND a.gone_at IS NULL AND a.id IN (
  SELECT n.actor_id FROM post p JOIN announce n ON n.post_id = p.id WHERE {{which}}
  UNION
  SELECT f.follower_id FROM post p JOIN announce n ON n.post_id = p.id JOIN actor w ON w.id = n.actor_id
  JOIN follow f ON f.followed_id = w.id WHERE {{which}} AND w.is_local AND f.state = $4)
ON CONFLICT DO NOTHING
"""

# In one order, lest two workers wait for each other.
_LOCK_HOSTS = """
SELECT pg_advisory_xact_lock(h.number)
FROM (SELECT DISTINCT hashtext(name) AS number FROM unnest($1::text[]) AS name ORDER BY number) h
"""

# None of these reads a backlog: a host costs a few looks into an index, however much is due to it.
_SERVED = "SELECT host FROM delivery WHERE leased_until >= $1"

_CLAIM = """
UPDATE delivery SET leased_until = $3::timestamptz, leased_by = $4 WHERE id IN (
{of_each}
) RETURNING id
"""

_OF_A_HOST = """  SELECT id FROM (
    SELECT d.id FROM delivery d WHERE d.host = ${number} AND d.due_at <= $1
    ORDER BY d.due_at, d.id LIMIT $2) AS of_{number}"""

_DUE_HOSTS = """
WITH RECURSIVE owed(host) AS (
  SELECT min(d.host) FROM delivery d
  UNION ALL
  SELECT (SELECT min(d.host) FROM delivery d WHERE d.host > owed.host) FROM owed WHERE owed.host IS NOT NULL
)
SELECT o.host FROM (
  SELECT owed.host AS host, (SELECT min(d.due_at) FROM delivery d WHERE d.host = owed.host) AS due_at
  FROM owed WHERE owed.host IS NOT NULL
) o LEFT JOIN host h ON h.name = o.host
WHERE o.due_at <= $1 AND (h.retry_at IS NULL OR h.retry_at <= $1) {which}
  AND o.host NOT IN (SELECT l.host FROM delivery l WHERE l.leased_until >= $1)
ORDER BY o.due_at LIMIT $2
"""


@cache
def _claim_sql(count: int) -> str:
    of_each = (_OF_A_HOST.format(number=number) for number in range(5, 5 + count))
    return _CLAIM.format(of_each="\n  UNION ALL\n".join(of_each))
