"""Organising events together with other sections, from the command line."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.actor import Actor
from models.event import Organising
from models.post import Post
from server.cli.belonging import GroupArgument, SectionArgument, our_section
from server.cli.console import out, with_context
from server.cli.joining import sections as sections  # its commands, to which these are added
from server.config import Settings
from server.errors import NotFound
from server.follows.lookup import find
from server.sections import organising

EventArgument = Annotated[str, typer.Argument(help="URI of the event.")]


@sections.command("organisings")
def organisings(section: SectionArgument) -> None:
    """List the events to come that a section organises with others, asks them to, or is asked to."""

    async def work(ctx: Context, settings: Settings) -> list[Organising]:
        actor = await our_section(section)
        asked = await organising.waiting_at(actor, None, ctx.now())
        return [*asked, *await organising.asked_by(actor, None, ctx.now())]

    table = Table("Event", "When", "Made by", "Asked", "State", "URI")
    for row in with_context(work):
        post = row.event.post
        named = (post.title, f"{row.event.starts_at:%Y-%m-%d %H:%M}", post.actor.handle, row.section.handle)
        table.add_row(*(escape(text) for text in named), row.state.value, escape(post.uri))
    out.print(table)


@sections.command("organise")
def organise(section: SectionArgument, event: EventArgument, other: GroupArgument) -> None:
    """Ask another section, here or elsewhere, to organise an event of a section, too."""

    async def work(ctx: Context, settings: Settings) -> str:
        actor, asked = await our_section(section), await find(other, ctx)
        if (post := await Post.get_or_none(uri=event, actor_id=actor.id)) is None:
            raise NotFound(f"{event} is no event of {section}.")
        row = await organising.ask(actor, post, asked, None, ctx)
        return f"{asked.handle}: {row.state.value}"

    out.print(with_context(work), markup=False)


@sections.command("organise-accept")
def accept(section: SectionArgument, event: EventArgument) -> None:
    """Organise an event, too, as another section asked."""
    _answer(section, event, "organises", accept=True)


@sections.command("organise-decline")
def decline(section: SectionArgument, event: EventArgument) -> None:
    """Do not organise an event, as another section asked, or organise it no longer."""
    _answer(section, event, "does not organise", accept=False)


@sections.command("organise-without")
def without(section: SectionArgument, event: EventArgument, other: GroupArgument) -> None:
    """No longer ask another section to organise an event, or organise it without that section from now on."""

    async def work(ctx: Context, settings: Settings) -> None:
        actor, asked = await our_section(section), await find(other, ctx)
        rows = await organising.asked_by(actor, None, ctx.now())
        row = next((row for row in rows if row.section_id == asked.id and row.event.post.uri == event), None)
        if row is None:
            raise NotFound(f"{section} does not ask {other} to organise {event}.")
        await organising.take_back(actor, row, None, ctx)

    with_context(work)
    out.print(f"{section} organises {event} without {other}.", markup=False)


def _answer(section: str, event: str, said: str, *, accept: bool) -> None:
    async def work(ctx: Context, settings: Settings) -> None:
        actor = await our_section(section)
        await organising.answer(actor, await _asked(actor, event, ctx), None, ctx, accept=accept)

    with_context(work)
    out.print(f"{section} {said} {event}.", markup=False)


async def _asked(section: Actor, event: str, ctx: Context) -> Organising:
    rows = await organising.waiting_at(section, None, ctx.now())
    if (row := next((row for row in rows if row.event.post.uri == event), None)) is None:
        raise NotFound(f"{section.handle} was not asked to organise {event}.")
    return row
