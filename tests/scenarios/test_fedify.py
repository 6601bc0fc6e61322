"""Our server and a Fedify 2.3.6 peer: it reads our documents, follows, receives, answers; and all of it the other way round.

The peer signs its first knock with the one scheme, then with the other; this server reads both.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.peers.fedify_peer import CAVAGE, RFC9421, FedifyPeer, Json, require_fedify
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.server import ADMIN, Server, eventually
from tests.scenarios.talk import arrival, count_is, follow, has_followers, is_absent

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server of ours."""
    require_fedify()
    return new_server("lille", "Section de Lille")


@pytest.fixture(scope="module", params=[CAVAGE, RFC9421])
def peer(request: pytest.FixtureRequest) -> Iterator[FedifyPeer]:
    """A Fedify server, once for each scheme it may knock with first."""
    require_fedify()
    with FedifyPeer(first_knock=request.param) as running:
        yield running


@pytest.fixture
def scheme(request: pytest.FixtureRequest) -> str:
    """The scheme with which `peer` knocks first."""
    chosen: str = request.node.callspec.params["peer"]
    return chosen


@pytest.fixture(autouse=True)
async def nothing_to_complain_about(peer: FedifyPeer) -> AsyncIterator[None]:
    """After each test, Fedify has said no word against our documents, signatures or answers."""
    before = len(await peer.log())
    yield
    assert [entry for entry in (await peer.log())[before:] if not is_expected(entry)] == []


def is_expected(complaint: Json) -> bool:
    """Whether Fedify speaks of the peer's own configuration, or says that what a test deleted is gone."""
    said = f"{complaint['message']} {complaint['error']}"
    return complaint["category"] == "fedify.webfinger.server" or " 410" in said


async def our_actor(lille: Server, username: str = ADMIN) -> Json:
    return await lille.document(f"/@{username}")


async def received(peer: FedifyPeer, **criteria: Any) -> Json:
    """Wait until the peer got something; its own verifier must say that the HTTP signature is true."""
    arrived = await peer.wait(timeout_s=20, **criteria)
    assert arrived["http_signature"]["verified"], arrived["http_signature"]
    assert arrived["http_signature"]["key_id"] == f"{arrived['actor']}#main-key"
    return arrived


async def home_of_peer_note(lille: Server, note: Json) -> Json:
    return await arrival(lille, ADMIN, {"uri": note["object_id"]})


async def test_it_looks_a_member_up_by_handle(lille: Server, peer: FedifyPeer) -> None:
    found = await peer.lookup(handle=f"{ADMIN}@{lille.netloc}")

    assert (found["error"], found["log"]) == (None, [])
    assert found["webfinger"]["subject"] == f"acct:{ADMIN}@{lille.netloc}"
    actor, ours = found["object"], await our_actor(lille)
    assert (actor["type"], actor["id"], actor["preferredUsername"]) == ("Person", ours["id"], ADMIN)
    assert (actor["inbox"], actor["sharedInbox"]) == (ours["inbox"], f"{lille.origin}/inbox")
    assert [actor[name] for name in ("outbox", "followers", "following")] == [
        ours[name] for name in ("outbox", "followers", "following")
    ]
    rsa = {"id": f"{ours['id']}#main-key", "owner": ours["id"], "algorithm": "RSASSA-PKCS1-v1_5"}
    ed25519 = {"id": f"{ours['id']}#ed25519-key", "owner": ours["id"], "algorithm": "Ed25519"}
    assert (actor["publicKeys"], actor["assertionMethods"]) == ([rsa], [ed25519])


async def test_it_looks_a_section_up_and_finds_a_group(lille: Server, peer: FedifyPeer) -> None:
    found = await peer.lookup(handle=f"lille@{lille.netloc}")

    assert (found["error"], found["log"]) == (None, [])
    assert (found["object"]["type"], found["object"]["name"]) == ("Group", "Section de Lille")


async def test_it_reads_the_actor_of_the_server(lille: Server, peer: FedifyPeer) -> None:
    found = await peer.lookup(uri=f"{lille.origin}/actor")

    assert (found["error"], found["log"]) == (None, [])
    assert found["object"]["type"] == "Application"


async def test_it_reads_a_note_whole(lille: Server, peer: FedifyPeer) -> None:
    status = await lille.post_status("Lisez #Lille", spoiler_text="Attention", language="fr")

    found = await peer.lookup(uri=status["uri"])

    assert (found["error"], found["log"]) == (None, [])
    note, ours = found["object"], await our_actor(lille)
    assert (note["type"], note["id"], note["attributedTo"]) == ("Note", status["uri"], [ours["id"]])
    assert (note["to"], note["cc"]) == ([PUBLIC], [ours["followers"]])
    assert note["content"] == status["content"]
    understood = note["understood"]
    assert understood["sensitive"] is True
    assert understood["tag"]["type"].endswith("Hashtag")
    assert understood["url"] == status["url"]


async def test_it_walks_the_collections_of_an_actor(lille: Server, peer: FedifyPeer) -> None:
    uris = [(await lille.post_status(f"Numéro {number}"))["uri"] for number in range(25)]

    outbox = await peer.collection((await our_actor(lille))["outbox"], limit=25)

    assert outbox["type"] == "OrderedCollection"
    assert outbox["total_items"] >= 25
    assert [item["object"]["id"] for item in outbox["items"]] == uris[::-1]
    for name in ("followers", "following", "featured"):
        assert (await peer.collection((await our_actor(lille))[name]))["type"] == "OrderedCollection"


async def test_its_first_knock_is_understood_whichever_scheme_it_uses(
    lille: Server, peer: FedifyPeer, scheme: str
) -> None:
    sent = await peer.follow("knocker", (await our_actor(lille, "lille"))["id"])

    posts = [(knock["scheme"], knock["status"]) for knock in sent["knocks"] if knock["method"] == "POST"]
    assert posts == [(scheme, 202)]
    accepted = await received(peer, type="Accept", object=sent["id"])
    assert accepted["http_signature"]["scheme"] == CAVAGE


async def test_it_follows_receives_replies_and_likes(lille: Server, peer: FedifyPeer) -> None:
    ours = (await our_actor(lille))["id"]
    await peer.befriend("reader", ours)
    status = await lille.post_status(f"Bonjour @reader@{peer.host}")

    arrived = await received(peer, type="Create", object=status["uri"])
    assert arrived["understood"]["object"]["content"] == status["content"]
    assert arrived["understood"]["object"]["tag"]["href"] == peer.actor_uri("reader")

    reply = await peer.note("reader", "<p>Présente</p>", mention=[ours], in_reply_to=status["uri"])
    like = await peer.like("reader", status["uri"])
    announce = await peer.announce("reader", status["uri"])

    shown = await home_of_peer_note(lille, reply)
    assert (shown["content"], shown["in_reply_to_id"]) == ("<p>Présente</p>", status["id"])
    for name in ("replies_count", "favourites_count", "reblogs_count"):
        await eventually(lambda name=name: count_is(lille, status, name, 1))
    told = await rows.query(
        lille,
        "SELECT n.type FROM notification n JOIN actor a ON a.id = n.actor_id WHERE a.uri = $1",
        peer.actor_uri("reader"),
    )
    assert {"follow", "mention", "like", "announce"} <= {kind for (kind,) in told}
    await peer.undo("reader", like["id"])
    await peer.undo("reader", announce["id"])
    await eventually(lambda: count_is(lille, status, "favourites_count", 0))
    await eventually(lambda: count_is(lille, status, "reblogs_count", 0))


async def test_an_edit_and_a_delete_reach_it(lille: Server, peer: FedifyPeer) -> None:
    await peer.befriend("witness", (await our_actor(lille))["id"])
    status = await lille.post_status("Avant")
    await received(peer, type="Create", object=status["uri"])

    await lille.api("PUT", f"/api/v1/statuses/{status['id']}", status="Après")
    updated = await received(peer, type="Update", object=status["uri"])
    assert "Après" in updated["understood"]["object"]["content"]

    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}")
    await received(peer, type="Delete", object=status["uri"])
    assert "410" in (await peer.lookup(uri=status["uri"]))["error"]


async def test_it_stops_following(lille: Server, peer: FedifyPeer) -> None:
    before = await followers_count(lille)
    await peer.befriend("leaver", (await our_actor(lille))["id"])
    assert await followers_count(lille) == before + 1

    await peer.unfollow("leaver", (await our_actor(lille))["id"])

    await eventually(lambda: has_followers(lille, ADMIN, before))


async def followers_count(lille: Server) -> int:
    return int((await lille.api("GET", "/api/v1/accounts/lookup", acct=ADMIN))["followers_count"])


async def test_our_member_follows_it_and_receives_whatever_it_does(lille: Server, peer: FedifyPeer) -> None:
    await follow(lille, ADMIN, f"@writer@{peer.host}")
    asked = await received(peer, type="Follow", object=peer.actor_uri("writer"))
    assert (await peer.actor("writer"))["followers"] == [asked["actor"]]

    note = await peer.note("writer", "<p>Tribune</p>", summary="Politique")
    shown = await home_of_peer_note(lille, note)
    assert (shown["content"], shown["spoiler_text"]) == ("<p>Tribune</p>", "Politique")
    assert shown["account"]["acct"] == f"writer@{peer.host}"

    await peer.update_note("writer", note["object_id"], "<p>Tribune corrigée</p>")

    async def is_corrected() -> bool:
        return "corrigée" in (await home_of_peer_note(lille, note))["content"]

    await eventually(is_corrected)
    await peer.delete_note("writer", note["object_id"])
    await eventually(lambda: is_absent(lille, ADMIN, note["object_id"]))


async def test_what_it_announces_is_shown_until_it_takes_it_back(lille: Server, peer: FedifyPeer) -> None:
    await follow(lille, ADMIN, f"@herald@{peer.host}")
    note = await peer.note("stranger", "<p>Ailleurs</p>")

    announce = await peer.announce("herald", note["object_id"])

    shown = await home_of_peer_note(lille, note)
    assert shown["account"]["acct"] == f"herald@{peer.host}"
    assert shown["reblog"]["account"]["acct"] == f"stranger@{peer.host}"
    await peer.undo("herald", announce["id"])
    await eventually(lambda: is_absent(lille, ADMIN, note["object_id"]))


async def test_what_our_member_does_with_its_note_reaches_it(lille: Server, peer: FedifyPeer) -> None:
    account_id = await follow(lille, ADMIN, f"@author@{peer.host}")
    note = await peer.note("author", "<p>Qu'en dites-vous ?</p>")
    shown = await home_of_peer_note(lille, note)

    await lille.api("POST", f"/api/v1/statuses/{shown['id']}/favourite")
    await lille.api("POST", f"/api/v1/statuses/{shown['id']}/reblog")
    reply = await lille.post_status("Bravo", in_reply_to_id=shown["id"])
    await lille.api("POST", f"/api/v1/statuses/{shown['id']}/unfavourite")
    await lille.api("POST", f"/api/v1/accounts/{account_id}/unfollow")

    like = await received(peer, type="Like", object=note["object_id"])
    await received(peer, type="Announce", object=note["object_id"])
    answered = await received(peer, type="Create", object=reply["uri"])
    assert answered["activity"]["object"]["inReplyTo"] == note["object_id"]
    await received(peer, type="Undo", object=like["id"])
    await received(peer, type="Undo", object_type="Follow", object=peer.actor_uri("author"))
    assert (await peer.actor("author"))["followers"] == []


async def test_a_direct_note_is_for_whom_it_names(lille: Server, peer: FedifyPeer) -> None:
    ours = (await our_actor(lille))["id"]

    note = await peer.note("confidant", "<p>Entre nous</p>", to=[ours], cc=[], mention=[ours])

    assert (await home_of_peer_note(lille, note))["visibility"] == "direct"


async def test_its_profile_changes_and_it_goes(lille: Server, peer: FedifyPeer) -> None:
    account_id = await follow(lille, ADMIN, f"@passing@{peer.host}")

    await peer.update_profile("passing", display_name="Section Nord")

    async def is_renamed() -> bool:
        account = await lille.api("GET", f"/api/v1/accounts/{account_id}")
        return bool(account["display_name"] == "Section Nord")

    await eventually(is_renamed)
    await peer.delete_actor("passing")

    async def is_gone() -> bool:
        return (await lille.get(f"/api/v1/accounts/{account_id}"))[0] == 404

    await eventually(is_gone)


async def test_a_server_that_asks_for_signed_fetches_gets_them(lille: Server) -> None:
    with FedifyPeer(authorized_fetch=True) as strict:
        await follow(lille, ADMIN, f"@careful@{strict.host}")
        note = await strict.note("careful", "<p>Bienvenue</p>")

        assert (await home_of_peer_note(lille, note))["content"] == "<p>Bienvenue</p>"
