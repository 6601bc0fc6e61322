"""Posts that a member keeps for themselves."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.post import Post


class Bookmark(Model):
    """A member keeps a post, to find it again. Nobody is told."""

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="bookmarks")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="bookmarks")
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    post_id: int

    class Meta:
        table = "bookmark"
        unique_together = [("actor", "post")]
        indexes = [("actor_id", "id"), ("post_id",)]
