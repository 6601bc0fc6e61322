"""Our server and an actor on bovine: it finds us, follows, verifies what we send, and we see what it does."""

from collections.abc import Iterator

import pytest

from tests.peers.bovine_peer import BovinePeer, require_bovine
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually
from tests.scenarios.talk import arrival, count_is, follow, has_followers, is_absent


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server of ours."""
    require_bovine()
    return new_server("lille", "Section de Lille")


@pytest.fixture
def peer(lille: Server) -> Iterator[BovinePeer]:
    """An actor on bovine."""
    with BovinePeer() as running:
        yield running


async def befriend(lille: Server, peer: BovinePeer) -> str:
    """Have the peer follow our member; the member's uri."""
    found = await peer.lookup(f"{ADMIN}@{lille.netloc}")
    asked = await peer.follow(found["id"])
    accepted = await peer.wait(type="Accept", object=asked["id"])
    assert accepted["signed_by"] == found["id"]
    return str(found["id"])


async def test_it_finds_a_member_by_handle_and_follows(lille: Server, peer: BovinePeer) -> None:
    found = await peer.lookup(f"@{ADMIN}@{lille.netloc}")
    assert (found["type"], found["preferredUsername"]) == ("Person", ADMIN)

    ours = await befriend(lille, peer)

    assert ours == found["id"] == (await lille.document(f"/@{ADMIN}"))["id"]
    followers = await lille.api("GET", f"/api/v1/accounts/search?q={peer.handle}")
    assert [account["acct"] for account in followers] == [peer.handle]


async def test_it_verifies_the_signature_and_the_proof_of_what_we_publish(lille: Server, peer: BovinePeer) -> None:
    ours = await befriend(lille, peer)
    status = await lille.post_status("Bonjour «\u202fà tous\u202f» 🌹 #Lille", spoiler_text="Attention")
    published = [await peer.wait(type="Create", object=status["uri"])]
    await lille.api("PUT", f"/api/v1/statuses/{status['id']}", status="Bonsoir")
    published.append(await peer.wait(type="Update", object=status["uri"]))
    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}")
    published.append(await peer.wait(type="Delete", object=status["uri"]))

    assert published[0]["activity"]["object"]["content"] == status["content"]
    assert [(one["signed_by"], one["is_proven"]) for one in published] == [(ours, True)] * 3
    assert (await peer.get(status["uri"]))["type"] == "Tombstone"


async def test_what_is_for_it_alone_is_signed_and_bears_no_proof(lille: Server, peer: BovinePeer) -> None:
    ours = await befriend(lille, peer)
    status = await lille.post_status(f"Entre nous @{peer.handle}", visibility="direct")

    arrived = await peer.wait(type="Create", object=status["uri"])

    assert (arrived["signed_by"], arrived["is_proven"]) == (ours, None)
    assert (await peer.get(status["uri"]))["content"] == status["content"]


async def test_we_see_its_notes_likes_and_boosts_until_it_takes_them_back(lille: Server, peer: BovinePeer) -> None:
    await follow(lille, ADMIN, f"@{peer.handle}")
    ours = await befriend(lille, peer)
    status = await lille.post_status("Qu'en pensez-vous ?")
    await peer.wait(type="Create", object=status["uri"])

    reply = await peer.note("<p>Du bien</p>", mention=[ours], in_reply_to=status["uri"])
    like, announce = await peer.like(status["uri"]), await peer.announce(status["uri"])

    shown = await arrival(lille, ADMIN, {"uri": reply["object_id"]})
    assert (shown["content"], shown["in_reply_to_id"]) == ("<p>Du bien</p>", status["id"])
    assert shown["account"]["acct"] == peer.handle
    for name in ("replies_count", "favourites_count", "reblogs_count"):
        await eventually(lambda name=name: count_is(lille, status, name, 1))
    told = "SELECT n.type FROM notification n JOIN actor a ON a.id = n.actor_id WHERE a.uri = $1"
    kinds = {kind for (kind,) in await rows.query(lille, told, peer.actor_uri)}
    assert {"follow", "mention", "like", "announce"} <= kinds
    for done in (like, announce):
        await peer.undo(done["id"])
    await peer.delete(reply["object_id"])
    for name in ("replies_count", "favourites_count", "reblogs_count"):
        await eventually(lambda name=name: count_is(lille, status, name, 0))
    await eventually(lambda: is_absent(lille, ADMIN, reply["object_id"]))


async def test_our_member_follows_it_likes_its_note_and_leaves(lille: Server, peer: BovinePeer) -> None:
    account_id = await follow(lille, ADMIN, f"@{peer.handle}")
    ours = (await lille.document(f"/@{ADMIN}"))["id"]
    assert await peer.followers() == [ours]
    note = await peer.note("<p>Tribune</p>")
    shown = await arrival(lille, ADMIN, {"uri": note["object_id"]})

    await lille.api("POST", f"/api/v1/statuses/{shown['id']}/favourite")
    await lille.api("POST", f"/api/v1/statuses/{shown['id']}/unfavourite")
    await lille.api("POST", f"/api/v1/accounts/{account_id}/unfollow")

    like = await peer.wait(type="Like", object=note["object_id"])
    undone = await peer.wait(type="Undo", object=like["id"])
    left = await peer.wait(type="Undo", object=peer.actor_uri)
    assert [one["signed_by"] for one in (like, undone, left)] == [ours] * 3

    async def is_alone() -> bool:
        return await peer.followers() == []

    await eventually(is_alone)


async def test_it_stops_following(lille: Server, peer: BovinePeer) -> None:
    before = int((await lille.api("GET", "/api/v1/accounts/lookup", acct=ADMIN))["followers_count"])
    found = await peer.lookup(f"{ADMIN}@{lille.netloc}")
    asked = await peer.follow(found["id"])
    await eventually(lambda: has_followers(lille, ADMIN, before + 1))

    await peer.undo(asked["id"])

    await eventually(lambda: has_followers(lille, ADMIN, before))
