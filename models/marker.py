"""How far a member has read."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField


class MarkedTimeline(StrEnum):
    """What is read."""

    HOME = "home"
    NOTIFICATIONS = "notifications"


class Marker(Model):
    """The last thing that a member has read of a timeline, as their apps tell each other. `version` counts the changes."""

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="markers")
    timeline = fields.CharEnumField(MarkedTimeline, max_length=16)
    last_read_id = fields.BigIntField()
    version = fields.IntField(default=1)
    updated_at = fields.DatetimeField(default=timezone.now)

    actor_id: int

    class Meta:
        table = "marker"
        unique_together = [("actor", "timeline")]
