"""What looking at a conversation sets going."""

from federation.context import Context, Work
from federation.conversations import missing_parents
from models.errand import Errand, ErrandType
from models.post import Post
from server.ttl_cache import TtlCache

LOOKED: TtlCache[int, bool] = TtlCache(60.0, 4096)


async def look_further(post: Post, top: Post, ctx: Context) -> None:
    """Have the rest of another server's conversation fetched, since a member looks at it; nobody waits for it.

    `top` is the first post of it that is here. What was fetched a moment ago is not fetched again.
    """
    if post.is_local or not post.is_open or LOOKED.get(post.id):
        return
    LOOKED.keep(post.id, True)
    await Errand.ask(ErrandType.REPLIES, post.uri, ctx.now())
    await Errand.ask_many(ErrandType.ANCESTORS, missing_parents([top]), ctx.now())
    await ctx.wake(Work.ERRANDS)
