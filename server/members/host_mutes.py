"""Which other servers a member does not want to read. Those who live there are not told, but that follows have ended."""

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from federation.context import Context
from models.actor import Actor
from models.follow import Follow
from models.mute import HostMute
from models.notification import Notification
from models.paging import page_of
from server.admin.domains import checked_domain
from server.errors import Invalid
from server.follows.actions import decide, unfollow

MAX_HOSTS = 500


async def mute(muter: Actor, typed: str, ctx: Context) -> None:
    """Read nothing of a server: follows between it and the member end, and what they were told of it goes.

    A second time changes nothing.

    Raises:
        Invalid: it is no domain, it is ours, or there are enough.
    """
    host = checked_domain(typed)
    if ctx.names.is_our_host(host):
        raise Invalid("This is your own server.")
    if await HostMute.filter(muter_id=muter.id).count() >= MAX_HOSTS:
        raise Invalid("No more than 500 servers can be left out.")
    await HostMute.get_or_create(muter_id=muter.id, host=host)
    await _part(muter, host, ctx)
    there = Actor.filter(Q(host=host) | Q(handle_host=host)).values("id")
    await Notification.filter(recipient_id=muter.id, actor_id__in=Subquery(there)).delete()


async def _part(muter: Actor, host: str, ctx: Context) -> None:
    """End the follows both ways."""
    following, followers = _follows(muter, host)
    for row in await following.select_related("followed"):
        await unfollow(muter, row.followed, ctx)
    for row in await followers.select_related("follower"):
        await decide(muter, row.follower, ctx, accept=False)


def _follows(muter: Actor, host: str) -> tuple[QuerySet[Follow], QuerySet[Follow]]:
    following = Q(followed__host=host) | Q(followed__handle_host=host)
    followers = Q(follower__host=host) | Q(follower__handle_host=host)
    return Follow.filter(following, follower_id=muter.id), Follow.filter(followers, followed_id=muter.id)


async def at_stake(muter: Actor, typed: str) -> tuple[int, int]:
    """Tell how many follows would end: (of the member's, of others).

    Raises:
        Invalid: it is no domain.
    """
    following, followers = _follows(muter, checked_domain(typed))
    return await following.count(), await followers.count()


async def unmute(muter: Actor, typed: str) -> None:
    """Read a server again; if it is read, nothing changes. Follows do not come back.

    Raises:
        Invalid: it is no domain.
    """
    await HostMute.filter(muter_id=muter.id, host=checked_domain(typed)).delete()


async def page(
    muter: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[HostMute]:  # fmt: skip
    """Load which servers a member does not read, the last one first: those below `max_id`, or just above `min_id`."""
    rows = HostMute.filter(muter_id=muter.id)
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
