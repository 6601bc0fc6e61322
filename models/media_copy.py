"""Pictures, films and sounds of other servers, as they are shown from here."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from tortoise import fields
from tortoise.functions import Sum
from tortoise.models import Model

from models.ids import IdField

FIRST_PAUSE = timedelta(minutes=10)
PAUSE_GROWS_BY = 6
LONGEST_PAUSE = timedelta(days=7)


class MediaCopy(Model):
    """What was made of a picture that somebody here looked at, or why it was not: then `name` is empty.

    `key` is a hash of its address. `name` is that of its file, `size_bytes` what it takes with the small version. A picture
    that could not be had is not asked for again before `retry_at`, which lies further away each time. `fetched_at` is when
    it was last asked for: a copy is as old as that, however often it is looked at.
    Of a film, `has_small` says whether there is a picture out of it, and `loops` that it is short and silent; one that is
    too large, or none, `is_elsewhere`: whoever wants to see it goes there.
    """

    id = IdField()
    key = fields.CharField(max_length=64, unique=True)
    name = fields.CharField(max_length=64, default="", db_index=True)
    size_bytes = fields.BigIntField(default=0)
    failures = fields.IntField(default=0)
    retry_at = fields.DatetimeField(null=True)
    fetched_at = fields.DatetimeField(db_index=True)
    has_small = fields.BooleanField(default=True)
    loops = fields.BooleanField(default=False)
    duration_ms = fields.IntField(null=True)
    frame_rate = fields.FloatField(null=True)
    is_elsewhere = fields.BooleanField(default=False)

    class Meta:
        table = "media_copy"

    @property
    def is_there(self) -> bool:
        """Whether there is a picture."""
        return bool(self.name)

    @classmethod
    async def of(cls, key: str) -> "MediaCopy | None":
        """Find a copy by `picture_key` or `film_key` of its address."""
        return await cls.get_or_none(key=key)

    @classmethod
    async def keep(cls, key: str, name: str, size_bytes: int, now: datetime, **film: Any) -> "MediaCopy":
        """Write down that there is a copy; `film` is what is known of one."""
        said = {"name": name, "size_bytes": size_bytes, "failures": 0, "retry_at": None, "fetched_at": now}
        row, _ = await cls.update_or_create(said | {"is_elsewhere": False} | film, key=key)
        return row

    @classmethod
    async def miss(cls, key: str, now: datetime, *, is_elsewhere: bool = False) -> "MediaCopy":
        """Write down that there is none, and when to ask again."""
        row, _ = await cls.get_or_create({"fetched_at": now}, key=key)
        pause = min(FIRST_PAUSE * PAUSE_GROWS_BY ** min(row.failures, 10), LONGEST_PAUSE)
        row.failures, row.retry_at, row.fetched_at, row.is_elsewhere = row.failures + 1, now + pause, now, is_elsewhere
        await row.save(update_fields=["failures", "retry_at", "fetched_at", "is_elsewhere"])
        return row

    @classmethod
    async def total_bytes(cls) -> int:
        """Tell how much all copies take."""
        [[total]] = await cls.all().annotate(total=Sum("size_bytes")).values_list("total")
        return int(total or 0)

    @classmethod
    async def oldest(cls, before: datetime | None, limit: int) -> "Sequence[MediaCopy]":
        """Give those that were asked for longest ago, all of them before a moment where one is given."""
        found = cls.all() if before is None else cls.filter(fetched_at__lt=before)
        return await found.order_by("fetched_at").limit(limit)


def picture_key(url: str) -> str:
    """Name the copy of a picture."""
    return sha256(url.encode()).hexdigest()


def film_key(url: str) -> str:
    """Name the copy of a film or sound: what is asked for as one is never taken for a picture."""
    return sha256(f"film {url}".encode()).hexdigest()
