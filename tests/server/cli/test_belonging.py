"""Who belongs to a section, and what it passes on, from the command line."""

from pathlib import Path

import pytest

from federation.context import Context
from models.membership import Membership
from models.post import Post, Visibility
from models.reaction import Announce
from server.errors import NotFound
from server.sections import membership
from tests import factories
from tests.server.cli.installation import Installation, install


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation with a section, and two members who ask to belong to it."""
    coopole = install(database_url, tmp_path, monkeypatch)

    async def fill(ctx: Context) -> None:
        section = await factories.section(ctx, "lille", "Section de Lille")
        for name in ("zoe", "ali"):
            await membership.ask(await factories.member(ctx, name, name.title()), section, ctx)

    coopole.look(fill)
    return coopole


def states(coopole: Installation) -> dict[str, str]:
    """Who stands how to the section."""

    async def look(ctx: Context) -> dict[str, str]:
        return {row.member.username: row.state.value for row in await Membership.all().select_related("member")}

    return coopole.look(look)


def test_a_section_lists_lets_in_refuses_and_removes(coopole: Installation) -> None:
    assert "requested" in coopole.say("section", "members", "lille")
    assert coopole.say("section", "approve", "lille", "zoe").strip() == "zoe belongs to lille."
    coopole.say("section", "refuse", "lille", "@ali")
    assert states(coopole) == {"zoe": "accepted"}
    coopole.say("section", "add-member", "lille", "ali")
    coopole.say("section", "remove", "lille", "zoe")
    coopole.say("section", "invite", "lille", "zoe")
    assert states(coopole) == {"ali": "accepted", "zoe": "invited"}


def test_a_member_asks_and_leaves(coopole: Installation) -> None:
    coopole.say("section", "leave", "zoe", "lille")
    assert states(coopole) == {"ali": "requested"}
    assert coopole.say("section", "join", "zoe", "lille").strip() == "zoe → lille: requested"


def test_only_a_section_has_members(coopole: Installation) -> None:
    assert isinstance(coopole.run("section", "members", "zoe").exception, NotFound)


def test_a_section_passes_on_what_it_is_told_to_and_takes_it_back(coopole: Installation) -> None:
    async def look(ctx: Context) -> list[str]:
        return [row.post.uri for row in await Announce.all().select_related("post")]

    coopole.say("post", "zoe", "Bonjour @lille")
    assert coopole.look(look) == []
    coopole.say("section", "announce-from", "lille", "everybody")
    coopole.say("post", "zoe", "Bonjour tout le monde", "--section", "lille")
    [uri] = coopole.look(look)
    coopole.say("section", "stop-announcing", "lille", uri)
    assert coopole.look(look) == []
    for what in (uri, "https://far.test/1"):
        assert isinstance(coopole.run("section", "stop-announcing", "lille", what).exception, NotFound)


def test_a_section_and_its_members_speak_among_themselves(coopole: Installation) -> None:
    async def look(ctx: Context) -> list[tuple[str, Visibility]]:
        return [(row.actor.username, row.visibility) for row in await Post.all().select_related("actor").order_by("id")]

    coopole.say("section", "approve", "lille", "zoe")
    for author in ("zoe", "lille"):
        coopole.say("post", author, "Entre nous", "--visibility", "section", "--section", "lille")
    assert coopole.look(look) == [("zoe", Visibility.SECTION), ("lille", Visibility.SECTION)]
