"""Reading hashtags: which a member follows, and the public posts that bear some."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.expressions import Subquery

from models.actor import Actor, in_sight
from models.paging import page_of
from models.post import Post, PostTag, Visibility
from models.tag_follow import TagFollow
from server.posts.queries import PostView, heard, not_apart, views


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which posts: with one of `any_of`, all of `all_of`, none of `none_of`, all in canonical form; and from where."""

    any_of: Sequence[str]
    all_of: Sequence[str] = ()
    none_of: Sequence[str] = ()
    local: bool = False
    remote: bool = False
    only_media: bool = False


async def posts(
    wanted: Wanted, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[PostView]:
    """Load the newest public posts with some hashtags, newest first."""
    rows = Post.filter(visibility=Visibility.PUBLIC, actor__gone_at=None, **in_sight("actor__"))
    rows = heard(not_apart(rows, viewer), viewer).filter(id__in=_with(wanted.any_of))
    for name in wanted.all_of:
        rows = rows.filter(id__in=_with([name]))
    if wanted.none_of:
        rows = rows.exclude(id__in=_with(wanted.none_of))
    if wanted.local or wanted.remote:
        rows = rows.filter(is_local=wanted.local)
    if wanted.only_media:
        rows = rows.filter(attachments__id__isnull=False).distinct()
    found = await page_of(rows.select_related("actor"), limit=limit, max_id=max_id, min_id=min_id)
    return await views(found, viewer)


def _with(names: Sequence[str]) -> Subquery:
    return Subquery(PostTag.filter(name__in=list(names)).values("post_id"))


async def is_followed(actor: Actor | None, name: str) -> bool:
    """Whether a member follows a hashtag."""
    return actor is not None and await TagFollow.exists(actor_id=actor.id, name=name)


async def followed_among(actor: Actor, names: Sequence[str]) -> set[str]:
    """Tell which of these hashtags a member follows."""
    rows = TagFollow.filter(actor_id=actor.id, name__in=list(names))
    return {str(name) for name in await rows.values_list("name", flat=True)} if names else set()


async def followed(
    actor: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[TagFollow]:  # fmt: skip
    """Load the hashtags that a member follows, the last one first: those below `max_id`, or just above `min_id`."""
    rows = TagFollow.filter(actor_id=actor.id)
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
