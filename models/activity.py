"""Every activity this server performed or sent, by uri: what arrives twice is known by it."""

from collections.abc import Sequence
from typing import Any

from tortoise import fields, timezone
from tortoise.indexes import PartialIndex
from tortoise.models import Model

from models import database
from models.actor import MAX_URI
from models.ids import IdField
from models.secrets import SealedTextField, seal


class ActivityRecord(Model):
    """One activity, kept.

    `object_uri` is the id of its object, also when that was embedded. `document` is the JSON text exactly as it is
    sent (ours) or as it arrived (others'), sealed, since it may say who belongs where, how and since when.
    `concerns_uri` is the person whose belonging to a group it is about, or who is gone: such a row goes once everybody
    has it who is to have it.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    type = fields.CharField(max_length=64)
    actor_uri = fields.CharField(max_length=MAX_URI)
    object_uri = fields.CharField(max_length=MAX_URI, null=True)
    is_local = fields.BooleanField(default=False)
    concerns_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    document = SealedTextField()
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "activity"
        # one uri at most: an entry of PostgreSQL holds 2,704 bytes
        indexes = [("object_uri", "type"), PartialIndex(fields=("actor_uri",), condition={"type": "Delete"})]

    async def insert(self) -> None:
        """Write the row as it stands, with nothing around the statement: one comes with each activity."""
        named = (self.id, self.uri, self.type, self.actor_uri, self.object_uri, self.concerns_uri)
        await database.execute(_INSERT, *named, self.is_local, seal(self.document), self.created_at)
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
    async def deleted_by(cls, actor_uri: str) -> list[str]:
        """Name the objects that an actor has deleted, by activities that are kept."""
        return [row["object_uri"] for row in await database.select(_DELETED_BY, actor_uri) if row["object_uri"]]

    @classmethod
    async def known(cls, uris: list[str]) -> "dict[str, ActivityRecord]":
        """Load those of `uris` that are kept already, by uri."""
        rows: list[Any] = await cls.filter(uri__in=uris)
        return {row.uri: row for row in rows}


_INSERT = """
INSERT INTO activity (id, uri, type, actor_uri, object_uri, concerns_uri, is_local, document, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_KEPT = "SELECT uri FROM activity WHERE uri IN ({uris})"
_DELETED = "SELECT object_uri FROM activity WHERE object_uri IN ({uris}) AND type = 'Delete'"
_DELETED_BY = "SELECT object_uri FROM activity WHERE actor_uri = $1 AND type = 'Delete'"
