"""Importing a calendar from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from server.errors import Invalid, NotFound
from tests import factories
from tests.server.cli.installation import Installation, install
from tests.server.events.test_importing import calendar


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section, and a calendar file of two events."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        await factories.section(ctx, "lille", "Section de Lille")
        (tmp_path / "agenda.ics").write_bytes(calendar(ctx, "Réunion [a]", "Oh") + calendar(ctx, "Hier", days=-3))

    coopole.look(fill)
    return coopole


def test_a_calendar_is_shown_and_then_published(coopole: Installation, tmp_path: Path) -> None:
    name = str(tmp_path / "agenda.ics")
    shown = coopole.say("section", "import-calendar", "lille", name)
    assert "Réunion [a]" in shown
    assert "1 are over" in shown
    assert "/@lille/" in coopole.say("section", "import-calendar", "lille", name, "--publish")
    assert "known" in coopole.say("section", "import-calendar", "lille", name)


def test_what_cannot_be_read_is_refused(coopole: Installation, tmp_path: Path) -> None:
    (tmp_path / "page.ics").write_text("<html>")
    for name, error in (("nothing.ics", NotFound), ("page.ics", Invalid)):
        done = coopole.run("section", "import-calendar", "lille", str(tmp_path / name))
        assert isinstance(done.exception, error)
