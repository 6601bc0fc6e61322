"""What the commands share: where the broker is, how a refusal reads."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.console import broker_url, refuse
from server.config import read_settings
from tests.scenarios import prefork
from tests.server.cli.installation import Installation, install
from tests.valkey import Valkey

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    return install(database_url, tmp_path, monkeypatch)


def call(coopole: Installation, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `coopole …` as a process of its own."""
    return prefork.run(list(arguments), os.environ | coopole.environment)


def test_the_module_is_the_command(coopole: Installation) -> None:
    command = [sys.executable, "-m", "server.cli", "domain", "unblock", "troll.example"]
    environment = os.environ | coopole.environment
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "coopole: troll.example is not blocked.\n")


@pytest.mark.parametrize(
    "message", ["It cannot be done.", "There is nobody called [/b] here.", "[red]no[/red]", "\\[x]"]
)
def test_a_refusal_is_one_sentence_as_it_was_meant(capsys: pytest.CaptureFixture[str], message: str) -> None:
    with pytest.raises(SystemExit) as left:
        refuse(message)
    assert left.value.code == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"coopole: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["post", "[/nobody]", "text"], "There is nobody called [/nobody] here."),
        (["follow", "zoe", "x"], "There is nobody called zoe here."),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    coopole: Installation, arguments: list[str], sentence: str
) -> None:
    done = call(coopole, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"coopole: {sentence}\n")


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"COOPOLE_ORIGIN": "nonsense"}, "coopole: COOPOLE_ORIGIN must look like"),
        ({"COOPOLE_SECRET_KEY": ""}, "coopole: there is no secret key yet"),
        ({"COOPOLE_SECRET_KEY": "cd" * 32}, "coopole: the secret key does not fit this database"),
        ({"COOPOLE_DATABASE_URL": "mysql://x"}, "coopole: the database URL must begin with"),
        ({"COOPOLE_DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "coopole: the database cannot be reached"),
        ({"COOPOLE_REDIS_URL": "http://x"}, "coopole: COOPOLE_REDIS_URL must look like"),
    ],
)
def test_settings_that_cannot_be_used_are_said_in_one_sentence(
    coopole: Installation, changes: dict[str, str], begins: str
) -> None:
    assert coopole.run("domain", "list").exit_code == 0
    coopole.environment.update(changes)
    done = call(coopole, "domain", "list")
    assert done.returncode == 1
    assert done.stderr.startswith(begins)
    assert "Traceback" not in done.stderr


def test_a_worker_needs_a_broker_and_says_so(coopole: Installation) -> None:
    done = call(coopole, "worker")
    assert done.returncode == 1
    assert "COOPOLE_REDIS_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(params=["short", "a folder whose path is too long for a socket " + "x" * 80])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data directory."""
    return tmp_path / str(request.param)


@pytest.fixture
def valkey(data: Path) -> Iterator[Valkey]:
    """The broker that `coopole serve` runs in a data directory."""
    valkey = Valkey(data / "valkey")
    yield valkey
    valkey.kill()


def test_the_broker_of_a_running_server_is_found(data: Path, valkey: Valkey) -> None:
    settings = read_settings({"COOPOLE_DATA": str(data)})
    assert broker_url(settings) == ""
    valkey.start()
    assert broker_url(settings) == valkey.url


def test_looking_for_a_broker_makes_nothing(data: Path) -> None:
    assert broker_url(read_settings({"COOPOLE_DATA": str(data)})) == ""
    assert not data.exists()


def test_a_broker_that_was_configured_comes_first(data: Path, valkey: Valkey) -> None:
    valkey.start()
    settings = read_settings({"COOPOLE_DATA": str(data), "COOPOLE_REDIS_URL": "redis://elsewhere:6379"})
    assert broker_url(settings) == "redis://elsewhere:6379"
