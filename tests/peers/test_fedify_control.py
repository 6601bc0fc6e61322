"""What a test can ask of a Fedify peer, what the peer refuses, and how its process begins and ends."""

from __future__ import annotations

import json

import aiohttp
import pytest

from tests.peers.fedify_peer import FedifyError, FedifyPeer, require_fedify

Pair = tuple[FedifyPeer, FedifyPeer]


async def test_a_stranger_is_not_found_and_the_reason_is_told(plain_pair: Pair) -> None:
    here, there = plain_pair

    found = await here.lookup(uri=there.actor_uri("nobody"))

    assert not found["found"]
    assert "404" in found["error"]


async def test_a_peer_never_leaves_this_machine(plain_pair: Pair) -> None:
    here, _ = plain_pair

    found = await here.lookup(uri="https://example.org/users/amina")

    assert not found["found"]
    assert "refused to leave this machine" in found["error"]


async def test_any_activity_can_be_sent_as_json_ld(plain_pair: Pair) -> None:
    here, there = plain_pair
    report = {"type": "Flag", "content": "spam", "object": there.actor_uri("spammer")}

    sent = await here.send("reporter", report, deliver_to=[there.actor_uri("spammer")])

    assert (await there.wait(type="Flag", id=sent["id"]))["activity"]["content"] == "spam"


async def test_a_collection_is_walked_to_its_end(plain_pair: Pair) -> None:
    here, there = plain_pair
    await here.befriend("counted", there.actor_uri("counting"))

    followers = await here.collection(f"{there.actor_uri('counting')}/followers")

    assert (followers["type"], followers["total_items"]) == ("OrderedCollection", 1)
    assert [item["id"] for item in followers["items"]] == [here.actor_uri("counted")]


async def test_an_unsigned_activity_is_refused_and_remembered_as_such(plain_pair: Pair) -> None:
    here, there = plain_pair
    forged = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": f"{here.origin}/activities/forged",
        "type": "Like",
        "actor": here.actor_uri("framed"),
        "object": there.actor_uri("victim"),
    }

    async with aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/activity+json"}
        answer = await session.post(f"{there.origin}/inbox", data=json.dumps(forged), headers=headers)

    assert answer.status == 401
    refused = await there.wait(id=forged["id"], verified=False)
    assert (refused["refused_because"], refused["status"]) == ("noSignature", 401)
    assert await there.received(id=forged["id"]) == []


async def test_what_is_not_json_is_refused_and_kept_as_text(plain_pair: Pair) -> None:
    _, there = plain_pair

    async with aiohttp.ClientSession() as session:
        answer = await session.post(f"{there.origin}/users/amina/inbox", data="<Follow/>")

    assert answer.status == 400
    assert "<Follow/>" in [arrival["body"] for arrival in await there.received(verified=False)]


async def test_waiting_in_vain_ends_and_tells_what_came_instead(plain_pair: Pair) -> None:
    here, there = plain_pair
    follow = await here.befriend("follower7", there.actor_uri("followed7"))

    with pytest.raises(FedifyError, match="in time") as caught:
        await there.wait(type="Block", timeout_s=0.05)

    assert follow["id"] in str(caught.value)


async def test_a_wait_for_something_later_does_not_see_what_came_before(plain_pair: Pair) -> None:
    here, there = plain_pair
    follow = await here.befriend("follower8", there.actor_uri("followed8"))
    first = await there.wait(type="Follow", id=follow["id"])

    again = await here.follow("follower8", there.actor_uri("followed8"))

    second = await there.wait(type="Follow", actor=here.actor_uri("follower8"), after=first["seq"])
    assert second["id"] == again["id"]


async def test_nonsense_is_refused_with_a_sentence(plain_pair: Pair) -> None:
    here, there = plain_pair

    with pytest.raises(FedifyError, match=r"never followed"):
        await here.unfollow("aloof", there.actor_uri("amina"))
    with pytest.raises(FedifyError, match=r"Fedify makes nothing of"):
        await here.follow("aloof", there.actor_uri("nobody"))


async def test_a_delivery_that_fails_says_why(plain_pair: Pair) -> None:
    here, _ = plain_pair
    with FedifyPeer() as brief:
        await brief.befriend("reader", here.actor_uri("late"))

    with pytest.raises(FedifyError, match="ECONNREFUSED"):
        await here.note("late", "<p>Too late</p>")


async def test_authorized_fetch_refuses_the_unsigned_and_serves_the_signed(plain_pair: Pair) -> None:
    here, _ = plain_pair
    with FedifyPeer(authorized_fetch=True) as strict:
        unsigned = await here.lookup(uri=strict.actor_uri("amina"))
        signed = await here.lookup(uri=strict.actor_uri("amina"), name="visitor")

    assert not unsigned["found"]
    assert "401" in unsigned["error"]
    assert signed["object"]["preferredUsername"] == "amina"


def test_a_stopped_peer_is_gone_and_stopping_twice_is_harmless() -> None:
    require_fedify()
    peer = FedifyPeer()
    peer.start()
    assert peer.pid is not None

    peer.stop()
    peer.stop()

    assert peer.pid is None


def test_a_peer_that_cannot_start_says_why() -> None:
    require_fedify()

    with pytest.raises(FedifyError, match="--first-knock must be one of"):
        FedifyPeer(first_knock="shouting").start()  # type: ignore[arg-type]
