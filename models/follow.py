"""Who wishes to receive whose activities."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField


class FollowState(StrEnum):
    """How far a wish to follow has come. A rejected or undone one is deleted."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"


class Follow(Model):
    """One actor's wish to receive another's activities, and the answer to it.

    `uri` is the id of the Follow activity: Accept, Reject and Undo name it.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    follower: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="follows_out")
    followed: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="follows_in")
    state = fields.CharEnumField(FollowState, max_length=16, default=FollowState.REQUESTED)
    shows_announces = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(default=timezone.now)

    follower_id: int
    followed_id: int

    class Meta:
        table = "follow"
        unique_together = [("follower", "followed")]
        indexes = [("followed_id", "state", "follower_id"), ("follower_id", "state")]
