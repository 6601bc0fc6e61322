"""A whole conversation with Fedify, in both schemes of first knock, and its verdict on every signature and proof in it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.fedify_peer import CAVAGE, RFC9421, FedifyPeer, Json, require_fedify
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually
from tests.scenarios.talk import arrival, count_is, follow, has_followers, is_absent

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
PUBLISHED = {"Create", "Update", "Delete", "Announce"}


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server of ours."""
    require_fedify()
    return new_server("lille", "Section de Lille")


@pytest.fixture(params=[CAVAGE, RFC9421])
def peer(request: pytest.FixtureRequest) -> Iterator[FedifyPeer]:
    """A Fedify server, once for each scheme it may knock with first."""
    with FedifyPeer(first_knock=request.param) as running:
        yield running


@pytest.fixture
def scheme(request: pytest.FixtureRequest) -> str:
    """The scheme with which `peer` knocks first."""
    chosen: str = request.node.callspec.params["peer"]
    return chosen


@pytest.fixture
async def ours(lille: Server) -> str:
    """The uri of our member."""
    return str((await lille.document(f"/@{ADMIN}"))["id"])


async def received(peer: FedifyPeer, **criteria: Any) -> Json:
    return await peer.wait(timeout_s=20, verified=None, **criteria)


def is_public(activity: Json) -> bool:
    """Whether an activity is addressed to everybody."""
    return PUBLIC in [*as_list(activity.get("to")), *as_list(activity.get("cc"))]


def as_list(value: Any) -> list[Any]:
    """JSON-LD writes one value as itself."""
    return value if isinstance(value, list) else [] if value is None else [value]


async def test_every_word_of_ours_is_signed_and_every_public_one_proven(
    lille: Server, peer: FedifyPeer, ours: str
) -> None:
    account_id = await follow(lille, ADMIN, f"@amina@{peer.host}")
    asked = await peer.befriend("amina", ours)
    note = await peer.note("amina", "<p>Qui vient ?</p>")
    shown = await arrival(lille, ADMIN, {"uri": note["object_id"]})

    status = await lille.post_status(f"Nous @amina@{peer.host}", in_reply_to_id=shown["id"])
    direct = await lille.post_status(f"Entre nous @amina@{peer.host}", visibility="direct")
    private = await lille.post_status("Pour qui me suit", visibility="private")
    await received(peer, type="Create", object=direct["uri"])
    await received(peer, type="Create", object=private["uri"])
    await received(peer, type="Create", object=status["uri"])
    await lille.api("PUT", f"/api/v1/statuses/{status['id']}", status=f"Nous deux @amina@{peer.host}")
    await received(peer, type="Update", object=status["uri"])
    for verb, undo, kind in (("favourite", "unfavourite", "Like"), ("reblog", "unreblog", "Announce")):
        await lille.api("POST", f"/api/v1/statuses/{shown['id']}/{verb}")
        done = await received(peer, type=kind, object=note["object_id"])
        await lille.api("POST", f"/api/v1/statuses/{shown['id']}/{undo}")
        await received(peer, type="Undo", object=done["id"])
    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}")
    await received(peer, type="Delete", object=status["uri"])
    await lille.api("POST", f"/api/v1/accounts/{account_id}/unfollow")
    await received(peer, type="Undo", object=peer.actor_uri("amina"))

    said = await peer.received(verified=None, actor=ours)
    assert [one["object_id"] for one in said if one["type"] == "Accept"] == [asked["id"]]
    assert {one["type"] for one in said} == {
        "Follow",
        "Accept",
        "Create",
        "Update",
        "Delete",
        "Like",
        "Announce",
        "Undo",
    }
    for one in said:
        assert (one["verified"], one["http_signature"]["verified"]) == (True, True), one
        assert one["http_signature"]["key_id"] == f"{ours}#main-key"
        assert one["integrity_proof"] is (True if is_public(one["activity"]) else None), one
    assert {one["type"] for one in said if one["integrity_proof"]} >= PUBLISHED
    assert [one for one in said if one["object_id"] in (direct["uri"], private["uri"]) and one["integrity_proof"]] == []


async def test_everything_it_says_is_taken_at_its_first_knock(
    lille: Server, peer: FedifyPeer, scheme: str, ours: str
) -> None:
    await follow(lille, ADMIN, f"@bruno@{peer.host}")
    before = await followers_count(lille)
    status = await lille.post_status("Dites-nous")
    sent = [await peer.befriend("bruno", ours)]
    await eventually(lambda: has_followers(lille, ADMIN, before + 1))

    note = await peer.note("bruno", "<p>Une note</p>")
    reply = await peer.note("bruno", "<p>Une réponse</p>", mention=[ours], in_reply_to=status["uri"])
    like = await peer.like("bruno", status["uri"])
    announce = await peer.announce("bruno", status["uri"])
    sent += [note, reply, like, announce]
    for post in (note, reply):
        await arrival(lille, ADMIN, {"uri": post["object_id"]})
    for name in ("replies_count", "favourites_count", "reblogs_count"):
        await eventually(lambda name=name: count_is(lille, status, name, 1))
    sent.append(await peer.update_note("bruno", note["object_id"], "<p>Une note corrigée</p>"))

    async def is_corrected() -> bool:
        return "corrigée" in (await arrival(lille, ADMIN, {"uri": note["object_id"]}))["content"]

    await eventually(is_corrected)
    sent += [await peer.undo("bruno", done["id"]) for done in (like, announce)]
    sent += [await peer.delete_note("bruno", post["object_id"]) for post in (note, reply)]
    sent.append(await peer.unfollow("bruno", ours))
    for name in ("replies_count", "favourites_count", "reblogs_count"):
        await eventually(lambda name=name: count_is(lille, status, name, 0))
    await eventually(lambda: is_absent(lille, ADMIN, note["object_id"]))
    await eventually(lambda: has_followers(lille, ADMIN, before))

    knocks = [knock for one in sent for knock in one["knocks"] if knock["method"] == "POST"]
    assert [(knock["scheme"], knock["status"]) for knock in knocks] == [(scheme, 202)] * len(sent)


async def followers_count(lille: Server) -> int:
    return int((await lille.api("GET", "/api/v1/accounts/lookup", acct=ADMIN))["followers_count"])


async def test_an_accept_returns_the_follow_as_it_was_sent(lille: Server, peer: FedifyPeer, ours: str) -> None:
    asked = await peer.befriend("chloe", ours)

    [follow_sent] = [knock["activity"] for knock in asked["knocks"] if knock["method"] == "POST"]
    accepted = (await received(peer, type="Accept", object=asked["id"]))["activity"]
    assert accepted["object"] == {
        name: value for name, value in follow_sent.items() if name not in ("@context", "proof", "signature")
    }


async def test_whom_we_follow_reads_our_follow_by_its_uri_and_nobody_else_does(
    lille: Server, peer: FedifyPeer, ours: str
) -> None:
    await follow(lille, ADMIN, f"@dalia@{peer.host}")
    asked = await received(peer, type="Follow", object=peer.actor_uri("dalia"))

    read = await peer.lookup(uri=asked["id"], name="dalia")

    assert (read["error"], read["log"]) == (None, [])
    assert (read["object"]["type"], read["object"]["id"]) == ("Follow", asked["id"])
    named = {name: read["document"][name] for name in ("id", "type", "actor", "object")}
    assert named == {name: asked["activity"][name] for name in named}
    for other in (None, "somebody"):
        unread = await peer.lookup(uri=asked["id"], name=other)
        assert (unread["found"], "404" in unread["error"]) == (False, True)
