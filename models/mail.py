"""E-mail that is still to be sent. A row goes when it was taken over by a mail server, or is given up."""

from datetime import datetime, timedelta

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.ids import IdField
from models.secrets import SealedTextField, fingerprint

LEASE_SECONDS = 600


class Letter(Model):
    """One e-mail to one address. `message` is its headers and parts (RFC 5322), but for what is added when it is sent.

    `sender_name` is who writes. `recipient_fingerprint` finds what waits for an address, so that it goes where the
    address is erased.
    """

    id = IdField()
    recipient = SealedTextField()
    recipient_fingerprint = fields.CharField(max_length=64, db_index=True)
    sender_name = fields.CharField(max_length=255, default="")
    message = SealedTextField()
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(default=timezone.now)
    leased_until = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "letter"
        indexes = [("due_at", "id")]

    @classmethod
    async def are_due(cls, now: datetime) -> bool:
        """Whether any waits for a worker."""
        due = cls.filter(due_at__lte=now)
        return await due.filter(leased_until=None).exists() or await due.filter(leased_until__lt=now).exists()

    @classmethod
    async def claim(cls, now: datetime) -> "Letter | None":
        """Lease the letter that is due longest; None where there is none."""
        async with database.connection()._in_transaction():
            if database.is_postgres():  # SQLite's write lock lets one choose at a time
                await database.execute("SELECT pg_advisory_xact_lock($1)", CLAIM_LOCK)
            rows = await database.select(_CLAIMABLE, now)
            if not rows:
                return None
            id_ = int(rows[0]["id"])
            await cls.filter(id=id_).update(leased_until=now + timedelta(seconds=LEASE_SECONDS))
        return await cls.get_or_none(id=id_)

    async def put_off(self, until: datetime) -> None:
        """Try again later."""
        await Letter.filter(id=self.id).update(attempts=self.attempts + 1, due_at=until, leased_until=None)

    @classmethod
    async def forget(cls, address: str) -> None:
        """Drop what waits for an address."""
        await cls.filter(recipient_fingerprint=fingerprint(address)).delete()


_CLAIMABLE = """
SELECT id FROM letter WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until < $1) ORDER BY due_at, id LIMIT 1
"""

CLAIM_LOCK = 0x6D61696C
