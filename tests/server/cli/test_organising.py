"""Sections organise an event together, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.event import Organising
from server.errors import Conflict, NotFound
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with two sections, the first of which calls people to an event."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        lille = await factories.section(ctx, "lille", "Section de Lille")
        await factories.section(ctx, "brest", "Section de Brest", is_main=False)
        await factories.event(lille, "Fête [du] port", uri=ctx.names.post(7), id=7)

    coopole.look(fill)
    return coopole


@pytest.fixture
def uri(coopole: Installation) -> str:
    """The uri of that event."""

    async def look(ctx: Context) -> str:
        return ctx.names.post(7)

    return coopole.look(look)


def states(coopole: Installation) -> list[str]:
    """What the sections that were asked said."""

    async def look(ctx: Context) -> list[str]:
        return [row.state.value for row in await Organising.all()]

    return coopole.look(look)


def test_one_asks_the_other_agrees_and_leaves(coopole: Installation, uri: str) -> None:
    assert coopole.say("section", "organise", "lille", uri, "brest").strip() == "brest: invited"
    for section in ("lille", "brest"):
        assert "Fête [du] port" in coopole.say("section", "organisings", section)
    assert coopole.say("section", "organise-accept", "brest", uri).strip() == f"brest organises {uri}."
    assert states(coopole) == ["accepted"]
    coopole.say("section", "organise-decline", "brest", uri)
    assert states(coopole) == ["declined"]


def test_one_takes_it_back(coopole: Installation, uri: str) -> None:
    coopole.say("section", "organise", "lille", uri, "brest")
    coopole.say("section", "organise-without", "lille", uri, "brest")
    assert states(coopole) == []


def test_what_nobody_asked_is_refused(coopole: Installation, uri: str) -> None:
    assert isinstance(coopole.run("section", "organise-accept", "brest", uri).exception, NotFound)
    assert isinstance(coopole.run("section", "organise-without", "lille", uri, "brest").exception, NotFound)
    assert isinstance(coopole.run("section", "organise", "brest", uri, "lille").exception, NotFound)
    coopole.say("section", "organise", "lille", uri, "brest")
    assert isinstance(coopole.run("section", "organise", "lille", uri, "brest").exception, Conflict)
