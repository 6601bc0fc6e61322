"""A section's roles and what it says of itself, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.role import RoleHolder, RoleOffer
from models.section import Openness, Section
from server.errors import Conflict, Invalid, NotFound
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section and two members."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        await factories.section(ctx, "lille", "Section de Lille")
        for name in ("zoe", "ali"):
            await factories.member(ctx, name, name.title())

    coopole.look(fill)
    return coopole


def held(coopole: Installation) -> set[tuple[str, str]]:
    """Who holds what."""

    async def look(ctx: Context) -> set[tuple[str, str]]:
        return {(row.holder.username, row.role.value) for row in await RoleHolder.all().select_related("holder")}

    return coopole.look(look)


def test_roles_are_given_and_taken(coopole: Installation) -> None:
    assert coopole.say("section", "give-role", "lille", "zoe", "animator").strip() == "zoe is animator of lille."
    coopole.say("section", "give-role", "@lille", "@ali", "editor")
    assert held(coopole) == {("zoe", "animator"), ("ali", "editor")}
    assert "no longer editor" in coopole.say("section", "take-role", "lille", "ali", "editor")
    for wrong, error in (
        (("take-role", "lille", "zoe", "animator"), Conflict),
        (("take-role", "lille", "ali", "editor"), NotFound),
        (("give-role", "lille", "ali", "member"), Invalid),
        (("give-role", "zoe", "ali", "editor"), NotFound),
        (("give-role", "lille", "nobody", "editor"), NotFound),
    ):
        assert isinstance(coopole.run("section", *wrong).exception, error)
    assert held(coopole) == {("zoe", "animator")}


def test_a_role_is_handed_over(coopole: Installation) -> None:
    coopole.say("section", "give-role", "lille", "zoe", "animator")
    for _ in range(2):
        coopole.say("section", "hand-over", "lille", "zoe", "ali", "animator")
        listed = coopole.say("section", "roles", "lille")
        assert "handed over by zoe" in listed
        assert held(coopole) == {("zoe", "animator")}
        coopole.say("section", "answer-offer", "lille", "ali", "animator", "--decline")
    coopole.say("section", "hand-over", "lille", "zoe", "ali", "animator")
    assert coopole.say("section", "answer-offer", "lille", "ali", "animator").strip() == "ali is animator of lille."
    assert held(coopole) == {("ali", "animator")}
    assert isinstance(coopole.run("section", "answer-offer", "lille", "ali", "animator").exception, NotFound)

    async def offers(ctx: Context) -> int:
        return await RoleOffer.all().count()

    assert coopole.look(offers) == 0
    said = coopole.say("section", "acts", "lille")
    assert "hand over" in said
    assert "zoe" in said


def test_a_section_opens_with_its_first_animator(coopole: Installation) -> None:
    coopole.say("section", "create", "amiens", "Amiens", "--animator", "zoe")
    assert held(coopole) == {("zoe", "animator")}
    assert "accepted" in coopole.say("section", "members", "amiens")
    assert isinstance(coopole.run("section", "create", "arras", "Arras", "--animator", "lille").exception, NotFound)


def test_a_section_changes_what_it_says_of_itself(coopole: Installation, tmp_path: Path) -> None:
    (tmp_path / "charter.txt").write_text("On s’écoute.\n")
    coopole.say(
        "section", "edit", "lille", "--place", "Lille", "--coordinates", "50.6311, 3.0468", "--communes", "59350",
        "--charter", str(tmp_path / "charter.txt"), "--openness", "invite_only", "--show-authors",
        "--first-colour", "#C8102E",
    )  # fmt: skip
    coopole.say("section", "edit", "lille", "--description", "Le mardi.", "--name", "Lille")

    async def look(ctx: Context) -> Section:
        return await Section.get().select_related("actor")

    row = coopole.look(look)
    assert (row.actor.display_name, row.actor.note_html, row.place) == ("Lille", "<p>Le mardi.</p>", "Lille")
    assert (row.latitude, row.longitude, row.insee_codes, row.first_colour) == (50.6311, 3.0468, ["59350"], "#c8102e")
    assert (row.charter, row.charter_version) == ("On s’écoute.", 1)
    assert (row.openness, row.shows_authors) == (Openness.INVITATION, True)
    assert isinstance(coopole.run("section", "edit", "lille", "--first-colour", "red").exception, Invalid)
