"""A person with a login on this server, who owns one actor."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model
from tortoise.timezone import now

from models.actor import Actor
from models.ids import IdField
from models.post import Visibility
from models.secrets import SealedTextField


class MemberRole(StrEnum):
    """What a login may do on the server as a whole; what it may do in a section is the section's affair."""

    MEMBER = "member"
    ADMIN = "admin"


class Member(Model):
    """A login. The e-mail address is sealed: `email_fingerprint` finds it again without reading it.

    `language` is the one that they write in, and in which they are written to; `reads_in` that of the pages they are
    shown, '' where their browser says. In `timezone` their own pages show times; '' is that of the section.
    `posts_as` and `marks_sensitive` are how a new post begins.
    `second_step_due_at` is until when one who must have a second step may still do without.
    """

    id = IdField()
    actor: fields.OneToOneRelation[Actor] = fields.OneToOneField("models.Actor", related_name="member")
    role = fields.CharEnumField(MemberRole, max_length=16, default=MemberRole.MEMBER)
    email = SealedTextField(null=True)
    email_fingerprint = fields.CharField(max_length=64, null=True, unique=True)
    password_hash = fields.CharField(max_length=255, null=True)
    language = fields.CharField(max_length=16, default="fr")
    reads_in = fields.CharField(max_length=16, default="")
    timezone = fields.CharField(max_length=64, default="")
    posts_as = fields.CharEnumField(Visibility, max_length=16, default=Visibility.PUBLIC)
    marks_sensitive = fields.BooleanField(default=False)
    second_step_due_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=now)
    disabled_at = fields.DatetimeField(null=True)

    actor_id: int

    class Meta:
        table = "member"

    @property
    def is_admin(self) -> bool:
        """Whether this login may run the server."""
        return self.role is MemberRole.ADMIN
