"""Putting away what one was told."""

from models import notification_groups
from models.actor import Actor
from models.notification import Notification
from models.notification_groups import Scope

ROWS_A_STATEMENT = 500


async def clear(recipient: Actor) -> None:
    """Put away everything that a member was told."""
    await Notification.filter(recipient_id=recipient.id).delete()


async def dismiss(recipient: Actor, id_: int) -> bool:
    """Put away one notification; whether there was one."""
    return bool(await Notification.filter(recipient_id=recipient.id, id=id_).delete())


async def dismiss_group(recipient: Actor, scope: Scope) -> None:
    """Put away every notification of one group; one that is not there changes nothing."""
    ids = [id_ for id_, _ in await notification_groups.rows_of(scope)]
    for start in range(0, len(ids), ROWS_A_STATEMENT):
        some = ids[start : start + ROWS_A_STATEMENT]
        await Notification.filter(recipient_id=recipient.id, id__in=some).delete()
