"""Reading what a member was told, with all that is shown of it, in a number of queries that does not grow with it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tortoise.queryset import QuerySet

from models import notification_groups
from models.actor import Actor, in_sight
from models.notification import Notification, NotificationType
from models.notification_groups import Group, Scope
from models.paging import page_of
from models.rows import MAX_ID
from server.posts.queries import PostView, readable, views

UNREAD_AT_MOST = 100


@dataclass(slots=True)
class NotificationView:
    """One thing that a member is told: `row.actor` is loaded; `post` is what it is about, where it is about a post."""

    row: Notification
    post: PostView | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which notifications are asked for: of these types, and only by `actor_id` where that is given.

    `with_filtered` includes those that the recipient's policy keeps apart.
    """

    types: Collection[NotificationType]
    actor_id: int | None = None
    with_filtered: bool = False


def told(recipient: Actor, wanted: Wanted) -> QuerySet[Notification]:
    """Select what a member was told by actors who are still in sight."""
    rows = Notification.filter(recipient_id=recipient.id, type__in=list(wanted.types), **in_sight("actor__"))
    if not wanted.with_filtered:
        rows = rows.filter(is_filtered=False)
    return rows if wanted.actor_id is None else rows.filter(actor_id=wanted.actor_id)


async def page(
    recipient: Actor, wanted: Wanted, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[Notification]:
    """Load notifications with their actors, newest first: those below `max_id`, or just above `min_id`."""
    rows = told(recipient, wanted).select_related("actor")
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)


async def shown(rows: Sequence[Notification], recipient: Actor) -> list[NotificationView]:
    """Load what these notifications are about, in their order. What the recipient may no longer read is left out."""
    posts = await posts_of([row.post_id for row in rows if row.post_id is not None], recipient)
    return [
        NotificationView(row, posts.get(row.post_id or 0))
        for row in rows
        if row.post_id is None or row.post_id in posts
    ]


async def posts_of(ids: Sequence[int], recipient: Actor) -> dict[int, PostView]:
    """Load those of these posts that a member may read, as they are shown, by id."""
    found = await readable(list(dict.fromkeys(ids)), recipient)
    return {view.post.id: view for view in await views(list(found.values()), recipient)}


async def one(id_: int, recipient: Actor, wanted: Wanted) -> NotificationView | None:
    """Load one notification of a member; None where there is none, or its post is no longer for them."""
    row = await told(recipient, wanted).select_related("actor").filter(id=id_).first()
    found = await shown([row], recipient) if row is not None else []
    return found[0] if found else None


@dataclass(slots=True)
class GroupView:
    """Some notifications as one: `newest` stands for them; `actors` are the last ones, newest first."""

    group: Group
    newest: Notification
    actors: list[Actor]
    post: PostView | None = None


async def groups(
    recipient: Actor, scope: Scope, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[GroupView]:
    """Load groups with all that is shown of them, newest first; none whose post is no longer for the member."""
    found = await notification_groups.page(
        scope,
        limit=limit,
        max_id=MAX_ID if max_id is None else max_id,
        min_id=min_id or 0,
        is_upward=min_id is not None,
    )
    rows = {row.id: row for row in await Notification.filter(id__in=[group.newest for group in found])}
    actor_ids = {id_ for group in found for id_ in group.actor_ids}
    actors = {actor.id: actor for actor in await Actor.filter(id__in=list(actor_ids))}
    posts = await posts_of([row.post_id for row in rows.values() if row.post_id is not None], recipient)
    made = [
        GroupView(
            group,
            rows[group.newest],
            [actors[id_] for id_ in group.actor_ids],
            posts.get(rows[group.newest].post_id or 0),
        )
        for group in found
        if group.newest in rows
    ]
    return [view for view in made if view.newest.post_id is None or view.post is not None]


async def count(recipient: Actor, wanted: Wanted, *, after_id: int, limit: int) -> int:
    """Count what a member was told after a notification and has not put away, up to `limit`."""
    return len(await told(recipient, wanted).filter(id__gt=after_id).limit(limit).values_list("id", flat=True))


async def unread(recipient: Actor) -> int:
    """Count the groups of what a member was told since they last looked, up to UNREAD_AT_MOST."""
    return await notification_groups.count_unread(Scope(recipient.id, list(NotificationType)), UNREAD_AT_MOST)
