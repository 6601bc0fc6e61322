"""What sections and members have in common, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.actor import Actor
from server.errors import Conflict, Forbidden, NotFound
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section and two members."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        await factories.section(ctx, "lille", "Section de Lille")
        await factories.member(ctx, "zoe", "Zoé")
        await factories.member(ctx, "ali", "Ali")

    coopole.look(fill)
    return coopole


def actor(coopole: Installation, username: str) -> Actor:
    """An actor of the installation, as its row is now."""

    async def look(ctx: Context) -> Actor:
        return await Actor.get(username=username)

    return coopole.look(look)


def test_a_member_moves_and_comes_back(coopole: Installation) -> None:
    assert coopole.say("member", "alias", "ali", "zoe") == "ali is also zoe.\n"
    assert "lives on at http://localhost:8000/@ali" in coopole.say("member", "move", "zoe", "ali")
    assert actor(coopole, "zoe").moved_to_uri == actor(coopole, "ali").uri
    assert coopole.say("member", "come-back", "zoe") == "zoe is back.\n"
    assert actor(coopole, "zoe").moved_to_uri is None
    assert coopole.say("member", "alias", "ali", "zoe", "--remove") == "ali is no longer zoe.\n"
    assert actor(coopole, "ali").also_known_as == []


def test_nobody_moves_to_one_who_does_not_agree(coopole: Installation) -> None:
    assert isinstance(coopole.run("section", "move", "lille", "ali").exception, Conflict)
    assert isinstance(coopole.run("section", "move", "amiens", "ali").exception, NotFound)
    assert actor(coopole, "lille").moved_to_uri is None


def test_an_actor_gets_new_keys(coopole: Installation) -> None:
    before = actor(coopole, "lille").key_uri
    assert "lille has new keys" in coopole.say("section", "rotate-keys", "lille")
    assert actor(coopole, "lille").key_uri != before


def test_the_server_itself_keeps_its_keys(coopole: Installation) -> None:
    assert isinstance(coopole.run("member", "rotate-keys", "instance").exception, Forbidden)


def test_an_account_is_closed_when_it_is_meant(coopole: Installation) -> None:
    assert coopole.run("member", "delete", "zoe").exit_code == 1
    assert actor(coopole, "zoe").gone_at is None
    assert coopole.say("member", "delete", "zoe", "--yes").startswith("zoe is gone.")
    assert actor(coopole, "zoe").gone_at is not None
    assert isinstance(coopole.run("member", "delete", "zoe", "--yes").exception, NotFound)
