"""Keeping apart and reporting: who blocks whom, and what was reported to this server's moderators."""

from tortoise import fields, timezone
from tortoise.expressions import Q
from tortoise.models import Model

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
        return await cls.filter(
            Q(blocker_id=one_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=one_id)
        ).exists()


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
