"""Who belongs to a section or another server's group. To belong is not to follow: it opens what is for members alone."""

from collections.abc import Sequence
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.secrets import SealedTextField


class MembershipState(StrEnum):
    """How far a wish to belong has come. A rejected one, or one left, is deleted."""

    REQUESTED = "requested"
    INVITED = "invited"
    ACCEPTED = "accepted"


class MembershipStatus(StrEnum):
    """How somebody belongs: as a member, or as a sympathiser, who helps without being one."""

    MEMBER = "member"
    SYMPATHISER = "sympathiser"


class Membership(Model):
    """`member` belongs to `group`, or asked or was asked to. Never shown to anybody but the two and the group's managers.

    `uri` is the id of the Join (or Invite) activity, which an Accept, Reject or Leave names; null for one made here.
    What is sealed is for the managers of that section alone: `message` is what they wrote when they asked, `dues_until`
    an ISO date, `note` the managers' own, `email` and `phone` what they chose to share (models/consent.py): here, on the
    member's server too where the section is on another one, and then there as a copy (models/details.py). `former` is the
    account that moved here: once this one joins, its membership goes on in this row (federation/taking_over.py).
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, null=True, unique=True)
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="memberships")
    member: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="belongs_to")
    state = fields.CharEnumField(MembershipState, max_length=16, default=MembershipState.REQUESTED)
    status = fields.CharEnumField(MembershipStatus, max_length=16, default=MembershipStatus.MEMBER)
    message = SealedTextField(null=True)
    dues_until = SealedTextField(null=True)
    note = SealedTextField(null=True)
    email = SealedTextField(null=True)
    phone = SealedTextField(null=True)
    former: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="memberships_going_on", null=True, on_delete=fields.SET_NULL
    )
    accepted_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    group_id: int
    member_id: int
    former_id: int | None

    class Meta:
        table = "membership"
        unique_together = [("group", "member")]
        indexes = [("member_id", "state"), ("former_id",)]

    @classmethod
    async def is_member(cls, member_id: int, group_id: int) -> bool:
        """Whether that actor belongs to that group."""
        return await cls.exists(member_id=member_id, group_id=group_id, state=MembershipState.ACCEPTED)

    @classmethod
    async def belonging(cls, actor_ids: Sequence[int], group_id: int | None) -> set[int]:
        """Tell which of these actors belong to that group, or are it."""
        if group_id is None or not actor_ids:
            return set()
        rows = cls.filter(group_id=group_id, member_id__in=list(actor_ids), state=MembershipState.ACCEPTED)
        found = {int(str(id_)) for id_ in await rows.values_list("member_id", flat=True)}
        return found | {group_id}.intersection(actor_ids)

    @classmethod
    async def groups_elsewhere(cls, member_id: int) -> list[str]:
        """Name the groups of other servers to which somebody belongs or is invited."""
        rows = cls.filter(member_id=member_id, group__is_local=False).exclude(state=MembershipState.REQUESTED)
        return [str(uri) for uri in await rows.values_list("group__uri", flat=True)]

    @classmethod
    async def expected_here(cls, member_ids: Sequence[int]) -> set[int]:
        """Tell which of these actors belong to a group here, or are invited to one."""
        rows = cls.filter(member_id__in=list(member_ids), group__is_local=True).exclude(state=MembershipState.REQUESTED)
        return {int(str(id_)) for id_ in await rows.values_list("member_id", flat=True)}


class MembershipStep(StrEnum):
    """What happened to a membership: the group refuses and removes, the member declines (an invitation) and leaves.

    Moved here and away is from one group to another; carried on and account moved, from one account to another.
    """

    ASKED = "asked"
    INVITED = "invited"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DECLINED = "declined"
    LEFT = "left"
    REMOVED = "removed"
    MOVED_HERE = "moved_here"
    MOVED_AWAY = "moved_away"
    CARRIED_ON = "carried_on"
    ACCOUNT_MOVED = "account_moved"


class MembershipHistory(Model):
    """One step of how somebody came to belong to a group, or ceased to. Kept for the two, until the person has it erased.

    `other` is the group from or to which they moved, or the account.
    """

    id = IdField()
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="membership_history")
    member: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="belonging_history")
    step = fields.CharEnumField(MembershipStep, max_length=16)
    other: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="membership_moves", null=True, on_delete=fields.SET_NULL
    )
    at = fields.DatetimeField(default=timezone.now)

    group_id: int
    member_id: int
    other_id: int | None

    class Meta:
        table = "membership_history"
        indexes = [("group_id", "member_id", "id"), ("member_id", "id"), ("other_id",)]


class JoinLink(Model):
    """An invitation as a link: whoever has it may come in, `uses_left` times, until `expires_at`. Only its hash is kept."""

    id = IdField()
    hash = fields.CharField(max_length=64, unique=True)
    group: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="join_links")
    maker: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="join_links_made")
    uses_left = fields.IntField(default=1)
    expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField(default=timezone.now)

    group_id: int
    maker_id: int

    class Meta:
        table = "join_link"
        indexes = [("group_id", "id"), ("maker_id",)]


class TransferAnswer(StrEnum):
    """What one of the two sections of a transfer says to it."""

    WAITING = "waiting"
    AGREED = "agreed"
    REFUSED = "refused"


class Transfer(Model):
    """`member` asks to move from one group to another, and both must agree. It goes when it is done, refused or taken back.

    `uri` is the id of the Move activity, which the Accept or Reject of each group names.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    member: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="transfers")
    origin: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="transfers_away")
    target: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="transfers_here")
    origin_says = fields.CharEnumField(TransferAnswer, max_length=16, default=TransferAnswer.WAITING)
    target_says = fields.CharEnumField(TransferAnswer, max_length=16, default=TransferAnswer.WAITING)
    created_at = fields.DatetimeField(default=timezone.now)

    member_id: int
    origin_id: int
    target_id: int

    class Meta:
        table = "transfer"
        unique_together = [("member", "origin")]
        indexes = [("origin_id", "id"), ("target_id", "id")]
