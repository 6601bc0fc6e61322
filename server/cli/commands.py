"""The command `coopole`: run a server, and do on the machine what its administrator may do.

Every command is a few lines in its room (`rooms.py`): settings, an action, a sentence.
"""

import importlib
import sys
import typing

import typer

from server.cli.rooms import Rooms

app = typer.Typer(
    cls=Rooms,
    name="coopole",
    help="Coopole: a federated social network server for a party's local sections.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def coopole() -> None:
    """Coopole: a federated social network server for a party's local sections."""


def main() -> typing.NoReturn:
    """Run the command line; an error is one sentence on standard error and exit status 1."""
    try:
        app()
    except SystemExit:
        raise
    except _expected() as error:
        importlib.import_module("server.cli.console").refuse(str(error))
    sys.exit(0)


def _expected() -> tuple[type[Exception], ...]:
    """Name the errors that are said in one sentence; asked for only when there is an error."""
    expected: tuple[type[Exception], ...] = importlib.import_module("server.cli.refusals").EXPECTED
    return expected
