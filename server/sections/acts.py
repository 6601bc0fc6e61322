"""What was done in a section's name, and by whom: for the section; of its posts also for everybody, where it says so."""

from models.actor import Actor
from models.post import Post
from models.role import SectionAct
from models.section import Section
from server.sections.permissions import Act, check

PAGE_ACTS = 50


async def acts_of(
    section: Section, by: Actor | None, *, limit: int = PAGE_ACTS, max_id: int | None = None
) -> list[SectionAct]:
    """List what was done in a section's name, `author` loaded, newest first; those below `max_id`. None: the command line.

    Raises:
        Forbidden: `by` may not see it.
    """
    await check(by, Act.SEE_ACTS, section)
    rows = SectionAct.filter(section_id=section.id)
    if max_id is not None:
        rows = rows.filter(id__lt=max_id)
    return await rows.select_related("author").order_by("-id").limit(limit)


async def shown_author(post: Post) -> Actor | None:
    """Tell everybody who wrote what a section published, where the section says so; None where it does not."""
    written = SectionAct.filter(
        about=post.uri, act=Act.PUBLISH.value, section__actor_id=post.actor_id, section__shows_authors=True
    )
    row = await written.select_related("author").first()
    return row.author if row is not None else None
