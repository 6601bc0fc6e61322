"""Who holds a section's account, and in which role; and what was done in its name."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.section import Section


class Role(StrEnum):
    """What somebody may do in a section. To be a member is no row here: it is to belong (models/membership.py)."""

    ANIMATOR = "animator"
    MANAGER = "manager"
    MODERATOR = "moderator"
    EDITOR = "editor"
    MEMBER = "member"


class RoleHolder(Model):
    """`holder`, who has a login here, holds a section's account in one role, and somebody may hold several."""

    id = IdField()
    section: fields.ForeignKeyRelation[Section] = fields.ForeignKeyField("models.Section", related_name="holders")
    holder: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="roles")
    role = fields.CharEnumField(Role, max_length=16)
    giver: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="roles_given", null=True, on_delete=fields.SET_NULL
    )
    created_at = fields.DatetimeField(default=timezone.now)

    section_id: int
    holder_id: int
    giver_id: int | None

    class Meta:
        table = "role_holder"
        unique_together = [("section", "holder", "role")]
        indexes = [("holder_id",), ("giver_id",)]


class RoleOffer(Model):
    """`person` is asked to take up a role, until `expires_at`. `is_hand_over`: who asked gives the same role up then."""

    id = IdField()
    section: fields.ForeignKeyRelation[Section] = fields.ForeignKeyField("models.Section", related_name="role_offers")
    person: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="roles_offered")
    role = fields.CharEnumField(Role, max_length=16)
    giver: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="role_offers_made")
    is_hand_over = fields.BooleanField(default=False)
    expires_at = fields.DatetimeField()
    created_at = fields.DatetimeField(default=timezone.now)

    section_id: int
    person_id: int
    giver_id: int

    class Meta:
        table = "role_offer"
        unique_together = [("section", "person", "role")]
        indexes = [("person_id",), ("giver_id",)]


class SectionAct(Model):
    """Something that `author` did in a section's name, or with its members: who, what, when. For the section alone.

    `act` is the name of the act in the table of permissions; `about` says to what, in a uri or a word.
    """

    id = IdField()
    section: fields.ForeignKeyRelation[Section] = fields.ForeignKeyField("models.Section", related_name="acts")
    author: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="section_acts", null=True, on_delete=fields.SET_NULL
    )
    act = fields.CharField(max_length=32)
    about = fields.CharField(max_length=2048, default="")
    at = fields.DatetimeField(default=timezone.now)

    section_id: int
    author_id: int | None

    class Meta:
        table = "section_act"
        indexes = [("section_id", "id"), ("author_id",), ("about",)]
