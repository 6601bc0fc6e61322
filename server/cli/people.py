"""Sections, members and their tokens, from the command line."""

from typing import Annotated

import typer
from rich.table import Table

from federation.context import Context
from models.member import Member, MemberRole
from models.section import Section
from server.cli.console import out, with_context
from server.config import Settings
from server.errors import NotFound
from server.members import actions as members_actions
from server.oauth.tokens import create_token
from server.second_step import actions as second_step
from server.sections import actions as sections_actions

DEFAULT_SCOPES = "read write follow push"

sections = typer.Typer(no_args_is_help=True)
members = typer.Typer(no_args_is_help=True)
tokens = typer.Typer(no_args_is_help=True)

PasswordOption = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]

TokenOption = Annotated[
    bool, typer.Option("--token", help="Make an access token too, for a client program; it is the last line.")
]


@sections.command("create")
def create_section(
    handle: Annotated[str, typer.Argument(help="The part of its address before the @.")],
    name: Annotated[str, typer.Argument(help="What people call it.")],
    description: Annotated[str, typer.Option(help="What it says of itself.")] = "",
    place: Annotated[str, typer.Option(help="Where it is.")] = "",
    animator: Annotated[str | None, typer.Option(help="Username of the member who is its first animator.")] = None,
) -> None:
    """Open one more section on this server."""

    async def work(ctx: Context, settings: Settings) -> Section:
        is_first = not await Section.exists(is_main=True)
        first = (await _member(animator)).actor if animator else None
        return await sections_actions.create_section(
            ctx, handle, name, description=description, place=place, is_main=is_first, animator=first
        )

    section = with_context(work)
    out.print(f"{section.actor.url} is open.")


@members.command("create")
def create_member(
    username: str,
    password: PasswordOption,
    name: Annotated[str, typer.Option(help="What people call them.")] = "",
    email: Annotated[str, typer.Option(help="E-mail address, kept sealed.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="May run this server.")] = False,
    with_token: TokenOption = False,
) -> None:
    """Take in a member."""

    async def work(ctx: Context, settings: Settings) -> tuple[Member, str]:
        role = MemberRole.ADMIN if admin else MemberRole.MEMBER
        member = await members_actions.create_member(
            ctx, username, password=password, display_name=name, email=email, role=role
        )
        return member, await create_token(member, DEFAULT_SCOPES.split()) if with_token else ""

    member, token = with_context(work)
    out.print(f"{member.actor.url} is in.")
    if token:
        out.print(token)


@members.command("list")
def list_members() -> None:
    """List the people who have a login here; their e-mail addresses stay sealed."""

    async def work(ctx: Context, settings: Settings) -> list[Member]:
        return await Member.all().select_related("actor").order_by("id")

    table = Table("Username", "Name", "Role", "Since", "Posts")
    for member in with_context(work):
        actor = member.actor
        since = f"{member.created_at:%Y-%m-%d}"
        table.add_row(actor.username, actor.display_name, member.role.value, since, str(actor.posts_count))
    out.print(table)


@members.command("reset-password")
def reset_password(username: str, password: PasswordOption) -> None:
    """Give a member another password, and end their sessions."""

    async def work(ctx: Context, settings: Settings) -> None:
        await members_actions.reset_password(await _member(username), password, ctx)

    with_context(work)
    out.print(f"{username} has a new password; every session of theirs has ended.")


@members.command("take-off-second-step")
def take_off_second_step(username: str) -> None:
    """Let a member who lost everything log in with the password alone; they are told, and the journal says so."""

    async def work(ctx: Context, settings: Settings) -> None:
        await second_step.take_off(await _member(username), ctx)

    with_context(work)
    out.print(f"{username} logs in without a second step now.")


@tokens.command("create")
def create(
    username: str,
    scopes: Annotated[str, typer.Option(help="What the program may do, space separated.")] = DEFAULT_SCOPES,
) -> None:
    """Make an access token for a member, to be given to a client program. It is shown this once."""

    async def work(ctx: Context, settings: Settings) -> str:
        return await create_token(await _member(username), scopes.split())

    out.print(with_context(work))


async def _member(username: str) -> Member:
    name = username.lstrip("@").lower()
    if (member := await Member.get_or_none(actor__local_name=name).select_related("actor")) is None:
        raise NotFound(f"There is no member called {username} here.")
    return member
