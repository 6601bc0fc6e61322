"""What is still to be fetched from other servers, or told them anew, when there is time: nobody waits for it."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI
from models.ids import IdField

LEASE_SECONDS = 600


class ErrandType(StrEnum):
    """What to do with the uri of an errand."""

    ANCESTORS = "ancestors"
    REPLIES = "replies"
    FEATURED = "featured"
    FOLLOWERS = "followers"
    DETAILS = "details"
    RETELL = "retell"
    MOVE_UP = "move_up"


class Errand(Model):
    """One thing to fetch. A row that has been done, or cannot be, rests for a while, so that it is not asked for at once
    again, and then goes.

    `uri` is what to fetch: a post, a collection, an actor; of RETELL, the activity because of which an event of ours is told
    anew; of MOVE_UP, an event of ours whose free places those who wait are given. `about_uri` is the actor or event that it
    is about, where `uri` does not say so. `depth` counts the steps from what led to it. A row that is done has
    `rests_until`.
    """

    id = IdField()
    type = fields.CharEnumField(ErrandType, max_length=16)
    uri = fields.CharField(max_length=MAX_URI)
    about_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    depth = fields.SmallIntField(default=0)
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(default=timezone.now)
    leased_until = fields.DatetimeField(null=True)
    rests_until = fields.DatetimeField(null=True, db_index=True)
    created_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "errand"
        unique_together = [("type", "uri")]
        indexes = [("due_at", "id")]

    @classmethod
    async def ask(
        cls, type_: ErrandType, uri: str, now: datetime, *, depth: int = 0, about_uri: str | None = None
    ) -> None:
        """Have something fetched, unless it is to be fetched already or was a moment ago."""
        await cls.ask_many(type_, [uri], now, depth=depth, about_uri=about_uri)

    @classmethod
    async def ask_many(
        cls,
        type_: ErrandType,
        uris: Iterable[str],
        now: datetime,
        *,
        depth: int = 0,
        about_uri: str | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """Have several things fetched, each as `ask` would, from `due_at` on."""
        wanted = list(dict.fromkeys(uris))
        if not wanted:
            return
        await cls.filter(type=type_, uri__in=wanted, rests_until__lte=now).delete()
        values = {"type": type_, "depth": depth, "about_uri": about_uri, "due_at": due_at or now, "created_at": now}
        await cls.bulk_create([cls(uri=uri, **values) for uri in wanted], ignore_conflicts=True)

    @classmethod
    async def ask_anew(cls, type_: ErrandType, uri: str, now: datetime) -> None:
        """Have something fetched that has changed, also where it was fetched a moment ago, or is being fetched."""
        await cls.filter(type=type_, uri=uri).delete()
        await cls.ask(type_, uri, now)

    @classmethod
    async def are_due(cls, now: datetime, types: Collection[ErrandType]) -> bool:
        """Whether anything of these types waits for a worker."""
        due = cls.filter(type__in=list(types), rests_until=None, due_at__lte=now)
        return await due.filter(leased_until=None).exists() or await due.filter(leased_until__lt=now).exists()

    @classmethod
    async def claim(cls, now: datetime, types: Collection[ErrandType]) -> "Errand | None":
        """Lease the errand of these types that is due longest; None where there is none."""
        named = database.placeholders(len(types), 2)
        async with database.connection()._in_transaction():
            if database.is_postgres():  # SQLite's write lock lets one choose at a time
                await database.execute("SELECT pg_advisory_xact_lock($1)", CLAIM_LOCK)
            rows = await database.select(_CLAIMABLE.format(types=named), now, *(type_.value for type_ in types))
            if not rows:
                return None
            id_ = int(rows[0]["id"])
            await cls.filter(id=id_).update(leased_until=now + timedelta(seconds=LEASE_SECONDS))
        return await cls.get_or_none(id=id_)

    async def rest(self, until: datetime) -> None:
        """Write down that it is done, and not to be asked for again before `until`."""
        await Errand.filter(id=self.id).update(rests_until=until, leased_until=None)

    async def put_off(self, until: datetime) -> None:
        """Try again later."""
        await Errand.filter(id=self.id).update(attempts=self.attempts + 1, due_at=until, leased_until=None)

    @classmethod
    async def expire(cls, now: datetime) -> None:
        """Drop what was done and has rested."""
        await cls.filter(rests_until__lte=now).delete()


_CLAIMABLE = """
SELECT id FROM errand
WHERE due_at <= $1 AND rests_until IS NULL AND (leased_until IS NULL OR leased_until < $1) AND type IN ({types})
ORDER BY due_at, id LIMIT 1
"""

CLAIM_LOCK = 0x65727264
