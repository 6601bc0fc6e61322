"""Passkeys: keys that a phone, a computer or a stick holds for a member, and shows to this server alone."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.ids import IdField
from models.member import Member
from models.secrets import SealedTextField


class Passkey(Model):
    """A public key of a member's (Web Authentication Level 3). `name` is what they call it, and `hash` finds it.

    `credential` (its id there) and `public_key` (COSE) are in base64 for addresses, without padding.
    """

    id = IdField()
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField("models.Member", related_name="passkeys")
    hash = fields.CharField(max_length=64, unique=True)
    credential = SealedTextField()
    public_key = SealedTextField()
    sign_count = fields.BigIntField(default=0)
    name = SealedTextField()
    created_at = fields.DatetimeField(default=timezone.now)
    used_at = fields.DatetimeField(null=True)

    member_id: int

    class Meta:
        table = "passkey"
        indexes = [("member_id", "id")]


class SpentChallenge(Model):
    """A challenge that a passkey has answered: until `expires_at` it is remembered that no answer counts again."""

    id = IdField()
    hash = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()

    class Meta:
        table = "spent_challenge"
        indexes = [("expires_at",)]
