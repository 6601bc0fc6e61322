"""What whoever runs the server says to everybody who lives on it, and what each member did with it."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField


class Announcement(Model):
    """A few sentences to all members. `text` is as it was typed. It is shown from `starts_at` to `ends_at`, where set.

    Source: Mastodon's announcements.
    """

    id = IdField()
    text = fields.TextField()
    starts_at = fields.DatetimeField(null=True)
    ends_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)
    updated_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "announcement"


class AnnouncementRead(Model):
    """A member has read an announcement, and put it away."""

    id = IdField()
    announcement: fields.ForeignKeyRelation[Announcement] = fields.ForeignKeyField(
        "models.Announcement", related_name="reads"
    )
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="announcements_read")
    created_at = fields.DatetimeField(default=timezone.now)

    announcement_id: int
    actor_id: int

    class Meta:
        table = "announcement_read"
        unique_together = [("announcement", "actor")]
        indexes = [("actor_id",)]


class AnnouncementReaction(Model):
    """A member answered an announcement with an emoji of Unicode's. How many did is told, and never who."""

    id = IdField()
    announcement: fields.ForeignKeyRelation[Announcement] = fields.ForeignKeyField(
        "models.Announcement", related_name="reactions"
    )
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="announcement_reactions"
    )
    emoji = fields.CharField(max_length=64)
    created_at = fields.DatetimeField(default=timezone.now)

    announcement_id: int
    actor_id: int

    class Meta:
        table = "announcement_reaction"
        unique_together = [("announcement", "actor", "emoji")]
        indexes = [("actor_id",)]
