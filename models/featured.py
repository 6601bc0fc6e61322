"""What an actor put in front: posts of its own, hashtags that it writes about, and whom it recommends."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.post import Post


class FeaturedPost(Model):
    """An actor features one of its own posts. Source: Mastodon's `featured` collection, Add and Remove."""

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="featured_posts")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="featured_in")
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    post_id: int

    class Meta:
        table = "featured_post"
        unique_together = [("actor", "post")]
        indexes = [("post_id",)]

    @classmethod
    async def among(cls, actor_id: int, post_ids: list[int]) -> set[int]:
        """Tell which of these posts the actor features."""
        rows = cls.filter(actor_id=actor_id, post_id__in=post_ids)
        return {int(str(id_)) for id_ in await rows.values_list("post_id", flat=True)}


class FeaturedTag(Model):
    """An actor of ours shows on its profile that it writes about a hashtag, in its canonical form.

    Source: Mastodon's featured hashtags.
    """

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="featured_tags")
    name = fields.CharField(max_length=128)
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int

    class Meta:
        table = "featured_tag"
        unique_together = [("actor", "name")]


class FeaturedActor(Model):
    """A member or section of ours recommends an actor that it follows. Source: Mastodon's endorsements."""

    id = IdField()
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="featured_actors")
    featured: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="featured_by")
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    featured_id: int

    class Meta:
        table = "featured_actor"
        unique_together = [("actor", "featured")]
        indexes = [("actor_id", "id"), ("featured_id",)]
