"""Being logged in with a browser: only the hash of the cookie is kept."""

from tortoise import fields, timezone
from tortoise.models import Model

from models.ids import IdField
from models.member import Member


class Session(Model):
    """One browser in which a member is logged in, until `expires_at`. `device` is a word for it, never an address.

    `network_hash` is a keyed hash of the member and the network that they logged in from: only to tell whether another
    login comes from the same one.
    """

    id = IdField()
    hash = fields.CharField(max_length=64, unique=True)
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField("models.Member", related_name="sessions")
    device = fields.CharField(max_length=100, default="")
    network_hash = fields.CharField(max_length=64, default="")
    created_at = fields.DatetimeField(default=timezone.now)
    seen_at = fields.DatetimeField(default=timezone.now)
    expires_at = fields.DatetimeField()

    member_id: int

    class Meta:
        table = "session"
        indexes = [("member_id", "id"), ("expires_at",)]
