"""A member of one server shows how to be reached to the managers of a section on another, changes it, and withdraws it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios import rows
from tests.scenarios.belonging import actor_uri, is_so, open_to
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually

EMAIL, PHONE = "noor@post.example", "+33320000000"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server of the section, which is open."""
    server = new_server("lille", "Section de Lille")
    asyncio.run(open_to(server, "open"))
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer, lille: Server) -> Server:
    """The server of noor, who belongs to the section in Lille."""
    server = new_server("brest", "Section de Brest")
    server.add_member("noor")
    server.cli("section", "join", "noor", section_at(lille))
    asyncio.run(has_joined(lille, server))
    return server


async def has_joined(lille: Server, brest: Server) -> None:
    noor, section = await actor_uri(brest, "noor"), await actor_uri(lille, "lille")
    for server in (lille, brest):
        await is_so(server, noor, section, "accepted")


def section_at(lille: Server) -> str:
    return f"@lille@{lille.netloc}"


def seen(lille: Server, brest: Server) -> str:
    """What a manager is shown of noor."""
    return lille.cli("section", "people", "show", "lille", f"@noor@{brest.netloc}")


async def shows(lille: Server, brest: Server, *, email: str, phone: str) -> None:
    """Wait until managers see just that."""

    async def look() -> bool:
        lines = seen(lille, brest).splitlines()
        return f"E-mail: {email}" in lines and f"Phone: {phone}" in lines

    await eventually(look)


async def test_each_is_shared_and_withdrawn_by_itself(lille: Server, brest: Server) -> None:
    brest.cli("section", "people", "share", section_at(lille), "noor", "--email", EMAIL, "--phone", PHONE)
    await shows(lille, brest, email=EMAIL, phone=PHONE)
    for server, person in ((brest, "noor"), (lille, f"@noor@{brest.netloc}")):
        ledger = server.cli("privacy", "consents", person)
        assert "send_email" in ledger
        assert "send_phone" in ledger

    brest.cli("section", "people", "stop-sharing", section_at(lille), "noor", "email")

    await rows.end_every_pause(lille)
    await shows(lille, brest, email="", phone=PHONE)
    assert "elsewhere" in lille.cli("privacy", "consents", f"@noor@{brest.netloc}")


async def test_what_is_withdrawn_while_the_other_server_is_away_is_erased_when_it_is_back(
    lille: Server, brest: Server
) -> None:
    await shows(lille, brest, email="", phone=PHONE)
    lille.stop()
    brest.cli("privacy", "withdraw", "noor", section_at(lille), "send_phone")
    await eventually(lambda: rows.query(brest, "SELECT name FROM host WHERE failures > 0"))

    await asyncio.to_thread(lille.start)
    await rows.end_every_pause(brest)

    await shows(lille, brest, email="", phone="")


async def test_a_copy_of_a_server_that_is_away_for_too_long_is_erased_and_comes_back_with_it(
    lille: Server, brest: Server
) -> None:
    brest.cli("section", "people", "share", section_at(lille), "noor", "--email", EMAIL)
    await shows(lille, brest, email=EMAIL, phone="")
    brest.stop()

    await rows.query(lille, "UPDATE shared_details SET keep_until = $1", datetime.now(UTC) - timedelta(minutes=1))
    await rows.end_every_pause(lille)
    await shows(lille, brest, email="", phone="")

    await asyncio.to_thread(brest.start)
    await rows.query(lille, "UPDATE shared_details SET renew_at = $1", datetime.now(UTC) - timedelta(minutes=1))
    await rows.end_every_pause(lille)
    await shows(lille, brest, email=EMAIL, phone="")


async def test_who_does_not_belong_shares_nothing(lille: Server, brest: Server) -> None:
    brest.add_member("lou")
    refused = brest.try_cli("section", "people", "share", section_at(lille), "lou", "--email", "lou@post.example")
    assert refused.returncode == 1
    assert "Only members" in refused.stderr


async def test_with_the_membership_it_goes_on_both_servers(lille: Server, brest: Server) -> None:
    await shows(lille, brest, email=EMAIL, phone="")
    brest.cli("section", "leave", "noor", section_at(lille))

    noor, section = await actor_uri(brest, "noor"), await actor_uri(lille, "lille")
    for server in (lille, brest):
        await is_so(server, noor, section, None)
        assert await rows.count(server, "shared_details") == 0
        standing = "SELECT id FROM consent WHERE withdrawn_at IS NULL AND purpose LIKE 'send_%'"
        assert await rows.query(server, standing) == []
