"""Who said to come to an event."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.post import Post


class ParticipationState(StrEnum):
    """What became of an invitation or a wish to come."""

    INVITED = "invited"
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"


class Participation(Model):
    """`actor` comes to `event`, may come, or was asked to. Shown to nobody but the two and the organisers.

    `uri` is the id of the activity that said so (Join, Invite, Accept or TentativeAccept of the event).
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    event: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="participations")
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="participations")
    state = fields.CharEnumField(ParticipationState, max_length=16, default=ParticipationState.REQUESTED)
    created_at = fields.DatetimeField(default=timezone.now)

    event_id: int
    actor_id: int

    class Meta:
        table = "participation"
        unique_together = [("event", "actor")]
        indexes = [("actor_id",)]
