"""Who holds a section's account, from the command line, where nobody is asked for permission."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.table import Table

from federation.context import Context
from models.actor import Actor
from models.role import Role, RoleHolder, RoleOffer, SectionAct
from models.section import Section
from server.cli.console import out, with_context
from server.cli.posting import hosted_section, our_actor
from server.config import Settings
from server.errors import NotFound
from server.sections import acts, roles

SectionArgument = Annotated[str, typer.Argument(help="Username of the section.")]
PersonArgument = Annotated[str, typer.Argument(help="Username of a member of this server.")]
RoleArgument = Annotated[Role, typer.Argument(help="animator, manager, moderator or editor.")]
Work = Callable[[Section, Actor, Context], Awaitable[object]]


def list_roles(section: SectionArgument) -> None:
    """List who holds which role in a section, and who was asked to."""

    async def work(ctx: Context, settings: Settings) -> tuple[list[RoleHolder], list[RoleOffer]]:
        row = await hosted_section(section)
        return await roles.holders(row), await roles.offers_of(row)

    held, offered = with_context(work)
    table = Table("Role", "Who", "Name", "Since")
    for holder in held:
        who = holder.holder
        table.add_row(holder.role.value, who.username, who.display_name, f"{holder.created_at:%Y-%m-%d}")
    for offer in offered:
        how = "handed over by" if offer.is_hand_over else "offered by"
        until = f"{how} {offer.giver.username} until {offer.expires_at:%Y-%m-%d}"
        table.add_row(offer.role.value, offer.person.username, offer.person.display_name, until)
    out.print(table)


def give_role(section: SectionArgument, person: PersonArgument, role: RoleArgument) -> None:
    """Give a member of this server a role in a section at once."""

    async def work(row: Section, actor: Actor, ctx: Context) -> None:
        await roles.give(row, actor, role, None, ctx)

    _do(section, person, work)
    out.print(f"{person} is {role.value} of {section}.", markup=False)


def take_role(section: SectionArgument, person: PersonArgument, role: RoleArgument) -> None:
    """End somebody's role in a section; its last animator stays until there is another."""

    async def work(row: Section, actor: Actor, ctx: Context) -> None:
        await roles.take_away(row, actor, role, None, ctx)

    _do(section, person, work)
    out.print(f"{person} is no longer {role.value} of {section}.", markup=False)


def hand_over(
    section: SectionArgument,
    giver: Annotated[str, typer.Argument(help="Username of the member who gives the role up.")],
    person: Annotated[str, typer.Argument(help="Username of the member who is asked to take it up.")],
    role: RoleArgument,
) -> None:
    """Ask somebody to take up another's role in a section; it changes hands when they accept."""

    async def work(row: Section, actor: Actor, ctx: Context) -> None:
        await roles.offer(row, actor, role, await our_actor(giver), ctx, is_hand_over=True)

    _do(section, person, work)
    out.print(f"{person} is asked to be {role.value} of {section}, which {giver} then no longer is.", markup=False)


def answer_offer(
    section: SectionArgument,
    person: PersonArgument,
    role: RoleArgument,
    decline: Annotated[bool, typer.Option("--decline", help="Say no.")] = False,
) -> None:
    """Take up a role that a member was offered, in their name."""

    async def work(row: Section, actor: Actor, ctx: Context) -> None:
        offer = await RoleOffer.get_or_none(section_id=row.id, person_id=actor.id, role=role)
        if offer is None:
            raise NotFound(f"{person} was not offered this role.")
        if decline:
            await roles.decline(actor, offer)
        else:
            await roles.accept(actor, offer, ctx)

    _do(section, person, work)
    said = "has declined to be" if decline else "is"
    out.print(f"{person} {said} {role.value} of {section}.", markup=False)


def list_acts(section: SectionArgument) -> None:
    """List what was done in a section's name last, and by whom. Keep the list to yourself."""

    async def work(ctx: Context, settings: Settings) -> list[SectionAct]:
        return await acts.acts_of(await hosted_section(section), None)

    table = Table("When", "Who", "What", "About")
    for act in with_context(work):
        table.add_row(f"{act.at:%Y-%m-%d %H:%M}", act.author.username if act.author else "", act.act, act.about)
    out.print(table)


def add_to(group: typer.Typer) -> None:
    """Give the group of a section's commands those about its roles."""
    group.command("roles")(list_roles)
    group.command("give-role")(give_role)
    group.command("take-role")(take_role)
    group.command("hand-over")(hand_over)
    group.command("answer-offer")(answer_offer)
    group.command("acts")(list_acts)


def _do(section: str, person: str, work: Work) -> None:
    async def opened(ctx: Context, settings: Settings) -> None:
        await work(await hosted_section(section), await our_actor(person), ctx)

    with_context(opened)
