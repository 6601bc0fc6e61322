"""Somebody belongs to a section of another server, moves their account to a third one, and goes on as a member there."""

import pytest

from tests.scenarios import belonging
from tests.scenarios.belonging import actor_uri, is_so, open_to, state
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server
from tests.scenarios.talk import arrival, is_absent

DUES, NOTE = "2031-07-19", "Vient le mardi"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of the section, and its member zoe."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    server.cli("section", "add-member", "lille", "zoe")
    return server


@pytest.fixture(scope="module")
def paris(new_server: NewServer) -> Server:
    """The server that max leaves."""
    server = new_server("paris", "Bureau national")
    server.add_member("max")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer) -> Server:
    """The server where max has a new account."""
    server = new_server("brest", "Section de Brest")
    server.add_member("max")
    return server


def at(server: Server, username: str) -> str:
    """Write somebody's address."""
    return f"@{username}@{server.netloc}"


async def steps(server: Server, member_uri: str) -> list[str]:
    """List what a server has written down of somebody's memberships."""
    return [step for _, step in await belonging.steps(server, member_uri)]


async def test_who_moves_is_asked_to_go_on(lille: Server, paris: Server, brest: Server) -> None:
    section, old, new = await actor_uri(lille, "lille"), await actor_uri(paris, "max"), await actor_uri(brest, "max")
    paris.cli("section", "join", "max", at(lille, "lille"))
    await is_so(lille, old, section, "requested")
    lille.cli("section", "approve", "lille", at(paris, "max"))
    await is_so(paris, old, section, "accepted")
    noted = ("--status", "sympathiser", "--dues", DUES, "--text", NOTE)
    lille.cli("section", "people", "note", "lille", at(paris, "max"), *noted)
    lille.cli("section", "people", "share", "lille", at(paris, "max"), "--email", "max@cachette.example")
    await open_to(lille, "invite_only")

    brest.cli("member", "alias", "max", at(paris, "max"))
    paris.cli("member", "move", "max", at(brest, "max"))

    await is_so(brest, new, section, "invited")
    assert await state(lille, old, section) == "accepted"
    status = await lille.post_status("Avant", member="zoe", visibility="section")
    await arrival(paris, "max", status)
    assert await is_absent(brest, "max", status["uri"])


async def test_who_accepts_belongs_as_before(lille: Server, paris: Server, brest: Server) -> None:
    section, old, new = await actor_uri(lille, "lille"), await actor_uri(paris, "max"), await actor_uri(brest, "max")

    brest.cli("section", "take-up", "max", at(lille, "lille"))

    await is_so(lille, new, section, "accepted")
    for server in (lille, paris):
        await is_so(server, old, section, None)
    assert await steps(lille, new) == ["asked", "accepted", "invited", "accepted", "carried_on"]
    assert await steps(lille, old) == ["account_moved"]
    assert await steps(paris, old) == ["asked", "accepted", "account_moved"]
    assert await steps(brest, new) == ["invited", "accepted"]
    shown = lille.cli("section", "people", "show", "lille", at(brest, "max"))
    assert all(f"{name}: {value}" in shown for name, value in (("Dues until", DUES), ("Note", NOTE)))
    assert "Status: sympathiser" in shown
    assert "cachette" not in shown


async def test_what_is_for_members_reaches_the_new_account_alone(lille: Server, paris: Server, brest: Server) -> None:
    status = await lille.post_status("Après", member="zoe", visibility="section")
    await arrival(brest, "max", status)
    assert await is_absent(paris, "max", status["uri"])
