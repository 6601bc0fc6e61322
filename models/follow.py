"""Who wishes to receive whose activities."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI, Actor
from models.ids import IdField
from models.rows import in_list, padded, select


class FollowState(StrEnum):
    """How far a wish to follow has come. A rejected or undone one is deleted."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"


class Follow(Model):
    """One actor's wish to receive another's activities, and the answer to it.

    A member of ours may want no announces, a notification of each post, or only some languages: `languages` is
    ",en,fr,". Nobody else is told.

    `uri` is the id of the Follow activity: Accept, Reject and Undo name it.
    """

    id = IdField()
    uri = fields.CharField(max_length=MAX_URI, unique=True)
    follower: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="follows_out")
    followed: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="follows_in")
    state = fields.CharEnumField(FollowState, max_length=16, default=FollowState.REQUESTED)
    shows_announces = fields.BooleanField(default=True)
    notifies = fields.BooleanField(default=False)
    languages = fields.CharField(max_length=255, null=True)
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
    async def ask(cls, uri: str, follower: Actor, followed: Actor, now: datetime) -> "tuple[Follow, bool]":
        """Record a wish to follow, under a new uri if it was asked before: (row, is_new); the row has both actors.

        Raises:
            DoesNotExist: the uri is that of another wish.
        """
        row = cls(uri=uri, follower=follower, followed=followed, created_at=now)
        values = (row.id, uri, follower.id, followed.id, row.state.value, row.shows_announces, now)
        if await database.change(_ASK, *values):
            row._saved_in_db = True
            return row, True
        row = await cls.get(follower_id=follower.id, followed_id=followed.id)
        row.follower, row.followed = follower, followed
        if row.uri != uri:
            row.uri = uri
            await row.save(update_fields=["uri"])
        return row, False

    async def accept(self) -> bool:
        """Accept the wish and count it; whether it was not accepted before."""
        if not await database.execute(_ACCEPT, self.id, FollowState.ACCEPTED.value, FollowState.REQUESTED.value):
            return False
        await database.execute(_COUNT, self.follower_id, self.followed_id, 1)
        return True

    @classmethod
    async def to_be_told(cls, author_ids: Sequence[int]) -> list[tuple[int, int]]:
        """Name who wants to be told of each post of these actors: (author id, id of an actor who lives here)."""
        wanted = padded(author_ids)
        rows = await select(_TO_BE_TOLD.format(ids=in_list(wanted, 2)), FollowState.ACCEPTED.value, *wanted)
        return [(row[0], row[1]) for row in rows]

    @classmethod
    async def follower_uris_at(cls, followed_id: int, host: str) -> list[str]:
        """Name the followers of an actor that live on a host, in one statement."""
        rows = await database.select(_FOLLOWERS_AT, followed_id, host, FollowState.ACCEPTED.value)
        return [row["uri"] for row in rows]


_FOLLOWED_HERE = """
SELECT DISTINCT f.followed_id FROM follow f JOIN actor a ON a.id = f.follower_id
WHERE f.followed_id IN ({ids}) AND f.state = $1 AND a.is_local
"""

_ASK = """
INSERT INTO follow (id, uri, follower_id, followed_id, state, shows_announces, notifies, created_at)
VALUES ($1::bigint, $2, $3::bigint, $4::bigint, $5, $6, FALSE, $7::timestamptz)
ON CONFLICT DO NOTHING RETURNING id
"""

_ACCEPT = "UPDATE follow SET state = $2 WHERE id = $1 AND state = $3"

_TO_BE_TOLD = """
SELECT f.followed_id, f.follower_id FROM follow f JOIN actor a ON a.id = f.follower_id AND a.is_local
WHERE f.followed_id IN {ids} AND f.state = $1 AND f.notifies ORDER BY f.id
"""

_COUNT = """
UPDATE actor SET following_count = following_count + CASE id WHEN $1 THEN $3 ELSE 0 END,
  followers_count = followers_count + CASE id WHEN $2 THEN $3 ELSE 0 END
WHERE id IN ($1::bigint, $2::bigint)
"""

# CROSS JOIN has SQLite begin with the actors of the host, of whom there are fewer than followers of a large section.
_FOLLOWERS_AT = """
SELECT a.uri FROM actor a CROSS JOIN follow f
WHERE a.host = $2 AND NOT a.is_local AND a.gone_at IS NULL
  AND f.follower_id = a.id AND f.followed_id = $1 AND f.state = $3
ORDER BY a.id
"""
