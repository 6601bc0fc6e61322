"""Coming to a section and moving on, from the command line: requests, invitations, links, history, transfer."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from federation.context import Context
from models.membership import JoinLink, Membership, MembershipHistory, Transfer
from server.cli.belonging import GroupArgument, PersonArgument, SectionArgument, our_section
from server.cli.belonging import sections as sections  # its commands, to which these are added
from server.cli.console import out, with_context
from server.cli.posting import our_actor
from server.config import Settings
from server.errors import NotFound
from server.follows.lookup import find
from server.sections import belonging, links, membership, transfer

MemberArgument = Annotated[str, typer.Argument(help="Username of a member of this server.")]
TokenArgument = Annotated[str, typer.Argument(help="The token, which is the end of the link.")]


@sections.command("requests")
def requests(section: SectionArgument) -> None:
    """List who asks to belong to a section, and what they wrote. Keep the list to yourself."""

    async def work(ctx: Context, settings: Settings) -> list[Membership]:
        return await belonging.requests(await our_section(section), None, ctx)

    table = Table("Member", "Name", "Message", "Since")
    for row in with_context(work):
        named = (row.member.handle, row.member.display_name, row.message or "")
        table.add_row(*(escape(text) for text in named), f"{row.created_at:%Y-%m-%d}")
    out.print(table)


@sections.command("take-up")
def take_up(member: MemberArgument, group: GroupArgument) -> None:
    """Take up the invitation of a section or another server's group."""
    _reply(member, group, "belongs to", accept=True)


@sections.command("decline")
def decline(member: MemberArgument, group: GroupArgument) -> None:
    """Decline the invitation of a section or another server's group."""
    _reply(member, group, "declined the invitation of", accept=False)


def _reply(member: str, group: str, said: str, *, accept: bool) -> None:
    async def work(ctx: Context, settings: Settings) -> str:
        actor, other = await our_actor(member), await find(group, ctx)
        await membership.reply(actor, other, ctx, accept=accept)
        return f"{actor.handle} {said} {other.handle}."

    out.print(with_context(work), markup=False)


@sections.command("history")
def history(member: MemberArgument) -> None:
    """List every step of a member's memberships. Keep the list to yourself."""

    async def work(ctx: Context, settings: Settings) -> list[MembershipHistory]:
        return await belonging.history_of(await our_actor(member))

    table = Table("When", "Section or group", "What", "From or to")
    for row in with_context(work):
        other = row.other.handle if row.other else ""
        table.add_row(f"{row.at:%Y-%m-%d}", escape(row.group.handle), row.step.value, escape(other))
    out.print(table)


@sections.command("link")
def link(
    section: SectionArgument,
    uses: Annotated[int, typer.Option(help="How many may come in by it.")] = 1,
    days: Annotated[int, typer.Option(help="For how many days it works.")] = 14,
) -> None:
    """Make an invitation as a link: whoever has it may come in. It is shown this once."""

    async def work(ctx: Context, settings: Settings) -> str:
        token = await links.make_link(await our_section(section), None, uses, days, ctx)
        return f"{ctx.names.origin}/join/{token}"

    out.print(with_context(work), markup=False)


@sections.command("links")
def list_links(section: SectionArgument) -> None:
    """List the links by which one may come into a section. What is in them is not known any more."""

    async def work(ctx: Context, settings: Settings) -> list[JoinLink]:
        return await links.links_of(await our_section(section), None, ctx)

    table = Table("Link", "Made by", "Still for", "Until")
    for row in with_context(work):
        table.add_row(str(row.id), escape(row.maker.handle), str(row.uses_left), f"{row.expires_at:%Y-%m-%d}")
    out.print(table)


@sections.command("revoke-link")
def revoke_link(
    section: SectionArgument, number: Annotated[int, typer.Argument(help="Its number in the list.")]
) -> None:
    """End a link before its time."""

    async def work(ctx: Context, settings: Settings) -> None:
        await links.revoke_link(await our_section(section), number, None)

    with_context(work)
    out.print(f"Link {number} lets nobody in any more.")


@sections.command("redeem")
def redeem(token: TokenArgument, person: PersonArgument) -> None:
    """Come in by a link. Somebody of another server is sent an invitation, which they answer there."""

    async def work(ctx: Context, settings: Settings) -> str:
        actor, spoken = await find(person, ctx), token.rpartition("/")[2]
        row = await (links.redeem if actor.is_local else links.redeem_elsewhere)(spoken, actor, ctx)
        return f"{actor.handle}: {row.state.value}"

    out.print(with_context(work), markup=False)


@sections.command("transfer")
def ask_transfer(
    member: MemberArgument,
    origin: Annotated[str, typer.Argument(help="The section to leave: @section@host.")],
    target: Annotated[str, typer.Argument(help="The section to move to: @section@host.")],
) -> None:
    """Ask to move from one section to another, which must both agree."""

    async def work(ctx: Context, settings: Settings) -> str:
        actor, left, reached = await our_actor(member), await find(origin, ctx), await find(target, ctx)
        asked = await transfer.ask(actor, left, reached, ctx)
        said = "asked" if asked else "refused"
        return f"{actor.handle} from {left.handle} to {reached.handle}: {said}"

    out.print(with_context(work), markup=False)


@sections.command("transfers")
def list_transfers(section: SectionArgument) -> None:
    """List who asks to move from or to a section. Keep the list to yourself."""

    async def work(ctx: Context, settings: Settings) -> list[Transfer]:
        return await transfer.waiting_at(await our_section(section), None, ctx)

    table = Table("Member", "From", "says", "To", "says", "Since")
    for row in with_context(work):
        names = [escape(actor.handle) for actor in (row.member, row.origin, row.target)]
        said = (row.origin_says.value, row.target_says.value)
        table.add_row(names[0], names[1], said[0], names[2], said[1], f"{row.created_at:%Y-%m-%d}")
    out.print(table)


@sections.command("transfer-agree")
def agree_transfer(section: SectionArgument, person: PersonArgument) -> None:
    """Agree that somebody moves from or to a section."""
    _answer_transfer(section, person, "agrees", agrees=True)


@sections.command("transfer-refuse")
def refuse_transfer(section: SectionArgument, person: PersonArgument) -> None:
    """Refuse that somebody moves from or to a section."""
    _answer_transfer(section, person, "refuses", agrees=False)


def _answer_transfer(section: str, person: str, said: str, *, agrees: bool) -> None:
    async def act(ctx: Context) -> None:
        actor, who = await our_section(section), await find(person, ctx)
        rows = await transfer.waiting_at(actor, None, ctx)
        if (row := next((row for row in rows if row.member_id == who.id), None)) is None:
            raise NotFound(f"{person} does not ask to move from or to {section}.")
        await transfer.answer(actor, row, None, ctx, agrees=agrees)

    _do(act, f"{section} {said} that {person} moves.")


@sections.command("transfer-withdraw")
def withdraw_transfer(member: MemberArgument) -> None:
    """Take back every wish of a member to move."""

    async def act(ctx: Context) -> None:
        actor = await our_actor(member)
        for row in await transfer.own(actor):
            await transfer.withdraw(actor, row, ctx)

    _do(act, f"{member} stays.")


def _do(act: Callable[[Context], Awaitable[None]], said: str) -> None:
    async def work(ctx: Context, settings: Settings) -> None:
        await act(ctx)

    with_context(work)
    out.print(said, markup=False)
