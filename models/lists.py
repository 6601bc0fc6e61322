"""Lists of a member: part of their home timeline, by whom it is."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.secrets import SealedTextField


class RepliesPolicy(StrEnum):
    """Which answers a list shows: those to whomever its owner follows, those within the list, or none."""

    FOLLOWED = "followed"
    LISTED = "list"
    NONE = "none"


class ReadingList(Model):
    """Some of those whom a member follows, to be read apart. What is in an exclusive list is not in the home timeline.

    What a list is called says what its owner thinks of people: it is sealed, and for the owner alone.
    """

    id = IdField()
    owner: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="reading_lists")
    title = SealedTextField()
    replies_policy = fields.CharEnumField(RepliesPolicy, max_length=16, default=RepliesPolicy.LISTED)
    is_exclusive = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(default=timezone.now)

    owner_id: int

    class Meta:
        table = "reading_list"
        indexes = [("owner_id", "id")]


class Listed(Model):
    """An actor is in a list."""

    id = IdField()
    list: fields.ForeignKeyRelation[ReadingList] = fields.ForeignKeyField("models.ReadingList", related_name="listed")
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="listed_in")
    created_at = fields.DatetimeField(default=timezone.now)

    list_id: int
    actor_id: int

    class Meta:
        table = "listed"
        unique_together = [("list", "actor")]
        indexes = [("actor_id",)]
