"""Speaking in a section's name: publish, edit, delete. Who did it stays inside, in SectionAct.

`author` is None for whoever runs the server from its command line.
"""

from federation.context import Context
from models.actor import Actor
from models.ids import new_id
from models.post import Post
from models.section import Section
from server.posts import actions
from server.posts.actions import Draft
from server.sections.permissions import Act, noted


async def publish(
    section: Section, author: Actor | None, draft: Draft, ctx: Context, *, id_: int | None = None
) -> Post:
    """Publish a post in a section's name, under a row id that was made for it where there is one.

    Raises:
        Forbidden: the author may not speak for it, or as for `server.posts.actions.publish`.
        Invalid: as for that.
    """
    id_, actor = new_id() if id_ is None else id_, await Actor.get(id=section.actor_id)
    async with noted(author, Act.PUBLISH, section, ctx.names.post(id_)):
        return await actions.publish(actor, draft, ctx, id_=id_)


async def edit(section: Section, author: Actor | None, post: Post, draft: Draft, ctx: Context) -> Post:
    """Replace the text of what a section published.

    Raises:
        Forbidden: the author may not, or the post is another's.
        Invalid: the new text is empty or too long.
    """
    actor = await Actor.get(id=section.actor_id)
    async with noted(author, Act.EDIT_POST, section, post.uri):
        return await actions.edit(actor, post, draft, ctx)


async def delete(section: Section, author: Actor | None, post: Post, ctx: Context) -> None:
    """Delete what a section published, here and wherever it went.

    Raises:
        Forbidden: the author may not, or the post is another's.
    """
    actor = await Actor.get(id=section.actor_id)
    async with noted(author, Act.DELETE_POST, section, post.uri):
        await actions.delete(actor, post, ctx)
