"""What a member noted about somebody, for themselves."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.secrets import SealedTextField


class Remark(Model):
    """A member's own words about an actor, whom nobody tells of them. They are sealed."""

    id = IdField()
    writer: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="remarks_made")
    about: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="remarks_about")
    text = SealedTextField()
    written_at = fields.DatetimeField(default=timezone.now)

    writer_id: int
    about_id: int

    class Meta:
        table = "remark"
        unique_together = [("writer", "about")]
        indexes = [("about_id",)]
