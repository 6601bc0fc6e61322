"""What actors publish, and whom and what a post names."""

from collections.abc import Collection, Sequence
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.expressions import Q, Subquery
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models import database
from models.actor import MAX_URI, Actor, in_sight
from models.follow import Follow, FollowState
from models.ids import IdField
from models.membership import Membership, MembershipState
from models.moderation import Block
from models.playing import Playing


class Visibility(StrEnum):
    """Who may see a post. Computed from addressing in one place: federation/addressing.py."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    SECTION = "section"
    DIRECT = "direct"


OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)


class QuotePolicy(StrEnum):
    """Who may quote a post without being asked about. Source: FEP-044f, `interactionPolicy`."""

    EVERYBODY = "public"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


class Post(Model):
    """One object that an actor published, of ours or fetched from its home.

    `content_html` has passed the HTML gate. `source_text` is what our member typed. `in_reply_to_uri` is kept also
    when the parent is not known here; `in_reply_to` is set when it is. `group` is the section, or another server's
    group, that it is addressed to (FEP-1b12 `audience`). `emojis` are `{"shortcode": …, "url": …}`.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    url = fields.CharField(max_length=MAX_URI)
    type = fields.CharField(max_length=32, default="Note")
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="posts")
    is_local = fields.BooleanField(default=False)
    visibility = fields.CharEnumField(Visibility, max_length=16)
    title = fields.CharField(max_length=500, default="")
    content_html = fields.TextField(default="")
    source_text = fields.TextField(null=True)
    content_warning = fields.CharField(max_length=500, default="")
    is_sensitive = fields.BooleanField(default=False)
    language = fields.CharField(max_length=35, null=True)
    emojis = fields.JSONField[list[dict[str, str]]](default=list)
    quote_policy = fields.CharEnumField(QuotePolicy, max_length=16, default=QuotePolicy.EVERYBODY)
    group: fields.ForeignKeyNullableRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="group_posts", null=True, on_delete=fields.SET_NULL
    )
    to_uris = fields.JSONField[list[str]](default=list)
    cc_uris = fields.JSONField[list[str]](default=list)
    in_reply_to: fields.ForeignKeyNullableRelation["Post"] = fields.ForeignKeyField(
        "models.Post", related_name="replies", null=True, on_delete=fields.SET_NULL
    )
    in_reply_to_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    conversation_uri = fields.CharField(max_length=MAX_URI, null=True, db_index=True)
    likes_count = fields.IntField(default=0)
    announces_count = fields.IntField(default=0)
    replies_count = fields.IntField(default=0)
    published_at = fields.DatetimeField(default=timezone.now)
    edited_at = fields.DatetimeField(null=True)
    received_at = fields.DatetimeField(default=timezone.now)

    actor_id: int
    group_id: int | None
    in_reply_to_id: int | None
    mentions: fields.ReverseRelation["Mention"]
    attachments: fields.ReverseRelation["Attachment"]
    tags: fields.ReverseRelation["PostTag"]

    class Meta:
        table = "post"
        indexes = [("actor_id", "id"), ("visibility", "is_local", "id"), ("group_id", "id"), ("in_reply_to_id", "id")]

    @property
    def is_open(self) -> bool:
        """Whether anybody may read it, without being asked who they are."""
        return self.visibility in OPEN

    @classmethod
    def visible_to(cls, actor: Actor | None) -> QuerySet["Post"]:
        """Posts that `actor` may read; None is the public. Whoever blocks the actor is not there for them.

        What is for the members of a group is for its author and those who belong now, whomever it names. What a
        suspended actor wrote, or one of a blocked domain, nobody may read.
        """
        shown = cls.filter(**in_sight("actor__"))
        if actor is None:
            return shown.filter(visibility__in=OPEN)
        followed = Follow.filter(follower_id=actor.id, state=FollowState.ACCEPTED).values("followed_id")
        named = Mention.filter(actor_id=actor.id).values("post_id")
        to_followers = Q(visibility=Visibility.FOLLOWERS, actor_id__in=Subquery(followed))
        joined = Membership.filter(member_id=actor.id, state=MembershipState.ACCEPTED).values("group_id")
        in_group = Q(group_id=actor.id) | Q(group_id__in=Subquery(joined))
        to_members = Q(visibility=Visibility.SECTION) & in_group
        to_named = Q(visibility__not=Visibility.SECTION, id__in=Subquery(named))
        own = Q(actor_id=actor.id)
        readable = shown.filter(Q(visibility__in=OPEN) | own | to_named | to_followers | to_members)
        return readable.exclude(actor_id__in=Subquery(Block.filter(blocked_id=actor.id).values("blocker_id")))

    @classmethod
    async def last_open(cls, actor_ids: Collection[int], limit: int) -> tuple[int, ...]:
        """Name the last posts by any of these actors that are for everybody, the newest first."""
        rows = cls.filter(actor_id__in=list(actor_ids), visibility__in=OPEN).order_by("-id").limit(limit)
        return tuple(int(str(id_)) for id_ in await rows.values_list("id", flat=True)) if actor_ids else ()

    @classmethod
    async def ancestor_ids(cls, id_: int, limit: int) -> list[int]:
        """Name the posts that this one answers, the nearest first, as far as they are here, in one statement."""
        above = dict.fromkeys(int(row["id"]) for row in await database.select(_ANCESTORS, id_, limit))
        return [found for found in above if found != id_]  # posts that answer each other do not go round for ever

    @classmethod
    async def descendant_ids(cls, id_: int, limit: int) -> list[int]:
        """Name the answers to this post and the answers to those, a level after the other, in one statement."""
        below = await database.select(_ALL_DESCENDANTS, id_, limit)
        return [int(row["id"]) for row in below]

    @classmethod
    async def open_descendant_ids(cls, id_: int, limit: int) -> list[int]:
        """Name the open posts below this one, through whatever stands between, the oldest first, in one statement."""
        return [int(row["id"]) for row in await database.select(_DESCENDANTS, id_, limit, *OPEN)]

    @classmethod
    async def awaited(cls, uris: Sequence[str]) -> set[str]:
        """Tell which of these uris are answered by posts that hang on none yet."""
        rows = await database.select(_AWAITED.format(uris=database.placeholders(len(uris))), *uris)
        return {row["in_reply_to_uri"] for row in rows}

    @classmethod
    async def uncount_replies_by(cls, actor_id: int) -> None:
        """Take an actor's open answers out of the totals of what they answer, in one statement."""
        await database.execute(_UNCOUNT_REPLIES, actor_id)


# The + keeps SQLite from the index of in_reply_to_id, in which nearly every post is NULL.
_AWAITED = "SELECT DISTINCT in_reply_to_uri FROM post WHERE in_reply_to_uri IN ({uris}) AND +in_reply_to_id IS NULL"

_ANCESTORS = """
WITH RECURSIVE above(id, depth) AS (
  SELECT in_reply_to_id, 1 FROM post WHERE id = $1
  UNION ALL
  SELECT p.in_reply_to_id, a.depth + 1 FROM post p JOIN above a ON p.id = a.id WHERE a.depth < $2::integer)
SELECT id FROM above WHERE id IS NOT NULL ORDER BY depth
"""

_DESCENDANTS = """
WITH RECURSIVE below(id, depth) AS (
  SELECT id, 1 FROM post WHERE in_reply_to_id = $1
  UNION
  SELECT p.id, b.depth + 1 FROM post p JOIN below b ON p.in_reply_to_id = b.id WHERE b.depth < 200)
SELECT DISTINCT p.id FROM below b JOIN post p ON p.id = b.id JOIN actor a ON a.id = p.actor_id
WHERE p.visibility IN ($3, $4) AND NOT a.is_suspended AND p.id <> $1 ORDER BY p.id LIMIT $2::integer
"""

_ALL_DESCENDANTS = """
WITH RECURSIVE below(id, depth) AS (
  SELECT id, 1 FROM post WHERE in_reply_to_id = $1
  UNION
  SELECT p.id, b.depth + 1 FROM post p JOIN below b ON p.in_reply_to_id = b.id WHERE b.depth < 200)
SELECT id, MIN(depth) AS nearest FROM below WHERE id <> $1 GROUP BY id ORDER BY nearest, id LIMIT $2::bigint
"""

_UNCOUNT_REPLIES = """
UPDATE post SET replies_count = post.replies_count - answered.times
FROM (SELECT in_reply_to_id AS id, COUNT(*) AS times FROM post
      WHERE actor_id = $1 AND visibility IN ('public', 'unlisted') GROUP BY in_reply_to_id) AS answered
WHERE post.id = answered.id
"""


class Mention(Model):
    """A post names an actor: it is addressed to them, or an @ in its text stands for them."""

    id = fields.BigIntField(primary_key=True)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="mentions")
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="mentioned_in")

    post_id: int
    actor_id: int

    class Meta:
        table = "mention"
        unique_together = [("post", "actor")]
        indexes = [("actor_id", "post_id")]


class Attachment(Model):
    """A picture, video, sound or document of a post. `url` is its home's where that is remote."""

    id = IdField()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="attachments")
    position = fields.SmallIntField(default=0)
    media_type = fields.CharField(max_length=127, default="")
    url = fields.CharField(max_length=MAX_URI)
    description = fields.TextField(default="")
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)
    duration_ms = fields.IntField(null=True)
    blurhash = fields.CharField(max_length=128, null=True)
    focal_x = fields.FloatField(null=True)
    focal_y = fields.FloatField(null=True)

    post_id: int
    playing: Playing = Playing()  # of a film or sound, once it is looked up (server/media/playing.py)

    class Meta:
        table = "attachment"
        indexes = [("post_id", "position")]


class PostTag(Model):
    """A post bears a hashtag. `name` is its canonical form, `shown` as it was written."""

    id = fields.BigIntField(primary_key=True)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="tags")
    name = fields.CharField(max_length=128)
    shown = fields.CharField(max_length=128)

    post_id: int

    class Meta:
        table = "post_tag"
        unique_together = [("post", "name")]
        indexes = [("name", "post_id")]
