"""What is said of the server as a whole from the command line: switches, terms of use, announcements."""

import re
from pathlib import Path

import pytest

from server.cli.console import out
from server.errors import Invalid, NotFound
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    monkeypatch.setattr(out, "_width", 300)  # no cell is folded
    return install(database_url, tmp_path, monkeypatch)


def test_switches_are_turned_and_shown(coopole: Installation) -> None:
    for name in ("peers", "activity"):
        assert coopole.say("server", name).endswith("is not made known.\n")
        assert coopole.say("server", name, "on").endswith("is made known.\n")
        assert coopole.say("server", name).endswith("is made known.\n")
    assert coopole.say("server", "second-step").endswith("is asked for.\n")
    assert coopole.say("server", "second-step", "off").endswith("is not asked for.\n")
    assert coopole.run("server", "peers", "perhaps").exit_code != 0


def test_terms_are_published_listed_and_withdrawn(coopole: Installation, tmp_path: Path) -> None:
    file = tmp_path / "terms.txt"
    file.write_text("Soyez gentils.", encoding="utf-8")
    assert (
        coopole.say("server", "terms", "publish", "2026-12-01", str(file)) == "These terms hold from 2026-12-01 on.\n"
    )
    assert "2026-12-01" in coopole.say("server", "terms", "list")
    coopole.say("server", "terms", "withdraw", "2026-12-01")
    assert "2026-12-01" not in coopole.say("server", "terms", "list")
    assert isinstance(coopole.run("server", "terms", "withdraw", "2026-12-01").exception, NotFound)
    file.write_text(" ", encoding="utf-8")
    assert isinstance(coopole.run("server", "terms", "publish", "2026-12-01", str(file)).exception, Invalid)
    assert coopole.run("server", "terms", "publish", "soon", str(file)).exit_code != 0


def test_announcements_are_made_listed_changed_and_removed(coopole: Installation) -> None:
    said = coopole.say("announcement", "add", "Panne [ce soir]", "--end", "2099-12-01")
    [number] = re.findall(r"\d{10,}", said)
    listed = coopole.say("announcement", "list")
    assert "Panne [ce soir]" in listed
    assert "2099-" in listed
    coopole.say("announcement", "change", number, "C'est réparé")
    assert "C'est réparé" in coopole.say("announcement", "list")
    coopole.say("announcement", "remove", number)
    assert "réparé" not in coopole.say("announcement", "list")
    assert isinstance(coopole.run("announcement", "remove", number).exception, NotFound)
    assert isinstance(coopole.run("announcement", "add", "x", "--end", "2020-01-01").exception, Invalid)
