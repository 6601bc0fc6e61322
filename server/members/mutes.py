"""Whom a member does not want to read. Nobody is told, neither here nor on another server."""

from datetime import datetime

from models.actor import Actor
from models.mute import Mute
from models.paging import page_of
from server.errors import Conflict


async def mute(
    muter: Actor, muted: Actor, *, hides_notifications: bool = True, expires_at: datetime | None = None
) -> None:
    """Read nothing of an actor until a moment, or for good; a second time changes how.

    Raises:
        Conflict: one cannot mute oneself.
    """
    if muter.id == muted.id:
        raise Conflict("You cannot mute yourself.")
    how = {"hides_notifications": hides_notifications, "expires_at": expires_at}
    await Mute.update_or_create(how, muter_id=muter.id, muted_id=muted.id)


async def unmute(muter: Actor, muted: Actor) -> None:
    """Read an actor again; unmuted, nothing changes."""
    await Mute.filter(muter_id=muter.id, muted_id=muted.id).delete()


async def page(muter: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None) -> list[Mute]:
    """Load whom a member mutes, `muted` loaded, newest first: those below `max_id`, or just above `min_id`."""
    rows = Mute.filter(muter_id=muter.id, muted__gone_at=None, muted__blocked_at=None).select_related("muted")
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)


async def sweep(now: datetime) -> None:
    """End the mutes whose time has come."""
    await Mute.filter(expires_at__lte=now).delete()
