"""Conversations of a member: posts for those whom they name alone, by thread and by who takes part."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from models import database
from models.actor import Actor
from models.ids import IdField, new_id
from models.post import Post

MAX_ANCESTORS = 100


class Latest(NamedTuple):
    """A conversation and its last post that is still here."""

    id: int
    is_unread: bool
    post_id: int


class Conversation(Model):
    """What a member and some others write to each other in one thread.

    `key` stands for the thread and those who take part, and says neither.
    """

    id = IdField()
    owner: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="conversations")
    key = fields.CharField(max_length=64)
    is_unread = fields.BooleanField(default=False)

    owner_id: int

    class Meta:
        table = "conversation"
        unique_together = [("owner", "key")]

    @classmethod
    async def add(cls, owner_id: int, key: str, post_id: int, *, is_unread: bool) -> None:
        """Add a post to a member's conversation, which begins with it if there is none yet."""
        [row] = await database.change(_ADD, new_id(), owner_id, key, is_unread)
        await database.execute(_ADD_POST, row["id"], post_id)

    @classmethod
    async def newest(cls, owner_id: int, *, limit: int, max_id: int, min_id: int, is_upward: bool) -> list[Latest]:
        """Load conversations whose last post is below `max_id` and above `min_id`, the last written in first.

        With `is_upward` those nearest to `min_id`.
        """
        sql = _LATEST.format(order="ASC" if is_upward else "DESC")
        rows = await database.select(sql, owner_id, max_id, min_id, limit)
        found = [Latest(int(row["id"]), bool(row["is_unread"]), int(row["post_id"])) for row in rows]
        return found[::-1] if is_upward else found


class ConversationPost(Model):
    """One post of a conversation."""

    id = fields.BigIntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="items"
    )
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="in_conversations")

    conversation_id: int
    post_id: int

    class Meta:
        table = "conversation_post"
        unique_together = [("conversation", "post")]
        indexes = [("post_id",)]


async def key_of(post: Post, participant_ids: Iterable[int]) -> str:
    """Give the key of the conversation that a post belongs to: of its thread, as far as that is here, and who is in it."""
    ids = await Post.ancestor_ids(post.id, MAX_ANCESTORS) if post.in_reply_to_id is not None else []
    first = await Post.get(id=ids[-1]).only("uri", "conversation_uri") if ids else post
    people = ",".join(str(id_) for id_ in sorted(set(participant_ids)))
    return hashlib.sha256(f"{first.conversation_uri or first.uri}\n{people}".encode()).hexdigest()


_ADD = """
INSERT INTO conversation (id, owner_id, key, is_unread) VALUES ($1::bigint, $2::bigint, $3, $4::boolean)
ON CONFLICT (owner_id, key) DO UPDATE SET is_unread = excluded.is_unread RETURNING id
"""

_ADD_POST = """
INSERT INTO conversation_post (conversation_id, post_id) VALUES ($1::bigint, $2::bigint) ON CONFLICT DO NOTHING
"""

_LATEST = """
SELECT c.id, c.is_unread, MAX(i.post_id) AS post_id FROM conversation c JOIN conversation_post i ON i.conversation_id = c.id
WHERE c.owner_id = $1::bigint GROUP BY c.id, c.is_unread
HAVING MAX(i.post_id) < $2::bigint AND MAX(i.post_id) > $3::bigint ORDER BY post_id {order} LIMIT $4::bigint
"""
