"""What a section knows of its members and contacts, from the command line. Every look is written down there too."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.actor import Actor
from models.consent import Look
from models.membership import MembershipStatus
from models.section import Section
from server.cli.console import out, with_context
from server.cli.files import write_private
from server.cli.posting import our_actor
from server.config import Settings
from server.consents import looks as all_looks
from server.contacts import queries as contacts_queries
from server.errors import Invalid, NotFound
from server.follows.lookup import find
from server.sections import people as rooms
from server.sections import spreadsheet
from server.sections.people import Person
from server.sections.sharing import Shared, share, stop_sharing

people = typer.Typer(
    no_args_is_help=True, help="What a section knows of its members and contacts; every look is written down."
)

Found = TypeVar("Found")
SectionArgument = Annotated[str, typer.Argument(help="Username of the section.")]
AnySectionArgument = Annotated[
    str, typer.Argument(help="Username of the section, or @section@host where a member of this server belongs to it.")
]
PersonArgument = Annotated[str, typer.Argument(help="Username of a member of this server, or @user@host.")]
OutputOption = Annotated[Path | None, typer.Option(help="File to write, readable by its owner alone; not there yet.")]


@people.command("list")
def list_people(section: SectionArgument) -> None:
    """List who belongs to a section, with what they share and what is noted of them. Keep the list to yourself."""
    table = Table("Member", "Name", "Status", "Roles", "Since", "Dues until", "E-mail", "Phone", "Note")
    for one in _of(section, lambda found, ctx: rooms.people(found, None)):
        table.add_row(*(escape(cell) for cell in _cells(one)))
    out.print(table)


@people.command("show")
def show(section: SectionArgument, person: PersonArgument) -> None:
    """Show one who belongs to a section."""
    one = _of(section, lambda found, ctx: _one(found, person, ctx))
    names = ("Member", "Name", "Status", "Roles", "Since", "Dues until", "E-mail", "Phone", "Note")
    for name, cell in zip(names, _cells(one), strict=True):
        out.print(f"{name}: {cell}", markup=False)


@people.command("waiting")
def waiting(section: SectionArgument) -> None:
    """List who asked to belong to a section, with what they wrote, and who was invited."""
    table = Table("Who", "Name", "State", "Since", "Message")
    for one in _of(section, lambda found, ctx: rooms.waiting(found, None)):
        cells = (one.member.handle, one.member.display_name, one.state.value, f"{one.since:%Y-%m-%d}", one.message)
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@people.command("note")
def note(
    section: SectionArgument,
    person: PersonArgument,
    status: Annotated[MembershipStatus | None, typer.Option(help="Member or sympathiser.")] = None,
    dues: Annotated[
        str | None, typer.Option(help="Date until which dues are paid, as 2027-12-31; '' for none.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="A note, instead of the one before; '' for none.")] = None,
) -> None:
    """Note of somebody their status, their dues, or a few words. They may ask to read it."""

    async def work(found: Section, ctx: Context) -> str:
        member = await find(person, ctx)
        if status is not None:
            await rooms.set_status(found, member, status, None)
        if dues is not None:
            await rooms.set_dues(found, member, rooms.read_date(dues), None)
        if text is not None:
            await rooms.set_note(found, member, text, None)
        return member.handle

    out.print(f"Noted of {_of(section, work)}.", markup=False)


@people.command("share")
def share_details(
    section: AnySectionArgument,
    person: PersonArgument,
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    phone: Annotated[str, typer.Option(help="Phone number.")] = "",
) -> None:
    """Keep an e-mail address or a phone number that a member agreed to share with a section's managers."""

    async def work(ctx: Context, settings: Settings) -> str:
        group, member = await find(section, ctx), await find(person, ctx)
        given = {field: value for field, value in ((Shared.EMAIL, email), (Shared.PHONE, phone)) if value}
        if not given:
            raise Invalid("Give an e-mail address or a phone number.")
        for field, value in given.items():
            await share(member, group, field, value, ctx, by="command")
        return member.handle

    out.print(f"{with_context(work)} shares this with {section}.", markup=False)


@people.command("stop-sharing")
def stop_sharing_details(
    section: AnySectionArgument,
    person: PersonArgument,
    field: Annotated[Shared, typer.Argument(help="What is shared no longer.")],
) -> None:
    """Withdraw a member's consent to share something with a section's managers, and erase it."""

    async def work(ctx: Context, settings: Settings) -> str:
        group, member = await find(section, ctx), await find(person, ctx)
        await stop_sharing(member, group, field, ctx, by="command")
        return member.handle

    out.print(f"{with_context(work)} no longer shares this with {section}.", markup=False)


@people.command("export")
def export(section: SectionArgument, output: OutputOption = None) -> None:
    """Write all that a section knows of its members as CSV."""
    text = spreadsheet.written(_of(section, lambda found, ctx: rooms.everybody(found, None)))
    if output is None:
        out.print(text, markup=False, end="")
        return
    write_private(output, text.encode())
    out.print(f"{output} is written. Delete it when you are done.", markup=False)


@people.command("contacts")
def contacts(section: SectionArgument) -> None:
    """List who left an e-mail address with a section and confirmed it, and what they agree to receive."""
    table = Table("E-mail", "Name", "Language", "Receives", "Came by", "Since")
    for one in _of(section, lambda found, ctx: contacts_queries.contacts_of(found, None)):
        cells = (one.email, one.name, one.language, ", ".join(one.purposes), one.source, f"{one.since:%Y-%m-%d}")
        table.add_row(*(escape(cell) for cell in cells))
    out.print(table)


@people.command("looks")
def looks(section: SectionArgument) -> None:
    """List who looked at what a section knows of its members, and when."""
    table = Table("When", "Who", "At what", "People")
    found: list[Look] = _of(section, lambda row, ctx: all_looks.looks(row, None))
    for look in found:
        who = look.viewer.handle if look.viewer else "(command line, or gone)"
        table.add_row(_moment(look.at), who, escape(look.at_what), str(look.rows))
    out.print(table)


def _of(section: str, work: Callable[[Section, Context], Awaitable[Found]]) -> Found:
    async def opened(ctx: Context, settings: Settings) -> Found:
        actor = await our_actor(section)
        if (row := await Section.get_or_none(actor_id=actor.id).select_related("actor")) is None:
            raise NotFound(f"There is no section called {section} here.")
        return await work(row, ctx)

    return with_context(opened)


async def _one(section: Section, person: str, ctx: Context) -> Person:
    member: Actor = await find(person, ctx)
    return await rooms.person(section, member, None)


def _cells(one: Person) -> tuple[str, ...]:
    dues = one.dues_until.isoformat() if one.dues_until else ""
    since = f"{one.since:%Y-%m-%d}"
    roles = ", ".join(one.roles)
    member = one.member
    return (member.handle, member.display_name, one.status.value, roles, since, dues, one.email, one.phone, one.note)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
