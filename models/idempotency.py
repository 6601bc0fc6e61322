"""Requests to publish that a client may send twice, and what became of the first."""

from datetime import datetime, timedelta
from hashlib import sha256

from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from models import database
from models.ids import IdField
from models.oauth import AccessToken
from models.post import Post

REMEMBERED_FOR = timedelta(hours=1)
PUBLISHING_FOR = timedelta(minutes=1)


class IdempotencyKey(Model):
    """A token asked to publish under a key of its own choosing.

    `key` is the hash of that key. `post` is what came of it, null while it is being published. The post is given the id
    of this row, by which it is found where the process died between publishing and writing that down. After
    REMEMBERED_FOR the row counts for nothing, nor does one without a post after PUBLISHING_FOR: its process has died.
    """

    id = IdField()
    token: fields.ForeignKeyRelation[AccessToken] = fields.ForeignKeyField(
        "models.AccessToken", related_name="idempotency_keys"
    )
    key = fields.CharField(max_length=64)
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="idempotency_keys", null=True
    )
    created_at = fields.DatetimeField(db_index=True)

    token_id: int
    post_id: int | None

    class Meta:
        table = "idempotency_key"
        unique_together = [("token", "key")]
        indexes = [("post_id",)]

    @classmethod
    async def claim(cls, token_id: int, key: str, now: datetime) -> "tuple[IdempotencyKey, bool]":
        """Take a key for a token, in one of any number of processes: (the row, whether it is the caller's to fulfil)."""
        hash_ = sha256(key.encode()).hexdigest()
        await cls.filter(created_at__lte=now - REMEMBERED_FOR).delete()
        await database.execute(_FULFILLED, token_id)
        await cls.filter(token_id=token_id, post_id=None, created_at__lte=now - PUBLISHING_FOR).delete()
        try:
            return await cls.create(token_id=token_id, key=hash_, created_at=now), True
        except IntegrityError:
            return await cls.get(token_id=token_id, key=hash_), False


_FULFILLED = """
UPDATE idempotency_key SET post_id = id
WHERE token_id = $1 AND post_id IS NULL AND EXISTS (SELECT 1 FROM post WHERE post.id = idempotency_key.id)
"""
