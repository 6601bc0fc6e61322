"""Requests to publish that a client may send twice, and what became of the first."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from tortoise import fields
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from models import database
from models.ids import IdField
from models.oauth import AccessToken
from models.post import Post
from models.session import Session

REMEMBERED_FOR = timedelta(hours=1)
PUBLISHING_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a client program by its token, or a browser by its session."""

    token_id: int | None = None
    session_id: int | None = None


class IdempotencyKey(Model):
    """A client program, or a browser, asked to publish under a key of its own.

    `key` is the hash of that key. `post` is what came of it, null while it is being published. The post is given the id
    of this row, by which it is found where the process died between publishing and writing that down. After
    REMEMBERED_FOR the row counts for nothing, nor does one without a post after PUBLISHING_FOR: its process has died.
    """

    id = IdField()
    token: fields.ForeignKeyNullableRelation[AccessToken] = fields.ForeignKeyField(
        "models.AccessToken", related_name="idempotency_keys", null=True
    )
    session: fields.ForeignKeyNullableRelation[Session] = fields.ForeignKeyField(
        "models.Session", related_name="idempotency_keys", null=True
    )
    key = fields.CharField(max_length=64)
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="idempotency_keys", null=True
    )
    created_at = fields.DatetimeField(db_index=True)

    token_id: int | None
    session_id: int | None
    post_id: int | None

    class Meta:
        table = "idempotency_key"
        unique_together = [("token", "key"), ("session", "key")]
        indexes = [("post_id",)]

    @classmethod
    async def claim(cls, by: Asker, key: str, now: datetime) -> "tuple[IdempotencyKey, bool]":
        """Take a key for whoever asks, in one of any number of processes: (the row, whether it is theirs to fulfil)."""
        hash_ = sha256(key.encode()).hexdigest()
        await cls.filter(created_at__lte=now - REMEMBERED_FOR).delete()
        await database.execute(_FULFILLED, by.token_id, by.session_id)
        await cls.filter(**asdict(by), post_id=None, created_at__lte=now - PUBLISHING_FOR).delete()
        try:
            return await cls.create(**asdict(by), key=hash_, created_at=now), True
        except IntegrityError:
            return await cls.get(**asdict(by), key=hash_), False


_FULFILLED = """
UPDATE idempotency_key SET post_id = id
WHERE (token_id = $1::bigint OR session_id = $2::bigint) AND post_id IS NULL
AND EXISTS (SELECT 1 FROM post WHERE post.id = idempotency_key.id)
"""
