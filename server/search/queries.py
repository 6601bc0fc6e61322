"""Finding what is here: actors by the beginning of their name, posts by their address."""

import re
from urllib.parse import urlsplit

from tortoise.expressions import Q, Subquery

from federation.naming import Names
from models.actor import Actor, in_sight
from models.follow import Follow, FollowState
from models.post import OPEN, Post

MAX_CHARACTERS = 100

_PROFILE = re.compile(r"/@([\w.-]{1,128})(?:@([\w.:-]{1,255}))?/?")
_PAGE = re.compile(r"/@[\w.-]{1,128}/([0-9]{1,18})")


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
    found = Actor.filter(matching, gone_at=None, is_discoverable=True, **in_sight())
    followed = Subquery(Follow.filter(follower_id=viewer.id, state=FollowState.ACCEPTED).values("followed_id"))
    found = found.filter(id__in=followed) if only_followed else found.filter(Q(is_silenced=False) | Q(id__in=followed))
    return await found.order_by("-is_local", "-followers_count", "id").limit(limit)


async def post_at(address: str, viewer: Actor | None, names: Names) -> Post | None:
    """Find the post that has this uri or this page, if it is here and the viewer may read it.

    Pages of other servers are looked for among all posts, for members only.
    """
    uris = {address, names.post(int(page[1]))} if (page := _own_page(address, names)) else {address}
    asked = Q(uri__in=list(uris)) if viewer is None else Q(uri__in=list(uris)) | Q(url=address)
    return await Post.visible_to(viewer).filter(asked).first()


async def may_learn_of(viewer: Actor | None, actor: Actor) -> bool:
    """Whether the viewer may learn that this server knows an actor.

    That we have met somebody of another server says that they follow somebody here, or belong: the public learns of
    those alone of whom it can read here.
    """
    if viewer is not None or actor.is_local:
        return True
    about = Q(actor_id=actor.id) | Q(mentions__actor_id=actor.id)
    return await Post.filter(about, visibility__in=OPEN).exists()


def handle_at(address: str, names: Names) -> str | None:
    """Read the handle in the address of a profile page, https://host/@name on most servers; None in any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    match = _PROFILE.fullmatch(parts.path)
    if match is None or not parts.netloc or "@" in parts.netloc:
        return None
    is_complete = match[2] is not None
    host = match[2] if is_complete else parts.netloc
    return match[1] if names.is_our_host(host) else f"{match[1]}@{host.lower()}"


def _own_page(address: str, names: Names) -> re.Match[str] | None:
    return _PAGE.fullmatch(address.removeprefix(names.origin)) if names.is_ours(address) else None
