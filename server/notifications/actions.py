"""Putting away what one was told."""

from models.actor import Actor
from models.notification import Notification


async def clear(recipient: Actor) -> None:
    """Put away everything that a member was told."""
    await Notification.filter(recipient_id=recipient.id).delete()


async def dismiss(recipient: Actor, id_: int) -> bool:
    """Put away one notification; whether there was one."""
    return bool(await Notification.filter(recipient_id=recipient.id, id=id_).delete())
