"""What a member does not want to hear of: an actor, a server, or a conversation. Nobody is told."""

from collections.abc import Sequence

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import MAX_URI, Actor
from models.ids import IdField


class Mute(Model):
    """A member does not read what an actor publishes, until `expires_at`, and is told nothing of it if they say so."""

    id = IdField()
    muter: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="mutes_out")
    muted: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="mutes_in")
    hides_notifications = fields.BooleanField(default=True)
    expires_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(default=timezone.now)

    muter_id: int
    muted_id: int

    class Meta:
        table = "mute"
        unique_together = [("muter", "muted")]
        indexes = [("muter_id", "id"), ("muted_id",), ("expires_at",)]


class ConversationMute(Model):
    """A member is told nothing more of a conversation. `uri` is its own, or that of a post that names none."""

    id = IdField()
    muter: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="conversation_mutes")
    uri = fields.CharField(max_length=MAX_URI)
    created_at = fields.DatetimeField(default=timezone.now)

    muter_id: int

    class Meta:
        table = "conversation_mute"
        unique_together = [("muter", "uri")]


class HostMute(Model):
    """A member reads nothing of another server, and is told nothing of those who live there. `host` is its domain."""

    id = IdField()
    muter: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="host_mutes")
    host = fields.CharField(max_length=255)
    created_at = fields.DatetimeField(default=timezone.now)

    muter_id: int

    class Meta:
        table = "host_mute"
        unique_together = [("muter", "host")]
        indexes = [("muter_id", "id"), ("host",)]

    @classmethod
    async def muted_among(cls, muter_id: int, actor_ids: Sequence[int]) -> list[int]:
        """Tell which of these actors live on servers that a member mutes."""
        rows = await database.select(
            _ELSEWHERE.format(ids=database.placeholders(len(actor_ids), 2)), muter_id, *actor_ids
        )
        return [int(row["id"]) for row in rows]


async def is_deaf(member_id: int, actor_id: int, post_id: int | None) -> bool:
    """Whether a member wants to be told nothing of what an actor or its server does, or of the conversation of a post."""
    return bool(await database.select(_DEAF, member_id, actor_id, post_id))


_ELSEWHERE = """
SELECT a.id FROM actor a JOIN host_mute h ON h.muter_id = $1::bigint AND h.host IN (a.host, a.handle_host)
WHERE a.id IN ({ids})
"""

# A conversation may bear another name on each server: the post that is answered counts too.
_DEAF = """
SELECT 1 AS found FROM mute WHERE muter_id = $1::bigint AND muted_id = $2::bigint AND hides_notifications
UNION ALL
SELECT 1 FROM actor a JOIN host_mute h ON h.muter_id = $1::bigint AND h.host IN (a.host, a.handle_host)
WHERE a.id = $2::bigint
UNION ALL
SELECT 1 FROM post p LEFT JOIN post q ON q.id = p.in_reply_to_id JOIN conversation_mute m ON m.muter_id = $1::bigint
  AND m.uri IN (COALESCE(p.conversation_uri, p.uri), COALESCE(q.conversation_uri, q.uri))
WHERE p.id = $3::bigint
LIMIT 1
"""
