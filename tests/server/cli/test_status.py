"""`coopole status`: the same numbers for people."""

from datetime import timedelta
from pathlib import Path

import pytest

from federation.context import Context
from models.host import Host
from models.inbox import InboxMessage
from models.mail import Letter
from server.cli.status import duration
from server.monitoring import processes
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    return install(database_url, tmp_path, monkeypatch)


async def fill(ctx: Context) -> None:
    """Leave something to do, and somebody who does not answer."""
    now = ctx.now()
    await InboxMessage.create(
        actor_uri="https://far.test/a", activity_uri="https://far.test/1", body="{}", due_at=now - timedelta(minutes=5)
    )
    letter = {"recipient": "zoe@post.example", "recipient_fingerprint": "a" * 64, "message": ""}
    await Letter.create(**letter, due_at=now - timedelta(hours=3))
    for number in range(2):
        await Letter.create(**letter, due_at=now + timedelta(minutes=5), attempts=number + 1)
    for number in range(1, 4):
        since = now - timedelta(hours=2)
        await Host.create(
            name=f"dead{number}.test", failures=number, failing_since=since, last_error="[b]timed out[/b]"
        )


def test_it_says_what_is_to_do_and_who_fails_worst_first(coopole: Installation) -> None:
    coopole.look(fill)
    said = coopole.say("status")
    assert "1 due, 0 leased, 0 waiting" in said
    assert "5 min" in said
    assert "1 due, 0 leased, 2 failed" in said
    assert "3 h" in said
    assert "zoe" not in said
    assert "3 total, 3 failing, 0 waiting" in said
    assert said.index("dead3.test") < said.index("dead1.test")
    assert "[b]timed out[/b]" in said


def test_it_names_as_many_servers_as_was_asked_for(coopole: Installation) -> None:
    coopole.look(fill)
    said = coopole.say("status", "--hosts", "1")
    assert "dead3.test" in said
    assert "dead2.test" not in said


def test_it_names_nobody_where_nobody_fails(coopole: Installation) -> None:
    assert "Failing" not in coopole.say("status")


def test_it_tells_what_the_processes_cost(coopole: Installation, tmp_path: Path) -> None:
    (tmp_path / "metrics").mkdir()
    processes.sign_in(tmp_path / "metrics", "worker-1")
    assert "worker-1" in coopole.say("status")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-5, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (61, "1 min 1 s"),
        (7200, "2 h"),
        (90061, "1 d 1 h"),
        (86401, "1 d 1 s"),
    ],
)
def test_a_time_is_written_in_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words
