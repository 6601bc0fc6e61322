"""Reading a member's home timeline."""

from models.actor import Actor, ActorType, in_sight
from models.post import Post, Visibility
from models.reaction import Announce
from models.timeline import HomeRow
from server.posts.queries import PostView, views


async def home(owner: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None) -> list[PostView]:
    """Load the newest items of a home timeline, newest first: those below `max_id`, or just above `min_id`."""
    rows = HomeRow.filter(owner_id=owner.id)
    if max_id is not None:
        rows = rows.filter(item_id__lt=max_id)
    if min_id is not None:
        rows = rows.filter(item_id__gt=min_id)
    found = await rows.order_by("item_id" if min_id is not None else "-item_id").limit(limit)
    found.sort(key=lambda row: -row.item_id)
    shown = Post.filter(id__in=[row.post_id for row in found], **in_sight("actor__")).select_related("actor")
    posts = {post.id: post for post in await shown}
    announce_ids = [row.item_id for row in found if row.is_announce]
    announces = {}
    if announce_ids:
        rows_shown = Announce.filter(id__in=announce_ids, **in_sight("actor__")).select_related("actor")
        announces = {row.id: row for row in await rows_shown}
    # One may have been deleted between the queries, or its author or announcer is out of sight.
    found = [row for row in found if row.post_id in posts and (row.item_id in announces or not row.is_announce)]
    items = await views([posts[row.post_id] for row in found], owner)
    for view, row in zip(items, found, strict=True):
        view.announce = announces.get(row.item_id)
    return items


async def network_news(section: Actor, *, limit: int) -> list[PostView]:
    """Load the newest public posts of the sections that this one follows, newest first: what its page shows of others."""
    rows = HomeRow.filter(
        owner_id=section.id,
        is_announce=False,
        post__visibility=Visibility.PUBLIC,
        post__in_reply_to_uri=None,
        post__actor__type=ActorType.GROUP,
        post__actor__gone_at=None,
        post__actor__is_silenced=False,
        **in_sight("post__actor__"),
    ).exclude(actor_id=section.id)
    found = await rows.order_by("-item_id").limit(limit).select_related("post__actor")
    return await views([row.post for row in found])
