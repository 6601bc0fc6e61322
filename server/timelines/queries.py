"""Reading home timelines, and that of the network."""

from collections.abc import Sequence

from models import network as published
from models import shown
from models.actor import Actor, ActorType, in_sight
from models.lists import ReadingList
from models.post import Post, Visibility
from models.timeline import HomeRow
from server.network.queries import sections_of_network
from server.posts.queries import PostView, readable, views


async def home(owner: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None) -> list[PostView]:
    """Load the newest items of a home timeline, newest first: those below `max_id`, or just above `min_id`."""
    return await _items(await shown.home_items(owner.id, limit=limit, max_id=max_id, min_id=min_id), owner)


async def of_list(
    owner: Actor, of: ReadingList, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[PostView]:
    """Load the newest items of the home timeline of a list's owner that belong in it, as `home` does."""
    return await _items(await shown.list_items(of, limit=limit, max_id=max_id, min_id=min_id), owner)


async def _items(found: list[tuple[int, bool, Post]], owner: Actor) -> list[PostView]:
    """Load what is shown of these items of a home timeline, but those that are no longer for its owner."""
    announces = await shown.announces([item_id for item_id, is_announce, _ in found if is_announce])
    found = [item for item in found if not item[1] or item[0] in announces]  # its announcer may be out of sight
    shut_out = await _shut_out([post for _, _, post in found], owner)
    found = [item for item in found if item[2].id not in shut_out]
    items = await views([post for _, _, post in found], owner)
    for view, (item_id, is_announce, _) in zip(items, found, strict=True):
        view.announce = announces[item_id] if is_announce else None
    return items


async def _shut_out(posts: Sequence[Post], owner: Actor) -> set[int]:
    """Name those of these posts that are for members, and no longer for the owner, however its membership ended."""
    ids = {post.id for post in posts if post.visibility is Visibility.SECTION and post.actor_id != owner.id}
    return ids - set(await readable(list(ids), owner)) if ids else ids


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


async def network(
    viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[PostView]:
    """Load the newest public posts by the sections of the network, but answers, newest first, as `home` does.

    Sections that the viewer mutes, or is kept apart from, are left out; silenced ones are for those who follow them.
    """
    section_ids, viewer_id = await sections_of_network(), viewer.id if viewer is not None else None
    found = await published.newest_posts(section_ids, viewer_id, limit=limit, max_id=max_id, min_id=min_id)
    return await views(found, viewer)
