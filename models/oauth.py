"""Programs that act for a member, and the tokens they hold."""

from hashlib import sha256

from tortoise import fields, timezone
from tortoise.models import Model

from models.ids import IdField
from models.member import Member


def token_hash(token: str) -> str:
    """Give what is kept of a token: 64 hex digits. Tokens are 256 random bits, so no salt is needed."""
    return sha256(token.encode()).hexdigest()


class Application(Model):
    """A client program that registered itself. `redirect_uris` is one a line."""

    id = IdField()
    client_id = fields.CharField(max_length=64, unique=True)
    client_secret_hash = fields.CharField(max_length=64)
    name = fields.CharField(max_length=255)
    website = fields.CharField(max_length=2048, null=True)
    redirect_uris = fields.TextField()
    scopes = fields.CharField(max_length=1024)
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "oauth_application"


class AccessToken(Model):
    """A bearer token: only its hash is kept. `scopes` is space separated, as in RFC 6749 §3.3."""

    id = IdField()
    hash = fields.CharField(max_length=64, unique=True)
    member: fields.ForeignKeyNullableRelation[Member] = fields.ForeignKeyField(
        "models.Member", related_name="tokens", null=True
    )
    application: fields.ForeignKeyNullableRelation[Application] = fields.ForeignKeyField(
        "models.Application", related_name="tokens", null=True
    )
    scopes = fields.CharField(max_length=1024)
    created_at = fields.DatetimeField(default=timezone.now)
    used_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    member_id: int | None
    application_id: int | None

    class Meta:
        table = "oauth_token"
        indexes = [("member_id",), ("application_id",)]


class AuthorizationCode(Model):
    """A member's permission on its way to a program, which exchanges it once for a token (RFC 6749 §4.1).

    `challenge` is that of PKCE, '' where the program sent none. `token` is what it was exchanged for: should it come a
    second time, somebody else may hold it, and the token is revoked.
    """

    id = IdField()
    hash = fields.CharField(max_length=64, unique=True)
    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "models.Application", related_name="codes"
    )
    member: fields.ForeignKeyRelation[Member] = fields.ForeignKeyField("models.Member", related_name="codes")
    redirect_uri = fields.TextField()
    scopes = fields.CharField(max_length=1024)
    challenge = fields.CharField(max_length=64, default="")
    token: fields.ForeignKeyNullableRelation[AccessToken] = fields.ForeignKeyField(
        "models.AccessToken", related_name="codes", null=True, on_delete=fields.SET_NULL
    )
    used_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField()

    application_id: int
    member_id: int
    token_id: int | None

    class Meta:
        table = "oauth_code"
        indexes = [("application_id",), ("member_id",), ("token_id",), ("expires_at",)]
