"""Publishing, sharing and following from the command line."""

from typing import Annotated

import typer

from federation.context import Context
from models.actor import Actor
from models.post import Post, Visibility
from models.section import Section
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import NotFound
from server.follows import actions as follows
from server.follows.lookup import find
from server.posts import actions as posts
from server.sections import speaking


async def our_actor(username: str) -> Actor:
    """Find a member or section of ours by username.

    Raises:
        NotFound: there is none.
    """
    if (actor := await Actor.local(username.lstrip("@").partition("@")[0])) is None:
        raise NotFound(f"There is nobody called {username} here.")
    return actor


async def hosted_section(username: str) -> Section:
    """Find a section hosted here by username, its actor loaded.

    Raises:
        NotFound: there is none.
    """
    actor = await our_actor(username)
    if (section := await Section.get_or_none(actor_id=actor.id).select_related("actor")) is None:
        raise NotFound(f"There is no section called {username} here.")
    return section


def post(
    author: Annotated[str, typer.Argument(help="Username of the member or section that publishes.")],
    text: Annotated[str, typer.Argument(help="What to publish.")],
    visibility: Annotated[Visibility, typer.Option(help="Who may see it.")] = Visibility.PUBLIC,
    reply_to: Annotated[str | None, typer.Option(help="URI of the post it answers.")] = None,
    warning: Annotated[str, typer.Option(help="Content warning.")] = "",
    language: Annotated[str | None, typer.Option(help="Language, such as fr.")] = None,
    section: Annotated[str | None, typer.Option(help="Username of the section here that it is for.")] = None,
    by: Annotated[str | None, typer.Option(help="Username of the member who speaks in the section's name.")] = None,
) -> None:
    """Publish a post as a member or section of this server."""

    async def work(ctx: Context, settings: Settings) -> Post:
        actor = await our_actor(author)
        parent = await Post.visible_to(actor).filter(uri=reply_to).first() if reply_to else None
        if reply_to and parent is None:
            raise NotFound(f"{reply_to} is not here.")
        group = await our_actor(section) if section else None
        draft = posts.Draft(
            text, visibility, content_warning=warning, language=language, in_reply_to=parent, section=group
        )
        if by is None and not actor.is_group:
            return await posts.publish(actor, draft, ctx)
        return await speaking.publish(await hosted_section(author), await our_actor(by) if by else None, draft, ctx)

    out.print(with_context(work).url, markup=False)


def follow(
    follower: Annotated[str, typer.Argument(help="Username of the member or section that follows.")],
    followed: Annotated[list[str], typer.Argument(help="@user@host, or the URI of an actor; more than one will do.")],
) -> None:
    """Follow somebody, here or on another server, as a member or section of this server."""

    async def work(ctx: Context, settings: Settings) -> None:
        actor = await our_actor(follower)
        for name in followed:
            other = await find(name, ctx)
            row = await follows.follow(actor, other, ctx)
            out.print(f"{actor.handle} → {other.handle}: {row.state.value}", markup=False)

    with_context(work)


def announce(
    announcer: Annotated[str, typer.Argument(help="Username of the member or section that shows it.")],
    post_uri: Annotated[str, typer.Argument(help="URI of a post that is here.")],
) -> None:
    """Show somebody's post to the followers of a member or section of this server, and on its page."""

    async def work(ctx: Context, settings: Settings) -> str:
        actor = await our_actor(announcer)
        if (shown := await Post.visible_to(actor).filter(uri=post_uri).first()) is None:
            raise NotFound(f"{post_uri} is not here.")
        return (await posts.announce(actor, shown, ctx)).uri

    out.print(with_context(work), markup=False)
