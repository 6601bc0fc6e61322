"""Three of our servers: what reaches the third by way of the second, what is kept out, what waits for who was away."""

import asyncio
from typing import Any

import pytest

from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually
from tests.scenarios.talk import Status, arrival, follow, is_absent


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server where things are published."""
    return new_server("lille", "Section de Lille")


@pytest.fixture(scope="module")
def brest(new_server: NewServer, lille: Server) -> Server:
    """The second server: its member follows the one of Lille."""
    server = new_server("brest", "Section de Brest")
    asyncio.run(follow(server, ADMIN, f"@{ADMIN}@{lille.netloc}"))
    return server


@pytest.fixture(scope="module")
def paris(new_server: NewServer, brest: Server) -> Server:
    """The third server: its member follows the one of Brest, and knows nothing of Lille."""
    server = new_server("paris", "Bureau national")
    asyncio.run(follow(server, ADMIN, f"@{ADMIN}@{brest.netloc}"))
    return server


async def boost(server: Server, status: Status) -> None:
    """Wait for a post and boost it."""
    arrived = await arrival(server, ADMIN, status)
    await server.api("POST", f"/api/v1/statuses/{arrived['id']}/reblog")


async def test_a_boost_brings_the_post_to_the_third_server(lille: Server, brest: Server, paris: Server) -> None:
    status = await lille.post_status("Solidarité")

    await boost(brest, status)

    arrived = await arrival(paris, ADMIN, status)
    assert arrived["account"]["acct"] == f"{ADMIN}@{brest.netloc}"
    assert arrived["reblog"]["account"]["acct"] == f"{ADMIN}@{lille.netloc}"
    assert arrived["reblog"]["content"] == status["content"]


async def test_a_boosted_post_is_asked_of_its_home_alone(lille: Server, brest: Server, paris: Server) -> None:
    status = await lille.post_status("Le texte vient de Lille")
    await arrival(brest, ADMIN, status)
    lille.stop()

    await boost(brest, status)

    await eventually(lambda: rows.query(paris, "SELECT id FROM inbox_message WHERE attempts > 0"))
    assert await is_absent(paris, ADMIN, status["uri"])
    await asyncio.to_thread(lille.start)
    await rows.make_inbox_due(paris)
    arrived = await arrival(paris, ADMIN, status)
    assert arrived["reblog"]["content"] == status["content"]


async def test_posts_wait_for_a_server_that_is_down(lille: Server, brest: Server) -> None:
    brest.stop()
    published = [await lille.post_status(f"Pendant la panne, {number}") for number in range(3)]
    await eventually(lambda: rows.query(lille, "SELECT name FROM host WHERE failures > 0"))
    assert await rows.count(lille, "delivery") == 3

    await asyncio.to_thread(brest.start)
    await rows.make_hosts_due(lille)

    for status in published:
        await arrival(brest, ADMIN, status)
    newest = [status["uri"] for status in (await brest.home())[:3]]
    assert newest == [status["uri"] for status in reversed(published)]
    await eventually(lambda: is_empty(lille, "delivery"))


async def is_empty(server: Server, table: str) -> bool:
    return await rows.count(server, table) == 0


async def test_a_delete_reaches_every_server_of_a_follower(lille: Server, brest: Server, paris: Server) -> None:
    account_id = await follow(paris, ADMIN, f"@{ADMIN}@{lille.netloc}")
    status = await lille.post_status("Pas pour longtemps")
    for server in (brest, paris):
        await arrival(server, ADMIN, status)

    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}")

    for server in (brest, paris):
        await eventually(lambda server=server: is_absent(server, ADMIN, status["uri"]))
        assert await rows.query(server, "SELECT id FROM post WHERE uri = $1", status["uri"]) == []
    await paris.api("POST", f"/api/v1/accounts/{account_id}/unfollow")


async def test_a_blocked_server_is_refused_and_sent_nothing(lille: Server, brest: Server, paris: Server) -> None:
    await follow(paris, ADMIN, f"@{ADMIN}@{lille.netloc}")
    await follow(lille, ADMIN, f"@{ADMIN}@{paris.netloc}")
    paris.cli("domain", "block", lille.host)

    refused = await lille.post_status("Personne n'écoute à Paris")
    kept_in = await paris.post_status("Personne n'entend à Lille")

    await arrival(brest, ADMIN, refused)
    [(why,)] = await eventually(lambda: given_up(lille))
    assert "403" in why
    assert await is_absent(paris, ADMIN, refused["uri"])
    assert await is_absent(lille, ADMIN, kept_in["uri"])
    await boost(brest, refused)
    heard = await brest.post_status("Après le partage")
    await arrival(paris, ADMIN, heard)
    assert await is_absent(paris, ADMIN, refused["uri"])


async def given_up(server: Server) -> list[tuple[Any, ...]]:
    """Say why deliveries of a server were given up."""
    return await rows.query(server, "SELECT last_error FROM delivery WHERE due_at IS NULL")
