"""Web Push: where a client wants to be told, and what is still to be told there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.ids import IdField
from models.notification import Notification
from models.oauth import AccessToken
from models.secrets import SealedTextField

LEASE_SECONDS = 300


class PushKey(Model):
    """A key by which push services know this server. There is one row, "vapid"."""

    name = fields.CharField(max_length=16, primary_key=True)
    private_key_pem = SealedTextField()

    class Meta:
        table = "push_key"


class PushPolicy(StrEnum):
    """By whom a client is told of what happened. Source: docs.joinmastodon.org/methods/push"""

    ALL = "all"
    FOLLOWED = "followed"
    FOLLOWER = "follower"
    NONE = "none"


class PushSubscription(Model):
    """Where the client that holds a token is told, with the key and the secret by which it alone can read it.

    `alerts` are the types, as clients name them, that it wants. `is_standard` says which encryption it knows: that of
    RFC 8291, or the draft before it.
    """

    id = IdField()
    token: fields.OneToOneRelation[AccessToken] = fields.OneToOneField(
        "models.AccessToken", related_name="push_subscription"
    )
    endpoint = SealedTextField()
    public_key = SealedTextField()
    secret = SealedTextField()
    alerts = fields.JSONField[list[str]](default=list)
    policy = fields.CharEnumField(PushPolicy, max_length=8, default=PushPolicy.ALL)
    is_standard = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(default=timezone.now)

    token_id: int

    class Meta:
        table = "push_subscription"

    @classmethod
    async def forget_revoked(cls) -> int:
        """Forget where clients were told whose token was revoked, or whose login is closed; how many those were."""
        return await database.execute(_FORGET_REVOKED)


class Push(Model):
    """One notification that is still to be told to one client. The row goes when it was, or is given up."""

    id = IdField()
    subscription: fields.ForeignKeyRelation[PushSubscription] = fields.ForeignKeyField(
        "models.PushSubscription", related_name="pushes"
    )
    notification: fields.ForeignKeyRelation[Notification] = fields.ForeignKeyField(
        "models.Notification", related_name="pushes"
    )
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(default=timezone.now)
    leased_until = fields.DatetimeField(null=True)

    subscription_id: int
    notification_id: int

    class Meta:
        table = "push"
        unique_together = [("subscription", "notification")]
        indexes = [("due_at", "id"), ("notification_id",)]

    @classmethod
    async def are_due(cls, now: datetime) -> bool:
        """Whether a worker has anything to do: notifications nobody has looked at yet, or pushes to send."""
        return bool(await database.select(_ARE_DUE, now))

    @classmethod
    async def take_new(cls, limit: int) -> Sequence[Any]:
        """Take notifications that nobody has looked at yet: rows (id, recipient_id, actor_id, type, is_filtered)."""
        return await database.change(_TAKE_NEW, limit)

    @classmethod
    async def claim(cls, now: datetime, limit: int) -> list[int]:
        """Lease the pushes that are due longest: their ids."""
        rows = await database.change(_CLAIM, now, now + timedelta(seconds=LEASE_SECONDS), limit)
        return sorted(int(row["id"]) for row in rows)

    async def put_off(self, until: datetime) -> None:
        """Try again later."""
        await Push.filter(id=self.id).update(attempts=self.attempts + 1, due_at=until, leased_until=None)


_FORGET_REVOKED = """
DELETE FROM push_subscription WHERE token_id IN (
  SELECT t.id FROM oauth_token t LEFT JOIN member m ON m.id = t.member_id
  WHERE t.revoked_at IS NOT NULL OR m.disabled_at IS NOT NULL)
"""

_FREE = "due_at <= $1 AND (leased_until IS NULL OR leased_until < $1)"

_ARE_DUE = f"""SELECT 1 AS found WHERE EXISTS (SELECT 1 FROM push WHERE {_FREE})
OR EXISTS (SELECT 1 FROM notification WHERE NOT is_looked_at)"""

# The outer condition is asked again once another worker, who had the row, is done with it.
_TAKE_NEW = """
UPDATE notification SET is_looked_at = TRUE
WHERE NOT is_looked_at AND id IN (SELECT id FROM notification WHERE NOT is_looked_at ORDER BY id LIMIT $1::bigint)
RETURNING id, recipient_id, actor_id, type, is_filtered
"""

_CLAIM = f"""
UPDATE push SET leased_until = $2
WHERE {_FREE} AND id IN (SELECT id FROM push WHERE {_FREE} ORDER BY due_at, id LIMIT $3::bigint) RETURNING id
"""
