"""Members and their tokens from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.oauth import AccessToken, token_hash
from server.cli.people import DEFAULT_SCOPES
from tests.server.cli.installation import Installation, install

PASSWORD = "correct horse battery staple"
INIT = ("init", "--domain", "http://localhost:8000", "--section", "Lille", "--handle", "lille", "--admin", "ines")


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation."""
    return install(database_url, tmp_path, monkeypatch)


def tokens(coopole: Installation) -> list[tuple[str, str, str]]:
    """Every access token: (hash, whose, what for)."""

    async def look(ctx: Context) -> list[tuple[str, str, str]]:
        rows = await AccessToken.all().select_related("member__actor")
        return [(row.hash, row.member.actor.username, row.scopes) for row in rows]

    return coopole.look(look)


def test_a_new_member_has_a_token_if_asked_for(coopole: Installation) -> None:
    said = coopole.say("member", "create", "zoe", "--password", PASSWORD, "--token").splitlines()

    assert said[0] == "http://localhost:8000/@zoe is in."
    assert tokens(coopole) == [(token_hash(said[-1]), "zoe", DEFAULT_SCOPES)]


def test_a_new_member_has_no_token_unless_asked_for(coopole: Installation) -> None:
    assert coopole.say("member", "create", "zoe", "--password", PASSWORD).splitlines() == [
        "http://localhost:8000/@zoe is in."
    ]
    assert tokens(coopole) == []


def test_the_first_administrator_has_a_token_if_asked_for(coopole: Installation) -> None:
    said = coopole.say(*INIT, "--password", PASSWORD, "--token").splitlines()

    assert said[0] == "Lille is @lille@localhost:8000. Start it with: coopole serve"
    assert tokens(coopole) == [(token_hash(said[-1]), "ines", DEFAULT_SCOPES)]


def test_the_first_administrator_has_no_token_unless_asked_for(coopole: Installation) -> None:
    coopole.say(*INIT, "--password", PASSWORD)

    assert tokens(coopole) == []
