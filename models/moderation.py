"""Keeping apart and reporting: who blocks whom, and what was reported to this server's moderators."""

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI, Actor
from models.ids import IdField


class Block(Model):
    """An actor wants nothing to do with another. `uri` is the id of the Block activity, which an Undo names."""

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    blocker: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="blocks_out")
    blocked: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="blocks_in")
    created_at = fields.DatetimeField(default=timezone.now)

    blocker_id: int
    blocked_id: int

    class Meta:
        table = "block"
        unique_together = [("blocker", "blocked")]
        indexes = [("blocked_id",)]

    @classmethod
    async def is_between(cls, one_id: int, other_id: int) -> bool:
        """Whether one of two blocks the other."""
        return bool(await database.select(_BETWEEN, one_id, other_id))


_BETWEEN = """
SELECT 1 AS found FROM block
WHERE blocker_id = $1::bigint AND blocked_id = $2::bigint OR blocker_id = $2::bigint AND blocked_id = $1::bigint LIMIT 1
"""


class Report(Model):
    """Somebody reported an actor, and perhaps posts of theirs, to the moderators here.

    `reporter` is the actor of the other server where a Flag came from there: servers send it in the name of all.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    reporter: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="reports_made")
    reported: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="reports_about")
    post_uris = fields.JSONField[list[str]](default=list)
    comment = fields.TextField(default="")
    created_at = fields.DatetimeField(default=timezone.now)
    resolved_at = fields.DatetimeField(null=True)

    reporter_id: int
    reported_id: int

    class Meta:
        table = "report"
        indexes = [("resolved_at", "id"), ("reporter_id",), ("reported_id",)]
