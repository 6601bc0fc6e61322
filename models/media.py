"""Pictures, films and sounds that somebody here uploaded, and the post that shows each."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.transactions import in_transaction

from models.actor import MAX_URI, Actor
from models.event import EventSeries
from models.ids import IdField
from models.post import Post
from models.scheduled import ScheduledPost

WAITS_FOR = timedelta(days=1)
STAYS_UNTIL = datetime(9999, 1, 1, tzinfo=UTC)
SMALL_SUFFIX = "-small.webp"
SMALL_SIDE = 640


class MediaState(StrEnum):
    """How far a file is: READY to be shown; MAKING, for a film takes its time; FAILED, it cannot be made."""

    READY = "ready"
    MAKING = "making"
    FAILED = "failed"


class Media(Model):
    """A file of ours. It stays as long as `post` shows it or `scheduled` will, and without either until `expires_at`.

    `url` is where whoever knows it is given the file; `small_url` of it, a smaller one, which a sound has not. `is_leaving`
    once its files are being removed: no post can show it any more. `is_withdrawn` since the post that showed it was
    deleted: it is given to nobody, until another post of its owner shows it. The attachment of the post has the same id.
    A film that `loops` is short and silent, and plays again and again: what pictures that move become.
    Events of a series show one file, by a row each, and the series has one for those to come: the file goes with the last.
    A picture of a profile stands in no post, and waits until STAYS_UNTIL.
    """

    id = IdField()
    url = fields.CharField(max_length=MAX_URI)
    owner: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="media")
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="media", null=True, on_delete=fields.SET_NULL
    )
    scheduled: fields.ForeignKeyNullableRelation[ScheduledPost] = fields.ForeignKeyField(
        "models.ScheduledPost", related_name="media", null=True, on_delete=fields.SET_NULL
    )
    state = fields.CharEnumField(MediaState, max_length=16, default=MediaState.READY)
    series: fields.ForeignKeyNullableRelation[EventSeries] = fields.ForeignKeyField(
        "models.EventSeries", related_name="covers", null=True, on_delete=fields.SET_NULL
    )
    media_type = fields.CharField(max_length=127)
    size_bytes = fields.IntField()
    width = fields.IntField()
    height = fields.IntField()
    duration_ms = fields.IntField(null=True)
    frame_rate = fields.FloatField(null=True)
    loops = fields.BooleanField(default=False)
    blurhash = fields.CharField(max_length=128)
    description = fields.TextField(default="")
    focal_x = fields.FloatField(null=True)
    focal_y = fields.FloatField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)
    expires_at = fields.DatetimeField()
    is_leaving = fields.BooleanField(default=False)
    is_withdrawn = fields.BooleanField(default=False)

    owner_id: int
    post_id: int | None
    scheduled_id: int | None
    series_id: int | None

    class Meta:
        table = "media"
        indexes = [("url",), ("post_id",), ("series_id",), ("owner_id", "id"), ("scheduled_id",)]

    @property
    def name(self) -> str:
        """The name of its file."""
        return self.url.rpartition("/")[2]

    @classmethod
    async def show(cls, post: Post, urls: Sequence[str], now: datetime) -> dict[str, int]:
        """Have a post show these pictures of its author, as far as no other post does, and no others: {url: id}."""
        shown = cls.filter(post_id=post.id)
        await (shown.exclude(url__in=list(urls)) if urls else shown).update(post_id=None)
        if not urls:
            return {}
        own = cls.filter(url__in=list(urls), owner_id=post.actor_id, is_leaving=False, state=MediaState.READY)
        free = own.filter(Q(post_id=None, series_id=None) | Q(post_id=post.id))
        # Of a file that is free more than once, the row that was made last is the one meant for this post.
        rows = sorted(await free, key=lambda row: (row.post_id is not None, row.id))
        meant = free.filter(id__in=list({row.url: row.id for row in rows}.values()))
        await meant.update(post_id=post.id, scheduled_id=None, is_withdrawn=False, expires_at=now)
        return {row.url: row.id for row in await shown}

    @classmethod
    async def leaving(cls, now: datetime, limit: int) -> "list[Media]":
        """Take what no post shows any more out of everybody's reach; some of those whose files are to be removed."""
        over = cls.filter(post_id=None, scheduled_id=None, series_id=None, expires_at__lte=now, is_leaving=False)
        await over.update(is_leaving=True)
        return await cls.filter(post_id=None, is_leaving=True).order_by("id").limit(limit)

    @classmethod
    async def withdraw(cls, post: Post, until: datetime) -> None:
        """Give what a post shows, which is being deleted, to nobody any more, but keep it for another post until then."""
        await cls.filter(post_id=post.id).update(is_withdrawn=True, expires_at=until)

    async def again(self, now: datetime, *, series: EventSeries | None = None) -> "Media | None":
        """Give another row of the same file: free for a post until tomorrow, or that of `series`. None once it is leaving.

        The file is not removed meanwhile: whoever removes it waits for this row.
        """
        async with in_transaction():
            if await Media.filter(id=self.id, is_leaving=False).select_for_update().first() is None:
                return None
            same = {name: getattr(self, name) for name in _OF_THE_FILE}
            until = now if series is not None else now + WAITS_FOR
            return await Media.create(**same, series=series, created_at=now, expires_at=until)

    @classmethod
    async def files_of(cls, rows: "Sequence[Media]") -> list[str]:
        """Name the files of these rows, which are leaving, that no other row shows."""
        urls = {row.url for row in rows}
        kept = await cls.filter(url__in=list(urls), is_leaving=False).values_list("url", flat=True) if urls else []
        return [url.rpartition("/")[2] for url in sorted(urls - {str(url) for url in kept})]


_OF_THE_FILE = (
    "url", "owner_id", "media_type", "size_bytes", "width", "height", "duration_ms", "frame_rate", "loops", "blurhash",
    "description", "focal_x", "focal_y",
)  # fmt: skip


def small_url(url: str) -> str:
    """Give the address of the small version of a picture of ours."""
    return url.rpartition(".")[0] + SMALL_SUFFIX
