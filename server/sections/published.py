"""What a section published, for those who speak for it: also what is for its members, since these are its own words."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.queryset import QuerySet

from models.actor import Actor
from models.post import Post, Visibility
from models.role import SectionAct
from models.section import Section
from server.errors import Forbidden, NotFound
from server.posts.queries import PostView, views
from server.sections.permissions import Act, may

PAGE_POSTS = 20
ACTS = (Act.PUBLISH, Act.EDIT_POST, Act.DELETE_POST)


@dataclass(frozen=True, slots=True)
class Published:
    """A post of a section. `author` is who wrote it, where the viewer may know: themselves, or if they see the journal."""

    view: PostView
    author: Actor | None


async def published(
    section: Section, by: Actor | None, *, limit: int = PAGE_POSTS, max_id: int | None = None
) -> list[Published]:
    """List what a section published, newest first; those below `max_id`. None: the command line. `actor` must be loaded.

    What it wrote to somebody alone is left out.

    Raises:
        Forbidden: their role allows them neither to publish nor to edit or delete.
    """
    await _check(section, by)
    rows = _of(section) if max_id is None else _of(section).filter(id__lt=max_id)
    posts = await rows.order_by("-id").limit(limit)
    authors = await _authors(section, posts, by)
    return [Published(view, authors.get(view.post.uri)) for view in await views(posts, section.actor)]


async def own_post(section: Section, id_: int) -> Post:
    """Find a post that a section published, its actor loaded.

    Raises:
        NotFound: there is none.
    """
    if (post := await _of(section).filter(id=id_).first()) is None:
        raise NotFound("The section has no such post: perhaps somebody has deleted it.")
    return post


def _of(section: Section) -> QuerySet[Post]:
    rows = Post.filter(actor_id=section.actor_id).exclude(visibility=Visibility.DIRECT)
    return rows.select_related("actor")


async def _check(section: Section, by: Actor | None) -> None:
    if by is None:
        return
    for act in ACTS:
        if await may(by, act, section):
            return
    raise Forbidden("Your role in this section does not allow this.")


async def _authors(section: Section, posts: Sequence[Post], by: Actor | None) -> dict[str, Actor]:
    """Tell who wrote these posts, by their uris."""
    uris = [post.uri for post in posts]
    acts = SectionAct.filter(section_id=section.id, act=Act.PUBLISH.value, about__in=uris) if uris else None
    if acts is None:
        return {}
    if by is not None and not await may(by, Act.SEE_ACTS, section):
        acts = acts.filter(author_id=by.id)
    return {act.about: act.author for act in await acts.select_related("author") if act.author is not None}
