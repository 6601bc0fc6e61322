"""Finding what is here: actors by the beginning of their name, posts by their address."""

from tortoise.expressions import Q, Subquery

from models.actor import Actor
from models.follow import Follow, FollowState
from models.post import Post

MAX_CHARACTERS = 100


async def actors(text: str, viewer: Actor, *, limit: int, only_followed: bool = False) -> list[Actor]:
    """Find actors whose handle begins like `text`, or whose name has it in it; ours first, then the most followed.

    For members only: asked letter by letter it lists everybody who did not decline to be found.
    """
    text = text.strip().lstrip("@")[:MAX_CHARACTERS]
    name, _, host = text.partition("@")
    if not name:
        return []
    matching = Q(username__istartswith=name) | Q(display_name__icontains=name)
    if host:
        matching = Q(username__iexact=name, handle_host__istartswith=host)
    found = Actor.filter(matching, gone_at=None, is_discoverable=True)
    if only_followed:
        followed = Follow.filter(follower_id=viewer.id, state=FollowState.ACCEPTED).values("followed_id")
        found = found.filter(id__in=Subquery(followed))
    return await found.order_by("-is_local", "-followers_count", "id").limit(limit)


async def post_at(address: str, viewer: Actor | None) -> Post | None:
    """Find the post that has this uri or this page, if it is here and the viewer may read it."""
    return await Post.visible_to(viewer).filter(Q(uri=address) | Q(url=address)).first()
