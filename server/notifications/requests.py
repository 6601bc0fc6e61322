"""Those whom a member's policy keeps apart: who they are, what they did, and the member's answer.

A request is not kept: it is the notifications of one actor that are kept apart. Its id is that of the first of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.transactions import in_transaction

from federation.context import Context
from federation.facts import RequestsAccepted
from models import database
from models.actor import Actor
from models.notification import Notification
from models.notification_policy import NotificationPermission
from models.shown import IN_SIGHT
from server.notifications.queries import posts_of
from server.posts.queries import PostView


@dataclass(slots=True)
class Request:
    """What one actor did that is kept apart: the `first` and the `last` notification (its actor loaded), and how many."""

    first: Notification
    last: Notification
    total: int
    post: PostView | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How much is kept apart: from how many actors, and how many notifications."""

    actors: int
    notifications: int


async def summary(recipient: Actor) -> Summary:
    """Count what is kept apart from a member."""
    [row] = await database.select(_SUMMARY, recipient.id)
    return Summary(int(row["actors"]), int(row["total"]))


async def page(
    recipient: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None, first_id: int | None = None
) -> list[Request]:
    """Load requests with the last post of each, the latest first: those whose id is below `max_id`, or just above `min_id`.

    `first_id` gives that one alone.
    """
    low, high = (min_id or 0, max_id or 2**63 - 1) if first_id is None else (first_id - 1, first_id + 1)
    sql = _PAGE.format(order="DESC" if min_id is None else "ASC")
    found = {int(row["first"]): row for row in await database.select(sql, recipient.id, low, high, limit)}
    ids = {int(row[name]) for row in found.values() for name in ("first", "last")}
    rows = {row.id: row for row in await Notification.filter(id__in=list(ids)).select_related("actor")}
    posts = await posts_of([row.post_id for row in rows.values() if row.post_id is not None], recipient)
    requests = [Request(rows[int(row["first"])], rows[int(row["last"])], int(row["total"])) for row in found.values()]
    for request in requests:
        request.post = posts.get(request.last.post_id or 0)
    return sorted(requests, key=lambda request: -request.first.id)


async def one(recipient: Actor, id_: int) -> Request | None:
    """Load one request; None where there is none."""
    found = await page(recipient, limit=1, first_id=id_)
    return found[0] if found else None


async def accept(recipient: Actor, ids: Sequence[int], ctx: Context) -> int:
    """Hear the actors of these requests from now on, and tell what was kept apart; how many requests there were."""
    actor_ids = await _actors_of(recipient, ids)
    async with in_transaction():
        for actor_id in actor_ids:
            await NotificationPermission.get_or_create(recipient_id=recipient.id, actor_id=actor_id)
        kept = Notification.filter(recipient_id=recipient.id, is_filtered=True, actor_id__in=actor_ids)
        await kept.update(is_filtered=False)
    if actor_ids:
        await ctx.publish((RequestsAccepted(recipient),))
    return len(actor_ids)


async def dismiss(recipient: Actor, ids: Sequence[int]) -> int:
    """Put away what the actors of these requests did; how many requests there were."""
    actor_ids = await _actors_of(recipient, ids)
    await Notification.filter(recipient_id=recipient.id, is_filtered=True, actor_id__in=actor_ids).delete()
    return len(actor_ids)


async def _actors_of(recipient: Actor, ids: Sequence[int]) -> list[int]:
    rows = Notification.filter(recipient_id=recipient.id, is_filtered=True, id__in=list(ids))
    return sorted({int(str(id_)) for id_ in await rows.values_list("actor_id", flat=True)})


_KEPT = f"""FROM notification n JOIN actor a ON a.id = n.actor_id
WHERE n.recipient_id = $1::bigint AND n.is_filtered AND {IN_SIGHT.format("a")}"""

_SUMMARY = f"SELECT COUNT(*) AS total, COUNT(DISTINCT n.actor_id) AS actors {_KEPT}"

_PAGE = f"""SELECT MIN(n.id) AS first, MAX(n.id) AS last, COUNT(*) AS total {_KEPT} GROUP BY n.actor_id
HAVING MIN(n.id) > $2::bigint AND MIN(n.id) < $3::bigint ORDER BY first {{order}} LIMIT $4::bigint"""
