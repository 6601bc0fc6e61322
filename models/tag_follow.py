"""Hashtags that members follow."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField


class TagFollow(Model):
    """A member wants the public posts with a hashtag, in its canonical form, in their home timeline. Nobody is told."""

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="tag_follows")
    name = fields.CharField(max_length=128)
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int

    class Meta:
        table = "tag_follow"
        unique_together = [("actor", "name")]
        indexes = [("name",), ("actor_id", "id")]
