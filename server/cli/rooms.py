"""The rooms of the command line: each is imported when one of its commands is called, since that takes longer than most do.

One row for each command, or group of commands, of `coopole`; the rows are in the order of `coopole --help`.
"""

import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True, slots=True)
class Room:
    """Where a command is: "module:function", or "module:typer" for a group. `help` is what a list says of it."""

    where: str
    help: str


ROOMS = {
    "serve": Room(
        "server.cli.serving:serve",
        "Run everything: web, workers and, unless COOPOLE_REDIS_URL names a broker, a Valkey of our own.",
    ),
    "init": Room(
        "server.cli.serving:init",
        "Set up a server without a browser: its domain, its section and its first administrator.",
    ),
    "web": Room(
        "server.cli.serving:web",
        "Run one web process, for an installation with PostgreSQL and Redis on several machines.",
    ),
    "worker": Room(
        "server.cli.serving:worker",
        "Run one worker process, for an installation with PostgreSQL and Redis on several machines.",
    ),
    "migrate": Room("server.cli.serving:migrate", "Bring the database up to this version."),
    "upgrade": Room(
        "server.cli.backups:upgrade", "Bring the database up to this version, with a backup first; say how to go back."
    ),
    "backup": Room(
        "server.cli.backups:backup",
        "Make a backup of everything, while the server runs: database, files, settings and, in a sealed one, keys.",
    ),
    "restore": Room(
        "server.cli.backups:restore",
        "Make a server of a backup, in an empty folder. PostgreSQL needs an empty database, in COOPOLE_DATABASE_URL.",
    ),
    "doctor": Room(
        "server.cli.doctor:doctor",
        "Check domain, TLS, clock, database, broker, and federation both ways; say how to mend what is wrong.",
    ),
    "housekeeping": Room(
        "server.cli.housekeeping:housekeeping",
        "Delete what nobody here needs any more, as the workers do in the background.",
    ),
    "status": Room("server.cli.status:status", "Say how much there is to do, and which other servers fail."),
    "post": Room("server.cli.posting:post", "Publish a post as a member or section of this server."),
    "announce": Room(
        "server.cli.posting:announce",
        "Show somebody's post to the followers of a member or section of this server, and on its page.",
    ),
    "follow": Room(
        "server.cli.posting:follow",
        "Follow somebody, here or on another server, as a member or section of this server.",
    ),
    "section": Room("server.cli.organising:sections", "The sections hosted here."),
    "event": Room(
        "server.cli.events:events",
        "Events: announce them, and keep the list of who comes; every look at it is written down.",
    ),
    "member": Room("server.cli.actors:members", "The people who have a login here."),
    "sign-up": Room(
        "server.cli.sign_ups:sign_ups", "Who may make an account here, and answering those who wish for one."
    ),
    "privacy": Room("server.cli.privacy:privacy", "What is known about somebody: show it, and erase it."),
    "mail": Room("server.cli.mail:mail", "The e-mail that this server sends."),
    "token": Room("server.cli.people:tokens", "Access tokens for client programs."),
    "domain": Room("server.cli.domains:domains", "Which other servers may speak here."),
    "announcement": Room(
        "server.cli.announcements:announcements", "What is said to everybody who lives here; their apps show it."
    ),
    "server": Room(
        "server.cli.whole_server:whole_server",
        "What this server as a whole makes known, and asks of those who run it.",
    ),
    "rule": Room("server.cli.rules:rules", "The rules of this server, in words that everybody reads."),
}


class Rooms(TyperGroup):
    """The commands by name; the one that is called comes out of its room, the others are only listed."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = {name: TyperCommand(name, help=room.help) for name, room in ROOMS.items()} | dict(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find what is called: (its name, the command, what is left of the arguments)."""
        name, listed, rest = super().resolve_command(ctx, args)
        return name, command(name) if name in ROOMS else listed, rest

    def all_commands(self) -> dict[str, Any]:
        """Import every room: {name: command or group}."""
        return {name: command(name) if name in ROOMS else listed for name, listed in self.commands.items()}


def command(name: str) -> Any:
    """Import a room and build its command, or its group of commands."""
    room = ROOMS[name]
    module, _, attribute = room.where.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    around = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich")
    around.callback()(lambda: None)
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name, help=room.help)
    else:
        around.command(name)(found)
    group: Any = typer.main.get_command(around)
    return group.commands[name]
