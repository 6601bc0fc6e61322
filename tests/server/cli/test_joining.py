"""Coming to a section and moving on, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.membership import JoinLink, Membership
from server.errors import NotFound
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with two sections and two members."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        for handle in ("lille", "brest"):
            await factories.section(ctx, handle, f"Section de {handle.title()}", is_main=handle == "lille")
        for name in ("zoe", "ali"):
            await factories.member(ctx, name, name.title())

    coopole.look(fill)
    return coopole


def states(coopole: Installation) -> dict[str, tuple[str, str]]:
    """Who stands how to which section."""

    async def look(ctx: Context) -> dict[str, tuple[str, str]]:
        rows = Membership.all().select_related("member", "group")
        return {row.member.username: (row.group.username, row.state.value) for row in await rows}

    return coopole.look(look)


def test_a_request_is_listed_with_its_message(coopole: Installation) -> None:
    coopole.say("section", "join", "zoe", "lille", "--message", "Bonjour [à] tous")
    assert "Bonjour [à] tous" in coopole.say("section", "requests", "lille")
    coopole.say("section", "leave", "zoe", "lille")
    said = coopole.say("section", "history", "zoe")
    assert "asked" in said
    assert "left" in said


def test_an_invitation_is_taken_up_or_declined(coopole: Installation) -> None:
    for name in ("zoe", "ali"):
        coopole.say("section", "invite", "lille", name)
    assert coopole.say("section", "take-up", "zoe", "lille").strip() == "zoe belongs to lille."
    assert coopole.say("section", "decline", "ali", "lille").strip() == "ali declined the invitation of lille."
    assert states(coopole) == {"zoe": ("lille", "accepted")}


def test_links_are_made_listed_used_and_ended(coopole: Installation) -> None:
    link = coopole.say("section", "link", "lille", "--uses", "3").strip()
    assert "/join/" in link
    assert coopole.say("section", "redeem", link, "zoe").strip() == "zoe: accepted"
    assert "2" in coopole.say("section", "links", "lille")

    async def look(ctx: Context) -> int:
        return (await JoinLink.get()).id

    coopole.say("section", "revoke-link", "lille", str(coopole.look(look)))
    assert isinstance(coopole.run("section", "redeem", link, "ali").exception, NotFound)


def test_a_member_moves_when_both_sections_agree(coopole: Installation) -> None:
    coopole.say("section", "add-member", "lille", "zoe")
    assert coopole.say("section", "transfer", "zoe", "lille", "brest").strip() == "zoe from lille to brest: asked"
    assert "waiting" in coopole.say("section", "transfers", "brest")
    coopole.say("section", "transfer-agree", "lille", "zoe")
    coopole.say("section", "transfer-agree", "brest", "zoe")
    assert states(coopole) == {"zoe": ("brest", "accepted")}
    assert isinstance(coopole.run("section", "transfer-agree", "brest", "zoe").exception, NotFound)


@pytest.mark.parametrize("how", ["transfer-refuse", "transfer-withdraw"])
def test_a_member_stays_where_it_is_refused_or_taken_back(coopole: Installation, how: str) -> None:
    coopole.say("section", "add-member", "lille", "zoe")
    coopole.say("section", "transfer", "zoe", "lille", "brest")
    coopole.say("section", how, *(["brest", "zoe"] if how == "transfer-refuse" else ["zoe"]))
    assert states(coopole) == {"zoe": ("lille", "accepted")}


def test_an_account_that_moves_goes_on_where_it_belonged(coopole: Installation) -> None:
    coopole.say("section", "add-member", "lille", "zoe")
    coopole.say("member", "alias", "ali", "zoe")
    coopole.say("member", "move", "zoe", "ali")
    [line] = [line for line in coopole.say("section", "members", "lille").splitlines() if "invited" in line]
    assert "zoe" in line
    assert coopole.say("section", "take-up", "ali", "lille").strip() == "ali belongs to lille."
    assert states(coopole) == {"ali": ("lille", "accepted")}
    assert "carried_on" in coopole.say("section", "history", "ali")
    assert "account_moved" in coopole.say("section", "history", "zoe")
