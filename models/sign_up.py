"""Those who asked for an account here and do not have it yet: nothing of them is anywhere else."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.ids import IdField
from models.membership import JoinLink
from models.oauth import AccessToken
from models.secrets import SealedTextField


class SignUpMode(StrEnum):
    """Who may make an account on this server."""

    CLOSED = "closed"
    INVITATION = "invitation"
    APPROVAL = "approval"
    OPEN = "open"


class SignUp(Model):
    """Somebody's wish for an account. It counts when they confirm the address, by the link that is sent there.

    A name is theirs from then on only. `is_known` marks what was asked for under an address that has an account already: it
    looks the same from outside, and comes to nothing. `token` is that of the application by which they asked.
    """

    id = IdField()
    username = fields.CharField(max_length=64, db_index=True)
    email = SealedTextField()
    email_fingerprint = fields.CharField(max_length=64, db_index=True)
    password_hash = fields.CharField(max_length=255)
    reason = SealedTextField(null=True)
    language = fields.CharField(max_length=16, default="fr")
    is_known = fields.BooleanField(default=False)
    invitation: fields.ForeignKeyNullableRelation[JoinLink] = fields.ForeignKeyField(
        "models.JoinLink", related_name="sign_ups", null=True, on_delete=fields.SET_NULL
    )
    token: fields.OneToOneNullableRelation[AccessToken] = fields.OneToOneField(
        "models.AccessToken", related_name="sign_up", null=True, on_delete=fields.SET_NULL
    )
    created_at = fields.DatetimeField(default=timezone.now)
    confirmed_at = fields.DatetimeField(null=True)

    invitation_id: int | None
    token_id: int | None

    class Meta:
        table = "sign_up"
        indexes = [("confirmed_at", "id"), ("invitation_id",)]
