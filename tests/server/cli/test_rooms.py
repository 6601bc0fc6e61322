"""The rooms of the command line: listed without being imported, imported when called."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from server.cli.commands import app
from server.cli.rooms import ROOMS, command

REPOSITORY = Path(__file__).parents[3]
LISTING = """
import sys
from server.cli.commands import app
try:
    app(["--help"])
except SystemExit:
    print(sorted({name.partition(".")[0] for name in sys.modules} & {"models", "federation", "tortoise", "aiohttp"}))
"""


@pytest.mark.parametrize("name", ROOMS)
def test_what_a_list_says_of_a_command_is_what_it_says_of_itself(name: str) -> None:
    assert command(name).help == ROOMS[name].help


def test_commands_are_listed_without_opening_a_room() -> None:
    done = subprocess.run([sys.executable, "-c", LISTING], cwd=REPOSITORY, capture_output=True, text=True, timeout=60)

    assert "Take" not in done.stdout
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_all_commands_are_those_of_the_rooms() -> None:
    group: Any = typer.main.get_command(app)

    assert list(group.all_commands()) == list(ROOMS)
    assert list(group.all_commands()["token"].commands) == ["create"]
