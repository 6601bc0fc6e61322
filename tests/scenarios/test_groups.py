"""Two of our servers and a section: what its members say reaches whom it is for on the other server, once."""

from typing import Any

import pytest

from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import arrival, follow, is_absent


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of the section, and its member zoe."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    server.cli("section", "add-member", "lille", "zoe")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """The server of noor and max."""
    server = new_server("brest", "Section de Brest")
    server.add_members("noor", "max")
    return server


async def shown(server: Server, member: str, uri: str) -> list[dict[str, Any]]:
    """How a post stands in a home timeline, itself or shared."""
    return [status for status in await server.home(member=member) if (status["reblog"] or status)["uri"] == uri]


async def test_a_members_post_reaches_a_follower_of_the_section_elsewhere_once(lille: Server, brest: Server) -> None:
    await follow(brest, "noor", f"@lille@{lille.netloc}")

    status = await lille.post_status("Fête de la section @lille", member="zoe")
    last = await lille.post_status("Et merci @lille", member="zoe")

    boost = await arrival(brest, "noor", status)
    await arrival(brest, "noor", last)
    assert boost["account"]["acct"] == f"lille@{lille.netloc}"
    assert boost["reblog"]["account"]["acct"] == f"zoe@{lille.netloc}"
    assert len(await shown(brest, "noor", status["uri"])) == 1
    assert boost["reblog"]["reblogs_count"] == 1


async def test_an_edit_and_a_delete_reach_the_follower_too(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Rendez-vous mradi @lille", member="zoe")
    await arrival(brest, "noor", status)

    await lille.api("PUT", f"/api/v1/statuses/{status['id']}", member="zoe", status="Rendez-vous mercredi @lille")

    async def is_edited() -> bool:
        [seen] = await shown(brest, "noor", status["uri"])
        return "mercredi" in seen["reblog"]["content"]

    await eventually(is_edited)
    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}", member="zoe")
    await eventually(lambda: is_absent(brest, "noor", status["uri"]))


async def test_the_section_takes_a_post_back(lille: Server, brest: Server) -> None:
    status = await lille.post_status("Hors sujet @lille", member="zoe")
    await arrival(brest, "noor", status)
    lille.cli("section", "stop-announcing", "lille", status["uri"])
    await eventually(lambda: is_absent(brest, "noor", status["uri"]))


async def test_who_is_let_in_reads_what_is_for_members_and_a_follower_does_not(lille: Server, brest: Server) -> None:
    await follow(brest, "max", f"@lille@{lille.netloc}")
    lille.cli("section", "invite", "lille", f"@max@{brest.netloc}")
    brest.cli("section", "join", "max", f"@lille@{lille.netloc}")

    async def is_member() -> bool:
        return "accepted" in lille.cli("section", "members", "lille").split("max@")[1]

    await eventually(is_member)
    status = await lille.post_status("Entre nous", member="zoe", visibility="section")
    public = await lille.post_status("Pour toutes et tous @lille", member="zoe")

    seen = await arrival(brest, "max", status)
    await arrival(brest, "noor", public)
    assert (seen["visibility"], seen["reblog"]) == ("private", None)
    assert await is_absent(brest, "noor", status["uri"])
    await brest.api("GET", f"/api/v1/statuses/{seen['id']}", member="noor", expect=404)
