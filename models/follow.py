"""Who wishes to receive whose activities."""

from collections.abc import Sequence
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI, Actor
from models.ids import IdField


class FollowState(StrEnum):
    """How far a wish to follow has come. A rejected or undone one is deleted."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"


class Follow(Model):
    """One actor's wish to receive another's activities, and the answer to it.

    `uri` is the id of the Follow activity: Accept, Reject and Undo name it.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    follower: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="follows_out")
    followed: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="follows_in")
    state = fields.CharEnumField(FollowState, max_length=16, default=FollowState.REQUESTED)
    shows_announces = fields.BooleanField(default=True)
    created_at = fields.DatetimeField(default=timezone.now)

    follower_id: int
    followed_id: int

    class Meta:
        table = "follow"
        unique_together = [("follower", "followed")]
        indexes = [("followed_id", "state", "follower_id"), ("follower_id", "state")]

    @classmethod
    async def followed_here(cls, actor_ids: Sequence[int]) -> set[int]:
        """Tell which of these actors somebody who lives here follows."""
        ids = database.placeholders(len(actor_ids), 2)
        rows = await database.select(_FOLLOWED_HERE.format(ids=ids), FollowState.ACCEPTED.value, *actor_ids)
        return {row["followed_id"] for row in rows}

    @classmethod
    async def follower_uris_at(cls, followed_id: int, host: str) -> list[str]:
        """Name the followers of an actor that live on a host, in one statement."""
        rows = await database.select(_FOLLOWERS_AT, followed_id, host, FollowState.ACCEPTED.value)
        return [row["uri"] for row in rows]


_FOLLOWED_HERE = """
SELECT DISTINCT f.followed_id FROM follow f JOIN actor a ON a.id = f.follower_id
WHERE f.followed_id IN ({ids}) AND f.state = $1 AND a.is_local
"""

# CROSS JOIN has SQLite begin with the actors of the host, of whom there are fewer than followers of a large section.
_FOLLOWERS_AT = """
SELECT a.uri FROM actor a CROSS JOIN follow f
WHERE a.host = $2 AND NOT a.is_local AND a.gone_at IS NULL
  AND f.follower_id = a.id AND f.followed_id = $1 AND f.state = $3
ORDER BY a.id
"""
