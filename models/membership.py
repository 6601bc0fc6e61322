"""Who belongs to a section or another server's group. To belong is not to follow: it opens what is for members alone."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField


class MembershipState(StrEnum):
    """How far a wish to belong has come. A rejected one, or one left, is deleted."""

    REQUESTED = "requested"
    INVITED = "invited"
    ACCEPTED = "accepted"


class Membership(Model):
    """`member` belongs to `group`, or asked or was asked to. Never shown to anybody but the two and the group's admins.

    `uri` is the id of the Join (or Invite) activity, which an Accept, Reject or Leave names; null for one made here.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, null=True, unique=True)
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="memberships")
    member: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="belongs_to")
    state = fields.CharEnumField(MembershipState, max_length=16, default=MembershipState.REQUESTED)
    created_at = fields.DatetimeField(default=timezone.now)

    group_id: int
    member_id: int

    class Meta:
        table = "membership"
        unique_together = [("group", "member")]
        indexes = [("member_id", "state")]

    @classmethod
    async def is_member(cls, member_id: int, group_id: int) -> bool:
        """Whether that actor belongs to that group."""
        return await cls.exists(member_id=member_id, group_id=group_id, state=MembershipState.ACCEPTED)
