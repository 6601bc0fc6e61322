"""A section's board changes while its server runs: a role holds and ends at once. Elsewhere the section alone is seen."""

import pytest

from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually
from tests.scenarios.talk import arrival, follow


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of the section: its administrator founded it, zoe and ali are members."""
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "ali")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """The server of noor, who follows the section."""
    server = new_server("brest", "Section de Brest")
    server.add_members("noor")
    return server


async def test_a_board_changes_hands_and_the_section_goes_on(lille: Server, brest: Server) -> None:
    await follow(brest, "noor", f"@lille@{lille.netloc}")
    assert ADMIN in lille.cli("section", "roles", "lille")
    lille.cli("section", "hand-over", "lille", ADMIN, "zoe", "animator")
    first = lille.cli("post", "lille", "Je passe la main", "--by", ADMIN)
    lille.cli("section", "answer-offer", "lille", "zoe", "animator")

    refused = lille.try_cli("post", "lille", "Encore un mot", "--by", ADMIN)
    assert refused.returncode == 1
    assert "does not allow" in refused.stderr
    assert lille.try_cli("section", "take-role", "lille", "zoe", "animator").returncode == 1
    second = lille.cli("post", "lille", "Je prends la suite", "--by", "zoe")

    for url in (first, second):
        post_uri = (await lille.document(url))["id"]
        seen = await arrival(brest, "noor", {"uri": post_uri})
        assert seen["account"]["acct"] == f"lille@{lille.netloc}"
        for name in ("zoe", ADMIN):
            assert name not in str(await lille.document(url))
            assert name not in str(seen)
        status, _, page = await lille.get(url, accept="text/html")
        assert status == 200
        assert "zoe" not in page


async def test_what_the_section_changes_of_itself_is_seen_elsewhere(lille: Server, brest: Server) -> None:
    lille.cli("section", "edit", "lille", "--name", "Section de Lille-Fives", "--openness", "open", "--place", "Fives")

    async def is_renamed() -> bool:
        found = await brest.api("GET", "/api/v1/accounts/lookup", member="noor", acct=f"lille@{lille.netloc}")
        return bool(found["display_name"] == "Section de Lille-Fives")

    await eventually(is_renamed)
    document = await lille.document("/@lille")
    assert (document["openness"], document["location"]) == ("open", {"type": "Place", "name": "Fives"})
