"""Every activity this server performed or sent, by uri: what arrives twice is known by it."""

from collections.abc import Sequence
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI
from models.ids import IdField


class ActivityRecord(Model):
    """One activity, kept.

    `object_uri` is the id of its object, also when that was embedded. `document` is the JSON text exactly as it is
    sent (ours) or as it arrived (others').
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    type = fields.CharField(max_length=64)
    actor_uri = fields.CharField(max_length=MAX_URI)
    object_uri = fields.CharField(max_length=MAX_URI, null=True)
    is_local = fields.BooleanField(default=False)
    document = fields.TextField()
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "activity"
        indexes = [("object_uri", "type")]  # one uri at most: an entry of PostgreSQL holds 2,704 bytes

    async def insert(self) -> None:
        """Write the row as it stands, with nothing around the statement: one comes with each activity."""
        kept = (self.id, self.uri, self.type, self.actor_uri, self.object_uri, self.is_local, self.document)
        await database.execute(_INSERT, *kept, self.created_at)
        self._saved_in_db = True

    @classmethod
    async def kept(cls, uris: Sequence[str]) -> set[str]:
        """Tell which of `uris` are kept already."""
        rows = await database.select(_KEPT.format(uris=database.placeholders(len(uris))), *uris)
        return {row["uri"] for row in rows}

    @classmethod
    async def deleted(cls, uris: Sequence[str]) -> set[str]:
        """Tell which of these objects were deleted by an activity that is kept."""
        rows = await database.select(_DELETED.format(uris=database.placeholders(len(uris))), *uris)
        return {row["object_uri"] for row in rows}

    @classmethod
    async def known(cls, uris: list[str]) -> "dict[str, ActivityRecord]":
        """Load those of `uris` that are kept already, by uri."""
        rows: list[Any] = await cls.filter(uri__in=uris)
        return {row.uri: row for row in rows}


_INSERT = """
INSERT INTO activity (id, uri, type, actor_uri, object_uri, is_local, document, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_KEPT = "SELECT uri FROM activity WHERE uri IN ({uris})"
_DELETED = "SELECT object_uri FROM activity WHERE object_uri IN ({uris}) AND type = 'Delete'"
