"""What is still to be fetched from other servers, when there is time: nobody waits for it."""

from datetime import datetime
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI
from models.ids import IdField


class ErrandType(StrEnum):
    """What to do with the uri of an errand."""

    ANCESTORS = "ancestors"
    REPLIES = "replies"
    FEATURED = "featured"
    FOLLOWERS = "followers"


class Errand(Model):
    """One thing to fetch. A row goes when it has been done or cannot be.

    `uri` is what to fetch: a post, a collection, an actor. `depth` counts the steps from what led to it.
    """

    id = IdField()
    type = fields.CharEnumField(ErrandType, max_length=16)
    uri = fields.CharField(max_length=MAX_URI)
    depth = fields.SmallIntField(default=0)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(default=timezone.now)
    leased_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "errand"
        unique_together = [("type", "uri")]
        indexes = [("due_at", "id")]

    @classmethod
    async def ask(cls, type_: ErrandType, uri: str, now: datetime, *, depth: int = 0) -> None:
        """Have something fetched, unless it is to be fetched already."""
        await cls.get_or_create({"depth": depth, "due_at": now, "created_at": now}, type=type_, uri=uri)
