"""The second step of logging in: an application that shows codes, and codes on paper for when it is lost."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.ids import IdField
from models.member import Member
from models.secrets import SealedTextField


class CodeApp(Model):
    """An application that shares `secret` with us and shows a member another code each half minute (RFC 6238).

    It counts from `confirmed_at` on. `last_step` is the half minute of the last code that was taken: none is taken twice.
    """

    id = IdField()
    member: fields.OneToOneRelation[Member] = fields.OneToOneField("models.Member", related_name="code_app")
    secret = SealedTextField()
    last_step = fields.BigIntField(default=0)
    confirmed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    member_id: int

    class Meta:
        table = "code_app"


class RecoveryCode(Model):
    """A code that serves once in place of the application. Only its hash is kept, and the row goes when it was used."""

    id = IdField()
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField("models.Member", related_name="recovery_codes")
    hash = fields.CharField(max_length=64)
    created_at = fields.DatetimeField(default=timezone.now)

    member_id: int

    class Meta:
        table = "recovery_code"
        unique_together = [("member", "hash")]
