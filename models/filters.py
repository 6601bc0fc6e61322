"""What a member does not want to read, or only when they ask for it: by its words, or a post by itself."""

from collections.abc import Sequence
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor
from models.ids import IdField
from models.post import Post
from models.rows import columns, in_list, made, padded, select
from models.secrets import SealedTextField


class FilterContext(StrEnum):
    """Where a filter applies."""

    HOME = "home"
    NOTIFICATIONS = "notifications"
    PUBLIC = "public"
    THREAD = "thread"
    ACCOUNT = "account"


class FilterAction(StrEnum):
    """What becomes of what a filter finds: a warning before it, nothing of it, or its pictures blurred."""

    WARN = "warn"
    HIDE = "hide"
    BLUR = "blur"


class Filter(Model):
    """A member's filter. It finds what any of its keywords or posts finds, until it is over.

    `is_over` is written by the periodic look when `expires_at` has come, so that what was made with the filter is seen to
    be old. What somebody would not read says what they think: title and keywords are sealed.
    """

    id = IdField()
    owner: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="filters")
    title = SealedTextField()
    contexts = fields.JSONField[list[str]](default=list)
    action = fields.CharEnumField(FilterAction, max_length=8, default=FilterAction.WARN)
    expires_at = fields.DatetimeField(null=True)
    is_over = fields.BooleanField(default=False)
    created_at = fields.DatetimeField(default=timezone.now)

    owner_id: int

    class Meta:
        table = "filter"
        indexes = [("owner_id", "id"), ("expires_at",)]

    @classmethod
    async def active(cls, owner_ids: Sequence[int]) -> "list[Filter]":
        """Load the filters of these members that are not over, the oldest first."""
        ids = padded(owner_ids)
        owned = f"f.owner_id IN {in_list(ids)} AND NOT f.is_over"
        sql = f"SELECT {columns(cls, 'f')} FROM filter f WHERE {owned} ORDER BY f.id"
        return [made(cls, row) for row in await select(sql, *ids)]


class FilterKeyword(Model):
    """Words that a filter looks for, as they stand.

    `is_whole_word` leaves out where they are part of a longer word.
    """

    id = IdField()
    part_of: fields.ForeignKeyRelation[Filter] = fields.ForeignKeyField("models.Filter", related_name="keywords")
    keyword = SealedTextField()
    is_whole_word = fields.BooleanField(default=True)

    part_of_id: int

    class Meta:
        table = "filter_keyword"
        indexes = [("part_of_id", "id")]

    @classmethod
    async def of(cls, filter_ids: Sequence[int]) -> "list[FilterKeyword]":
        """Load the keywords of these filters, the oldest first."""
        ids = padded(filter_ids)
        sql = f"SELECT {columns(cls, 'k')} FROM filter_keyword k WHERE k.part_of_id IN {in_list(ids)} ORDER BY k.id"
        return [made(cls, row) for row in await select(sql, *ids)]


class FilterPost(Model):
    """A post that a filter finds, whatever it says."""

    id = IdField()
    part_of: fields.ForeignKeyRelation[Filter] = fields.ForeignKeyField("models.Filter", related_name="posts")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="filtered_by")

    part_of_id: int
    post_id: int

    class Meta:
        table = "filter_post"
        unique_together = [("part_of", "post")]
        indexes = [("post_id",)]
