"""Reading conversations as the public may: the answers to a post, and all that began with one."""

from federation.naming import Names
from models.post import OPEN, Post

MAX_ANCESTORS = 100
MAX_POSTS = 1000


async def conversation_of(parent: Post, names: Names) -> str:
    """Name the conversation that an answer to this post belongs to: that of its first post, as far as that is here."""
    ids = await Post.ancestor_ids(parent.id, MAX_ANCESTORS)
    first = await Post.get(id=ids[-1]) if ids else parent
    if first.is_local and first.in_reply_to_uri is None:
        return names.context(first.id)
    return first.conversation_uri or parent.conversation_uri or first.uri


async def open_replies(post: Post, *, limit: int, before: int | None = None) -> list[Post]:
    """Load the open answers to a post, newest first: those below the id `before`."""
    replies = Post.filter(in_reply_to_id=post.id, visibility__in=OPEN, actor__is_suspended=False)
    if before is not None:
        replies = replies.filter(id__lt=before)
    return await replies.order_by("-id").limit(limit)


async def open_replies_count(post: Post) -> int:
    """Count the open answers to a post."""
    return await Post.filter(in_reply_to_id=post.id, visibility__in=OPEN, actor__is_suspended=False).count()


async def conversation_ids(first: Post) -> list[int]:
    """Name the open posts of a conversation: its first, and the oldest of those below it, oldest first."""
    own = [first.id] if first.is_open else []
    return own + await Post.open_descendant_ids(first.id, MAX_POSTS)
