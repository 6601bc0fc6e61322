"""What actors do to a post: like it, answer it with an emoji, announce it."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.post import Post


class Like(Model):
    """An actor likes a post. `uri` is the id of the Like activity, which an Undo names."""

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="likes")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="likes")
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    post_id: int

    class Meta:
        table = "like"
        unique_together = [("actor", "post")]
        indexes = [("post_id", "id")]


class EmojiReaction(Model):
    """An actor answers a post with an emoji: a character, or `:shortcode:` and its picture.

    `uri` is the id of the EmojiReact (or of the Like with content), which an Undo names. Source: FEP-c0e0; Misskey.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="emoji_reactions")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="emoji_reactions")
    emoji = fields.CharField(max_length=128)
    emoji_url = fields.CharField(max_length=MAX_URI, null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    post_id: int

    class Meta:
        table = "emoji_reaction"
        unique_together = [("actor", "post", "emoji")]
        indexes = [("post_id", "id")]


class Announce(Model):
    """An actor shows a post to its followers. `uri` is the id of the Announce activity, which an Undo names."""

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="announces")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="announces")
    published_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    post_id: int

    class Meta:
        table = "announce"
        unique_together = [("actor", "post")]
        indexes = [("post_id", "id"), ("actor_id", "id")]
