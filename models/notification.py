"""What a member is told about: somebody followed, named, liked, announced or invited them, or asks something of them."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models import database
from models.actor import Actor
from models.ids import IdField
from models.post import Post


class NotificationType(StrEnum):
    """Why the member is told."""

    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    MENTION = "mention"
    LIKE = "like"
    ANNOUNCE = "announce"
    UPDATE = "update"
    EMOJI_REACTION = "emoji_reaction"
    EVENT_INVITE = "event_invite"
    EVENT_REQUEST = "event_request"
    EVENT_ANSWER = "event_answer"
    EVENT_CHANGE = "event_change"
    EVENT_REMINDER = "event_reminder"
    ADMIN_REPORT = "admin_report"
    MOVE = "move"
    STATUS = "status"
    POLL = "poll"
    QUOTE = "quote"
    MEMBER_REQUEST = "member_request"
    MEMBER_INVITE = "member_invite"
    MEMBER_ACCEPTED = "member_accepted"
    TRANSFER_REQUEST = "transfer_request"
    TRANSFER_REFUSED = "transfer_refused"
    ORGANISE_REQUEST = "organise_request"
    ORGANISE_ANSWER = "organise_answer"


class Notification(Model):
    """One thing that `actor` did and `recipient`, who lives here, is told about."""

    id = IdField()
    recipient: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="notifications")
    type = fields.CharEnumField(NotificationType, max_length=16)
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="notified_others")
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="notifications", null=True
    )
    created_at = fields.DatetimeField(default=timezone.now)

    recipient_id: int
    actor_id: int
    post_id: int | None

    class Meta:
        table = "notification"
        indexes = [("recipient_id", "id"), ("actor_id", "recipient_id", "type", "post_id"), ("post_id",)]

    @classmethod
    async def was_told(cls, recipient_id: int, type_: NotificationType, actor_id: int, post_id: int | None) -> bool:
        """Whether somebody was told the same before."""
        about = "post_id IS NULL" if post_id is None else "post_id = $4::bigint"
        values = (actor_id, recipient_id, type_.value, *(() if post_id is None else (post_id,)))
        return bool(await database.select(_TOLD.format(about=about), *values))


_TOLD = """
SELECT 1 AS found FROM notification
WHERE actor_id = $1::bigint AND recipient_id = $2::bigint AND type = $3 AND {about} LIMIT 1
"""
