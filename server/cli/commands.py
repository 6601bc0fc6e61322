"""The command `coopole`: run a server, and do on the machine what its administrator may do.

Every command is a few lines: settings, an action, a sentence.
"""

import sys
import typing

import typer
from tortoise.exceptions import BaseORMException

from federation.errors import FederationError
from models.secrets import WrongKey
from server.cli import actors, belonging, domains, people, posting, serving
from server.cli.console import refuse
from server.cli.datadir import StartRefused
from server.cli.doctor import doctor
from server.config import ConfigurationError
from server.errors import AppError

app = typer.Typer(
    name="coopole",
    help="Coopole: a federated social network server for a party's local sections.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("serve")(serving.serve)
app.command("init")(serving.init)
app.command("web")(serving.web)
app.command("worker")(serving.worker)
app.command("migrate")(serving.migrate)
app.command("doctor")(doctor)
app.command("post")(posting.post)
app.command("announce")(posting.announce)
app.command("follow")(posting.follow)
actors.add_to(belonging.sections)
actors.add_to(people.members)
app.add_typer(belonging.sections, name="section", help="The sections hosted here.")
app.add_typer(people.members, name="member", help="The people who have a login here.")
app.add_typer(people.tokens, name="token", help="Access tokens for client programs.")
app.add_typer(domains.domains, name="domain", help="Which other servers may speak here.")


def main() -> typing.NoReturn:
    """Run the command line; an error is one sentence on standard error and exit status 1."""
    try:
        app()
    except (
        StartRefused,
        ConfigurationError,
        AppError,
        FederationError,
        WrongKey,
        BaseORMException,
        ValueError,
    ) as error:
        refuse(str(error))
    sys.exit(0)
