"""Who belongs to a section, and whose posts it passes on, from the command line."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.table import Table

from federation.context import Context
from models.actor import Actor
from models.membership import Membership
from models.post import Post
from models.section import AnnouncesFrom
from server.cli import actors, calendars, describing, roles
from server.cli.console import out, with_context
from server.cli.people import sections as sections  # its commands, to which these are added
from server.cli.posting import hosted_section, our_actor
from server.cli.section_people import people
from server.cli.section_reports import reports
from server.config import Settings
from server.consents.looks import look
from server.errors import NotFound
from server.follows.lookup import find
from server.sections import actions, membership

roles.add_to(sections)
describing.add_to(sections)
actors.add_to(sections)
calendars.add_to(sections)
sections.add_typer(people, name="people")
sections.add_typer(reports, name="reports")

SectionArgument = Annotated[str, typer.Argument(help="Username of the section.")]
GroupArgument = Annotated[str, typer.Argument(help="@section@host, or the URI of a group.")]
PersonArgument = Annotated[str, typer.Argument(help="Username of a member of this server, or @user@host.")]


@sections.command("members")
def members(section: SectionArgument) -> None:
    """List who belongs to a section, who asked to, and who was invited. Keep the list to yourself."""

    async def work(ctx: Context, settings: Settings) -> list[Membership]:
        actor = await our_section(section)
        rows = await membership.members_of(actor)
        await look(actor, None, "list", len(rows))
        return rows

    table = Table("Member", "Name", "State", "Since", "Goes on from")
    for row in with_context(work):
        since, former = f"{row.created_at:%Y-%m-%d}", row.former.handle if row.former else ""
        table.add_row(row.member.handle, row.member.display_name, row.state.value, since, former)
    out.print(table)


@sections.command("add-member")
def add_member(section: SectionArgument, person: PersonArgument) -> None:
    """Make a member of this server a member of a section."""

    async def work(actor: Actor, other: Actor, by: Actor | None, ctx: Context) -> None:
        await membership.add(actor, other)

    _answer(section, person, work, "belongs to")


@sections.command("approve")
def approve(section: SectionArgument, person: PersonArgument) -> None:
    """Let in somebody who asked to belong to a section."""
    _answer(section, person, membership.approve, "belongs to")


@sections.command("refuse")
def refuse(section: SectionArgument, person: PersonArgument) -> None:
    """Refuse somebody who asked to belong to a section."""
    _answer(section, person, membership.refuse, "was refused by")


@sections.command("remove")
def remove(section: SectionArgument, person: PersonArgument) -> None:
    """End somebody's membership of a section."""
    _answer(section, person, membership.remove, "no longer belongs to")


@sections.command("invite")
def invite(section: SectionArgument, person: PersonArgument) -> None:
    """Invite somebody to belong to a section."""
    _answer(section, person, membership.invite, "is invited by")


@sections.command("join")
def join(
    member: Annotated[str, typer.Argument(help="Username of the member of this server who asks.")],
    group: GroupArgument,
    message: Annotated[str, typer.Option(help="What to say to those who manage it.")] = "",
) -> None:
    """Ask to belong to a section or another server's group."""

    async def work(ctx: Context, settings: Settings) -> str:
        actor, other = await our_actor(member), await find(group, ctx)
        row = await membership.ask(actor, other, ctx, message)
        return f"{actor.handle} → {other.handle}: {row.state.value}"

    out.print(with_context(work), markup=False)


@sections.command("leave")
def leave(
    member: Annotated[str, typer.Argument(help="Username of the member of this server who leaves.")],
    group: GroupArgument,
) -> None:
    """Belong to a section or another server's group no longer."""

    async def work(ctx: Context, settings: Settings) -> str:
        actor, other = await our_actor(member), await find(group, ctx)
        await membership.leave(actor, other, ctx)
        return f"{actor.handle} no longer belongs to {other.handle}."

    out.print(with_context(work), markup=False)


@sections.command("announce-from")
def announce_from(
    section: SectionArgument,
    authors: Annotated[AnnouncesFrom, typer.Argument(help="Whose posts it passes on when they address it.")],
) -> None:
    """Choose whose posts a section passes on to its followers."""

    async def work(ctx: Context, settings: Settings) -> None:
        await actions.announce_from(await hosted_section(section), authors, None)

    with_context(work)
    out.print(f"{section} passes on what is addressed to it by: {authors.value}.", markup=False)


@sections.command("stop-announcing")
def stop_announcing(
    section: SectionArgument, post_uri: Annotated[str, typer.Argument(help="URI of a post that it passed on.")]
) -> None:
    """Take back what a section announced, here and wherever it went."""

    async def work(ctx: Context, settings: Settings) -> None:
        row = await hosted_section(section)
        if (shown := await Post.visible_to(row.actor).filter(uri=post_uri).first()) is None:
            raise NotFound(f"{post_uri} is not here.")
        await actions.stop_announcing(row, shown, None, ctx)

    with_context(work)
    out.print(f"{section} no longer shows {post_uri}.", markup=False)


async def our_section(username: str) -> Actor:
    """Find a section of ours by username.

    Raises:
        NotFound: there is none.
    """
    actor = await our_actor(username)
    if not actor.is_group:
        raise NotFound(f"There is no section called {username} here.")
    return actor


Act = Callable[[Actor, Actor, Actor | None, Context], Awaitable[None]]


def _answer(section: str, person: str, act: Act, said: str) -> None:
    async def work(ctx: Context, settings: Settings) -> str:
        actor, other = await our_section(section), await find(person, ctx)
        await act(actor, other, None, ctx)
        return f"{other.handle} {said} {actor.handle}."

    out.print(with_context(work), markup=False)
