"""A backup is made while members write, the server is destroyed, and one of the backup takes its place at its address."""

import asyncio
import shutil

import pytest

from server.cli.backups import PASSPHRASE
from tests import databases
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import Server
from tests.scenarios.talk import arrival, follow

SEALING = "quatre mots bien choisis"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """The server that will be lost, with its member zoe."""
    server = new_server("lille", "Section de Lille")
    server.add_member("zoe")
    return server


@pytest.fixture(scope="module")
def brest(new_server: NewServer, lille: Server) -> Server:
    """Another server, whose member noor and zoe follow each other."""
    server = new_server("brest", "Section de Brest")
    server.add_member("noor")
    asyncio.run(follow(server, "noor", f"@zoe@{lille.netloc}"))
    asyncio.run(follow(lille, "zoe", f"@noor@{server.netloc}"))
    return server


async def test_a_lost_server_comes_back_as_it_was(lille: Server, brest: Server, request: pytest.FixtureRequest) -> None:
    lille.set_environment(PASSPHRASE, SEALING)
    before = await lille.document(f"{lille.origin}/@zoe")
    posts = [await lille.post_status(f"Avant {number}", member="zoe") for number in range(5)]
    copy = lille.folder.parent / "lille.zip"
    wrote = asyncio.create_task(write_on(lille))
    said = await asyncio.to_thread(lille.cli, "backup", str(copy), "--sealed")
    later = await wrote
    assert "tried" in said
    last = await lille.post_status("Perdue avec le serveur", member="zoe")
    await arrival(brest, "noor", last)
    assert len(later) >= 5

    lille.kill_everything()
    await asyncio.to_thread(shutil.rmtree, lille.folder)
    url = None
    if databases.KIND == "postgres":
        postgres: databases.PostgresServer = request.getfixturevalue("postgres")
        url = await postgres.create(f"restored_{databases.WORKER}")
    lille.live_in(lille.folder.with_name("elsewhere"), url)
    assert "is whole" in await asyncio.to_thread(lille.cli, "restore", str(copy), "--check")
    said = await asyncio.to_thread(lille.cli, "restore", str(copy))
    assert f"{lille.origin} is as it was on" in said
    await asyncio.to_thread(lille.start)

    after = await lille.document(f"{lille.origin}/@zoe")
    assert (after["id"], after["publicKey"]) == (before["id"], before["publicKey"])
    kept = {uri for (uri,) in await rows.query(lille, "SELECT uri FROM post WHERE is_local")}
    assert {post["uri"] for post in posts} <= kept
    assert last["uri"] not in kept
    again = await lille.post_status("Nous revoilà", member="zoe")
    assert (await arrival(brest, "noor", again))["uri"] == again["uri"]
    answer = await brest.post_status("Content de vous revoir", member="noor")
    await arrival(lille, "zoe", answer)
    refused = await asyncio.to_thread(lille.try_cli, "restore", str(copy))
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr


async def write_on(server: Server) -> list[str]:
    """Publish while the backup is made; the uris."""
    written = []
    for number in range(30):
        written.append((await server.post_status(f"Pendant {number}", member="zoe"))["uri"])
        await asyncio.sleep(0.05)
    return written
