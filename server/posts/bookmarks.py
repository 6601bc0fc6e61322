"""Posts that a member keeps for themselves, and those they like: both are read again as long as they may be read."""

from models.actor import Actor, in_sight
from models.bookmark import Bookmark
from models.mute import ConversationMute
from models.post import Post
from models.reaction import Announce, Like
from server.posts.queries import PostView, blockers_of, views

MAX_BOOKMARKS = 10_000


async def bookmark(actor: Actor, post: Post) -> None:
    """Keep a post; a second time changes nothing. The oldest goes where there are more than MAX_BOOKMARKS."""
    await Bookmark.get_or_create(actor_id=actor.id, post_id=post.id)
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
    return await _marked("bookmarks", actor, limit, max_id, min_id)


async def liked(
    actor: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, PostView]]:
    """Load what a member likes, as `bookmarked` does."""
    return await _marked("likes", actor, limit, max_id, min_id)


async def _marked(
    relation: str, actor: Actor, limit: int, max_id: int | None, min_id: int | None
) -> list[tuple[int, PostView]]:
    mark = f"{relation}__id"
    wanted = {f"{relation}__actor_id": actor.id}
    if max_id is not None:
        wanted[f"{mark}__lt"] = max_id
    if min_id is not None:
        wanted[f"{mark}__gt"] = min_id
    rows = Post.visible_to(actor).filter(**wanted).order_by(mark if min_id is not None else f"-{mark}").limit(limit)
    ids = sorted([(int(str(row[0])), int(str(row[1]))) for row in await rows.values_list(mark, "id")], reverse=True)
    posts = {post.id: post for post in await Post.filter(id__in=[id_ for _, id_ in ids]).select_related("actor")}
    kept = [(row_id, post_id) for row_id, post_id in ids if post_id in posts]
    shown = await views([posts[post_id] for _, post_id in kept], actor)
    return [(row_id, view) for (row_id, _), view in zip(kept, shown, strict=True)]


async def likers(
    post: Post, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[Like]:
    """Load who likes a post, `actor` loaded, the last one first. For its author alone: what somebody likes is an opinion."""
    if viewer is None or viewer.id != post.actor_id:
        return []
    rows = Like.filter(post_id=post.id, actor__gone_at=None, **in_sight("actor__")).select_related("actor")
    if max_id is not None:
        rows = rows.filter(id__lt=max_id)
    if min_id is not None:
        rows = rows.filter(id__gt=min_id)
    found = await rows.order_by("id" if min_id is not None else "-id").limit(limit)
    return sorted(found, key=lambda row: -row.id)


async def announcers(
    post: Post, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[Announce]:
    """Load who shows a post to their followers, `actor` loaded, the last one first. For those who are logged in."""
    if viewer is None:
        return []
    rows = Announce.filter(post_id=post.id, actor__gone_at=None, **in_sight("actor__")).select_related("actor")
    rows = rows.exclude(actor_id__in=blockers_of(viewer))
    if max_id is not None:
        rows = rows.filter(id__lt=max_id)
    if min_id is not None:
        rows = rows.filter(id__gt=min_id)
    found = await rows.order_by("id" if min_id is not None else "-id").limit(limit)
    return sorted(found, key=lambda row: -row.id)
