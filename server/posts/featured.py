"""What an actor puts in front of its other posts.   Source: Mastodon's `featured` collection"""

from federation import pipeline
from federation.activities import build
from federation.context import Context
from models.actor import Actor
from models.featured import FeaturedPost
from models.post import OPEN, Post
from server.errors import Forbidden, Invalid
from server.posts.queries import PostView, readable, views

MAX_FEATURED = 5


async def pin(actor: Actor, post: Post, ctx: Context) -> None:
    """Put a post of one's own in front of the others; a second time changes nothing.

    Raises:
        Forbidden: it is another's.
        Invalid: it is not open to everybody, or there are enough already.
    """
    if post.actor_id != actor.id:
        raise Forbidden("Only its author may pin a post.")
    if not post.is_open:
        raise Invalid("Only posts that everybody may read can be pinned.")
    if await FeaturedPost.exists(actor_id=actor.id, post_id=post.id):
        return
    if await FeaturedPost.filter(actor_id=actor.id).count() >= MAX_FEATURED:
        raise Invalid(f"No more than {MAX_FEATURED} posts can be pinned.")
    await _change("Add", actor, post, ctx)


async def unpin(actor: Actor, post: Post, ctx: Context) -> None:
    """Put a post back among the others; if it is there, nothing changes.

    Raises:
        Forbidden: it is another's.
    """
    if post.actor_id != actor.id:
        raise Forbidden("Only its author may unpin a post.")
    if await FeaturedPost.exists(actor_id=actor.id, post_id=post.id):
        await _change("Remove", actor, post, ctx)


async def _change(kind: str, actor: Actor, post: Post, ctx: Context) -> None:
    """Tell the followers, who are those that show the collection."""
    followers = [actor.followers_uri] if actor.followers_uri else []
    activity = build(
        kind, actor, post.uri, uri=ctx.names.new_activity(), to=followers, target=actor.featured_uri
    )  # fmt: skip
    await pipeline.submit(activity, acting=actor, ctx=ctx)


async def by_actor(actor: Actor, viewer: Actor | None) -> list[PostView]:
    """Load the featured posts of an actor that everybody may read, the last one put there first."""
    rows = FeaturedPost.filter(actor_id=actor.id, post__visibility__in=OPEN)
    ids = [int(str(id_)) for id_ in await rows.order_by("-id").values_list("post_id", flat=True)]
    found = await readable(ids, viewer)
    return await views([found[id_] for id_ in ids if id_ in found], viewer)
