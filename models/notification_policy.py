"""By whom a member is told what: the policy that they set, and whom they let through."""

from enum import StrEnum

from tortoise import fields, timezone
from tortoise.models import Model

from models.actor import Actor


class Treatment(StrEnum):
    """What becomes of a notification: it is told, kept apart until the member agrees, or not written at all."""

    ACCEPT = "accept"
    FILTER = "filter"
    DROP = "drop"


class NotificationPolicy(Model):
    """What a member does with notifications by kinds of actors. Without a row everybody is heard but the silenced."""

    id = fields.BigIntField(primary_key=True)
    actor: fields.OneToOneRelation[Actor] = fields.OneToOneField("models.Actor", related_name="notification_policy")
    for_not_following = fields.CharEnumField(Treatment, max_length=8, default=Treatment.ACCEPT)
    for_not_followers = fields.CharEnumField(Treatment, max_length=8, default=Treatment.ACCEPT)
    for_new_accounts = fields.CharEnumField(Treatment, max_length=8, default=Treatment.ACCEPT)
    for_private_mentions = fields.CharEnumField(Treatment, max_length=8, default=Treatment.ACCEPT)
    for_limited_accounts = fields.CharEnumField(Treatment, max_length=8, default=Treatment.DROP)

    actor_id: int

    class Meta:
        table = "notification_policy"


class NotificationPermission(Model):
    """A member hears `actor` whatever their policy says: they agreed to its request."""

    id = fields.BigIntField(primary_key=True)
    recipient: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField(
        "models.Actor", related_name="notification_permissions"
    )
    actor: fields.ForeignKeyRelation[Actor] = fields.ForeignKeyField("models.Actor", related_name="may_notify")
    created_at = fields.DatetimeField(default=timezone.now)

    recipient_id: int
    actor_id: int

    class Meta:
        table = "notification_permission"
        unique_together = [("recipient", "actor")]
        indexes = [("actor_id",)]
