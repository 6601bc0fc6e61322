"""What sections and members have in common, from the command line: moving away, new keys, the end."""

from typing import Annotated

import typer

from federation.context import Context
from server.cli.console import out, with_context
from server.cli.people import members as members  # its commands, to which these are added
from server.cli.posting import our_actor
from server.config import Settings
from server.members import keys, leaving, moving

Username = Annotated[str, typer.Argument(help="Username of the member or section.")]
OtherHandle = Annotated[str, typer.Argument(help="@user@host of the other account, or the URI of its actor.")]


def alias(
    username: Username,
    handle: OtherHandle,
    remove: Annotated[bool, typer.Option("--remove", help="Name it no longer.")] = False,
) -> None:
    """Say that this is also another account, which may then move here."""

    async def work(ctx: Context, settings: Settings) -> None:
        actor = await our_actor(username)
        if remove:
            await moving.remove_alias(actor, handle, ctx)
        else:
            await moving.add_alias(actor, handle, ctx)

    with_context(work)
    out.print(f"{username} is no longer {handle}." if remove else f"{username} is also {handle}.", markup=False)


def move(username: Username, handle: OtherHandle) -> None:
    """Move to another account, which must name this one as its alias; the followers go with it."""

    async def work(ctx: Context, settings: Settings) -> str:
        return (await moving.move(await our_actor(username), handle, ctx)).url

    out.print(f"{username} lives on at {with_context(work)} and publishes nothing here any more.", markup=False)


def come_back(username: Username) -> None:
    """Let an account that moved away publish here again; its followers stay where they are."""

    async def work(ctx: Context, settings: Settings) -> None:
        await moving.come_back(await our_actor(username), ctx)

    with_context(work)
    out.print(f"{username} is back.", markup=False)


def rotate_keys(username: Username) -> None:
    """Make new signing keys and destroy the old ones, as when those may have been stolen."""

    async def work(ctx: Context, settings: Settings) -> None:
        await keys.rotate(await our_actor(username), ctx)

    with_context(work)
    out.print(f"{username} has new keys; other servers are told in a few seconds.", markup=False)


def delete(
    username: Username,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether this is meant.")] = False,
) -> None:
    """Close an account for good: everything of it is erased here, and other servers are told to do the same."""
    if not yes:
        typer.confirm(f"Erase {username} and everything it published? This cannot be undone.", abort=True)

    async def work(ctx: Context, settings: Settings) -> None:
        await leaving.delete(await our_actor(username), ctx)

    with_context(work)
    out.print(f"{username} is gone. The name is never given again.", markup=False)


def add_to(group: typer.Typer) -> None:
    """Give a group of commands those that sections and members have in common."""
    group.command("alias")(alias)
    group.command("move")(move)
    group.command("come-back")(come_back)
    group.command("rotate-keys")(rotate_keys)
    group.command("delete")(delete)


add_to(members)
