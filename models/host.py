"""Other servers: how they answer, and what our policy says of them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.ids import IdField

FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 6 * 3600


class SignatureScheme(StrEnum):
    """How an HTTP request is signed."""

    CAVAGE = "draft-cavage-http-signatures-12"
    RFC9421 = "rfc9421"


class Host(Model):
    """A server we deliver to or fetch from. While `retry_at` lies ahead nothing is sent there.

    `signature_scheme` is the one that it took at `scheme_at`; null: nothing but the usual one was ever needed.
    """

    name = fields.CharField(max_length=255, primary_key=True)
    failures = fields.IntField(default=0)
    failing_since = fields.DatetimeField(null=True)
    retry_at = fields.DatetimeField(null=True)
    last_error = fields.TextField(default="")
    last_success_at = fields.DatetimeField(null=True)
    signature_scheme = fields.CharEnumField(SignatureScheme, max_length=32, null=True)
    scheme_at = fields.DatetimeField(null=True)

    class Meta:
        table = "host"
        indexes = [("retry_at",)]

    @classmethod
    async def back_off(cls, name: str, now: datetime, error: str, pause_seconds: float | None = None) -> "Host":
        """Leave a host alone for a while, longer each time; `pause_seconds` is what it asked for itself."""
        host, _ = await cls.get_or_create(name=name)
        host.failures += 1
        host.failing_since = host.failing_since or now
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (host.failures - 1), LONGEST_PAUSE_SECONDS)
        host.retry_at = now + timedelta(seconds=max(pause, min(pause_seconds or 0, LONGEST_PAUSE_SECONDS)))
        host.last_error = error[:1000]
        await host.save()
        return host

    @classmethod
    async def answered(cls, names: list[str], now: datetime) -> None:
        """Record that these hosts answer again."""
        failing = await database.select(_FAILING.format(names=database.placeholders(len(names))), *names)
        if failing:  # seldom; and an UPDATE that changes nothing still waits for its turn to write
            await cls.filter(name__in=[row["name"] for row in failing]).update(
                failures=0, failing_since=None, retry_at=None, last_error="", last_success_at=now
            )

    @classmethod
    async def takes(cls, name: str, scheme: SignatureScheme, now: datetime) -> None:
        """Record which signatures a host takes."""
        await cls.update_or_create({"signature_scheme": scheme, "scheme_at": now}, name=name)


_FAILING = "SELECT name FROM host WHERE name IN ({names}) AND failures > 0"


class Severity(StrEnum):
    """What a rule does to a domain.

    SUSPEND: nothing passes, either way. SILENCE: only those who follow somebody there see them. NONE: it passes, but for
    what the rule's own flags refuse. ALLOW: it may speak where only allowed domains may.
    """

    SUSPEND = "suspend"
    SILENCE = "silence"
    NONE = "none"
    ALLOW = "allow"


EVERY_DOMAIN = "*"


class DomainRule(Model):
    """What this server thinks of a domain and everything below it, or of every domain that has no rule nearer.

    The latter's domain is '*': where it is suspended, only domains with a rule of their own may speak.

    `comment` is for moderators, `public_comment` for everybody. `is_obfuscated`: the public list shows the domain half
    hidden, so that it does not advertise it. `is_unlisted`: the public list does not show it at all.
    """

    id = IdField()
    domain = fields.CharField(max_length=255, unique=True)
    severity = fields.CharEnumField(Severity, max_length=16, default=Severity.SUSPEND)
    rejects_media = fields.BooleanField(default=False)
    rejects_reports = fields.BooleanField(default=False)
    is_obfuscated = fields.BooleanField(default=False)
    is_unlisted = fields.BooleanField(default=False)
    comment = fields.TextField(default="")
    public_comment = fields.TextField(default="")
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "domain_rule"

    @classmethod
    async def of(cls, domains: Collection[str]) -> "list[DomainRule]":
        """Give the rules for these domains. That there is none, which is so of nearly every host, is quickly said."""
        named = database.placeholders(len(domains))
        if not await database.select(_ANY_RULE.format(domains=named), *domains):
            return []
        return list(await cls.filter(domain__in=list(domains)))


_ANY_RULE = "SELECT 1 AS found FROM domain_rule WHERE domain IN ({domains}) LIMIT 1"
