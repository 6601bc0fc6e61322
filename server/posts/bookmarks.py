"""Posts that a member keeps for themselves, and those they like: both are read again as long as they may be read."""

from federation import findable
from models.actor import Actor, in_sight
from models.bookmark import Bookmark
from models.mute import ConversationMute
from models.paging import page_of
from models.post import Post
from models.reaction import Announce, Like
from server.posts.queries import PostView, blockers_of, readable, views

MAX_BOOKMARKS = 10_000
READ_AT_ONCE = 200


async def bookmark(actor: Actor, post: Post) -> None:
    """Keep a post; a second time changes nothing. The oldest goes where there are more than MAX_BOOKMARKS."""
    await Bookmark.get_or_create(actor_id=actor.id, post_id=post.id)
    await findable.index_kept(post)
    oldest = Bookmark.filter(actor_id=actor.id).order_by("-id").offset(MAX_BOOKMARKS).limit(1)
    if (too_old := await oldest.first()) is not None:
        await too_old.delete()


async def unbookmark(actor: Actor, post: Post) -> None:
    """Keep a post no longer; if it is not kept, nothing changes."""
    await Bookmark.filter(actor_id=actor.id, post_id=post.id).delete()


async def mute_conversation(actor: Actor, post: Post) -> None:
    """Want to be told nothing more of the conversation of a post; a second time changes nothing."""
    await ConversationMute.get_or_create(muter_id=actor.id, uri=post.conversation_uri or post.uri)


async def unmute_conversation(actor: Actor, post: Post) -> None:
    """Want to be told of a conversation again."""
    await ConversationMute.filter(muter_id=actor.id, uri=post.conversation_uri or post.uri).delete()


async def bookmarked(
    actor: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, PostView]]:
    """Load what a member keeps, as far as they may still read it, the last one kept first: (id of the row, post)."""
    return await _marked(Bookmark, actor, limit, max_id, min_id)


async def liked(
    actor: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, PostView]]:
    """Load what a member likes, as `bookmarked` does."""
    return await _marked(Like, actor, limit, max_id, min_id)


async def _marked(
    marks: type[Bookmark] | type[Like], actor: Actor, limit: int, max_id: int | None, min_id: int | None
) -> list[tuple[int, PostView]]:
    """Read rows in their order until so many posts are found that may be read: mostly the first slice has them all."""
    found: list[tuple[int, Post]] = []
    is_upward, last, size = min_id is not None, min_id if min_id is not None else max_id, limit
    while len(found) < limit:
        rows = marks.filter(actor_id=actor.id)
        if last is not None:
            rows = rows.filter(id__gt=last) if is_upward else rows.filter(id__lt=last)
        some = await rows.order_by("id" if is_upward else "-id").limit(size).values_list("id", "post_id")
        pairs = [(int(str(id_)), int(str(post_id))) for id_, post_id in some]
        posts = await readable([post_id for _, post_id in pairs], actor)
        found += [(id_, posts[post_id]) for id_, post_id in pairs if post_id in posts]
        if len(pairs) < size:
            break
        last, size = pairs[-1][0], READ_AT_ONCE
    kept = sorted(found[:limit], key=lambda pair: -pair[0])
    shown = await views([post for _, post in kept], actor)
    return [(id_, view) for (id_, _), view in zip(kept, shown, strict=True)]


async def likers(
    post: Post, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[Like]:
    """Load who likes a post, `actor` loaded, the last one first. For its author alone: what somebody likes is an opinion."""
    if viewer is None or viewer.id != post.actor_id:
        return []
    rows = Like.filter(post_id=post.id, actor__gone_at=None, **in_sight("actor__")).select_related("actor")
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)


async def announcers(
    post: Post, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[Announce]:
    """Load who shows a post to their followers, `actor` loaded, the last one first. For those who are logged in."""
    if viewer is None:
        return []
    rows = Announce.filter(post_id=post.id, actor__gone_at=None, **in_sight("actor__")).select_related("actor")
    rows = rows.exclude(actor_id__in=blockers_of(viewer))
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
