"""Writing the rules of the server from the command line."""

from pathlib import Path

import pytest

from server.errors import Invalid, NotFound
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    return install(database_url, tmp_path, monkeypatch)


def test_rules_are_added_changed_listed_and_removed(coopole: Installation) -> None:
    assert coopole.say("rule", "add", "Pas d'insultes", "--hint", "Ni de moqueries") == "Rule 1 is added.\n"
    assert coopole.say("rule", "add", "Pas de spam [ni pub]") == "Rule 2 is added.\n"
    assert coopole.say("rule", "change", "1", "Du respect") == "Rule 1 is changed.\n"
    listed = coopole.say("rule", "list")
    assert all(words in listed for words in ("Du respect", "Ni de moqueries", "[ni pub]"))
    assert coopole.say("rule", "remove", "1") == "Rule 1 is removed.\n"
    assert "Du respect" not in coopole.say("rule", "list")


def test_what_cannot_be_is_refused(coopole: Installation) -> None:
    assert isinstance(coopole.run("rule", "add", " ").exception, Invalid)
    assert isinstance(coopole.run("rule", "remove", "7").exception, NotFound)
