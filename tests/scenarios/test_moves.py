"""A member moves from one section's server to another's: whoever followed her, wherever they are, follows her there."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.peers.fedify_peer import FedifyPeer, require_fedify
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server, eventually
from tests.scenarios.talk import arrival, follow, has_followers


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server that zoe leaves; ali, who stays, follows her."""
    require_fedify()
    server = new_server("lille", "Section de Lille")
    server.add_members("zoe", "ali")
    asyncio.run(follow(server, "ali", f"@zoe@{server.netloc}"))
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer, lille: Server) -> Server:
    """The server where she has a new account; noor, who is there already, follows her old one."""
    server = new_server("brest", "Section de Brest")
    server.add_members("zoe", "noor")
    asyncio.run(follow(server, "noor", f"@zoe@{lille.netloc}"))
    return server


@pytest.fixture(scope="module")
def paris(new_server: NewServer, lille: Server) -> Server:
    """A third server; max, who is there, follows her old account."""
    server = new_server("paris", "Bureau national")
    server.add_members("max")
    asyncio.run(follow(server, "max", f"@zoe@{lille.netloc}"))
    return server


@pytest.fixture(scope="module")
def peer() -> Iterator[FedifyPeer]:
    """A Fedify server."""
    require_fedify()
    with FedifyPeer() as running:
        yield running


async def uri_of(server: Server, username: str = "zoe") -> str:
    return str((await server.document(f"/@{username}"))["id"])


async def standing(server: Server, member: str, handle: str) -> bool:
    """Whether a member follows the account of this handle."""
    accounts = await server.api("GET", "/api/v1/accounts/search", member=member, q=handle, limit=1)
    return bool(accounts) and await server.follows(accounts[0]["id"], member=member)


async def test_nobody_moves_to_an_account_that_does_not_say_it_is_theirs(
    lille: Server, brest: Server, paris: Server
) -> None:
    refused = lille.try_cli("member", "move", "zoe", f"@noor@{brest.netloc}")

    assert refused.returncode == 1
    assert refused.stderr.startswith("coopole: ")
    assert "movedTo" not in await lille.document("/@zoe")
    assert await standing(paris, "max", f"@zoe@{lille.netloc}")
    assert await has_followers(brest, "noor", 0)


async def test_her_followers_on_every_server_follow_her_to_the_new_one(
    lille: Server, brest: Server, paris: Server, peer: FedifyPeer
) -> None:
    old, new = await uri_of(lille), await uri_of(brest)
    await peer.befriend("reader", old)

    brest.cli("member", "alias", "zoe", f"@zoe@{lille.netloc}")
    lille.cli("member", "move", "zoe", f"@zoe@{brest.netloc}")

    assert (await brest.document("/@zoe"))["alsoKnownAs"] == [old]
    assert (await lille.document("/@zoe"))["movedTo"] == new
    moved = await peer.wait(type="Move", object=old, timeout_s=20)
    assert (moved["http_signature"]["verified"], moved["activity"]["target"]) == (True, new)
    await eventually(lambda: has_followers(brest, "zoe", 4))
    for server, member in ((lille, "ali"), (brest, "noor"), (paris, "max")):
        await eventually(lambda server=server, member=member: standing(server, member, f"@zoe@{brest.netloc}"))
        assert not await standing(server, member, f"@zoe@{lille.netloc}")
    await peer.wait(type="Accept", actor=new, timeout_s=20)
    assert (await peer.actor("reader"))["following"] == [new]
    await eventually(lambda: has_followers(lille, "zoe", 0))


async def test_what_she_publishes_there_reaches_whoever_followed_her(
    lille: Server, brest: Server, paris: Server, peer: FedifyPeer
) -> None:
    status = await brest.post_status("Me voici à Brest", member="zoe")

    for server, member in ((lille, "ali"), (brest, "noor"), (paris, "max")):
        assert (await arrival(server, member, status))["content"] == status["content"]
    await peer.wait(type="Create", object=status["uri"], timeout_s=20)


async def test_she_publishes_no_more_where_she_was(lille: Server, brest: Server) -> None:
    assert lille.try_cli("post", "zoe", "Encore ici").returncode == 1

    await lille.api("POST", "/api/v1/statuses", member="zoe", status="Encore ici", expect=403)
