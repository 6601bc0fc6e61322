"""A local section of the party: the group actor, and what only a section has."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField


class AnnouncesFrom(StrEnum):
    """Whose posts a section passes on when they address it."""

    NOBODY = "nobody"
    MEMBERS = "members"
    FOLLOWERS = "followers"
    EVERYBODY = "everybody"


class Section(Model):
    """A section hosted here. `is_main` marks the one whose page is the server's front page: at most one.

    `announces_from` says whose posts it passes on to its followers (FEP-1b12).
    """

    id = IdField()
    actor: fields.OneToOneRelation[Actor] = fields.OneToOneField("models.Actor", related_name="section")
    place = fields.CharField(max_length=255, default="")
    contact = fields.CharField(max_length=255, default="")
    is_main = fields.BooleanField(default=False)
    announces_from = fields.CharEnumField(AnnouncesFrom, max_length=16, default=AnnouncesFrom.MEMBERS)
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int

    class Meta:
        table = "section"
