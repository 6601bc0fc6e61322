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


class Openness(StrEnum):
    """Who may come in: everybody, whoever is let in, or whoever was invited.   Source: Mobilizon (`openness`)"""

    OPEN = "open"
    MODERATED = "moderated"
    INVITATION = "invite_only"


class Section(Model):
    """A section hosted here. `is_main` marks the one whose page is the server's front page: at most one.

    `announces_from` says whose posts it passes on to its followers (FEP-1b12). `place` is the town or district, `address`
    where it meets; `latitude` and `longitude` are in degrees; `insee_codes` are those of its communes. Colours are
    "#rrggbb". `charter` is plain text that whoever joins agrees to; `charter_version` rises whenever it changes.
    `shows_authors`: what is published in its name says who wrote it.
    """

    id = IdField()
    actor: fields.OneToOneRelation[Actor] = fields.OneToOneField("models.Actor", related_name="section")
    place = fields.CharField(max_length=255, default="")
    address = fields.CharField(max_length=500, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    insee_codes = fields.JSONField[list[str]](default=list)
    contact = fields.CharField(max_length=255, default="")
    first_colour = fields.CharField(max_length=7, default="")
    second_colour = fields.CharField(max_length=7, default="")
    charter = fields.TextField(default="")
    charter_version = fields.IntField(default=0)
    openness = fields.CharEnumField(Openness, max_length=16, default=Openness.MODERATED)
    shows_authors = fields.BooleanField(default=False)
    is_main = fields.BooleanField(default=False)
    announces_from = fields.CharEnumField(AnnouncesFrom, max_length=16, default=AnnouncesFrom.MEMBERS)
    created_at = fields.DatetimeField(default=timezone.now)

    actor_id: int

    class Meta:
        table = "section"
