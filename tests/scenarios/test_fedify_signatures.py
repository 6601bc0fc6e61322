"""Signatures and proofs between our server and Fedify: the newer scheme, integrity proofs, forwarding, signed fetches."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.peers.fedify_peer import CAVAGE, RFC9421, FedifyPeer, Json, require_fedify
from tests.scenarios import rows
from tests.scenarios.conftest import NewServer
from tests.scenarios.receiver import Fake, Fediverse
from tests.scenarios.server import ADMIN, Server
from tests.scenarios.talk import arrival, follow

FORWARDER_HOST = "127.0.1.77"


@pytest.fixture(scope="module")
def lille(new_server: NewServer) -> Server:
    """A server of ours."""
    require_fedify()
    return new_server("lille", "Section de Lille")


@pytest.fixture(scope="module")
def strict(new_server: NewServer) -> Server:
    """A server of ours that gives documents to those who sign for them."""
    require_fedify()
    server = new_server("strict", "Section stricte", start=False)
    with (server.folder / "coopole.env").open("a") as settings:
        settings.write("COOPOLE_SIGNED_FETCH=yes\n")
    return server.start()


@pytest.fixture(scope="module")
def peer() -> Iterator[FedifyPeer]:
    """A Fedify server that knocks with RFC 9421 first."""
    require_fedify()
    with FedifyPeer(first_knock=RFC9421) as running:
        yield running


@pytest.fixture
async def forwarder() -> AsyncIterator[tuple[Fediverse, Fake]]:
    """Somebody on a third server who passes on what others said."""
    fediverse = await Fediverse([FORWARDER_HOST], 1).start()
    yield fediverse, fediverse.fakes[0]
    await fediverse.stop()


async def our_actor(server: Server, username: str = ADMIN) -> str:
    return str((await server.document(f"/@{username}"))["id"])


async def received(peer: FedifyPeer, **criteria: Any) -> Json:
    return await peer.wait(timeout_s=20, **criteria)


async def test_our_public_words_are_proven_and_fedify_agrees(lille: Server, peer: FedifyPeer) -> None:
    await peer.befriend("reader", await our_actor(lille))
    shown = await peer.note("reader", "<p>À partager</p>", mention=[await our_actor(lille)])
    status = await lille.post_status("Bonjour «\u202fà tous\u202f» 🌹 #Lille", spoiler_text="Attention")
    arrived = [await received(peer, type="Create", object=status["uri"])]
    await lille.api("PUT", f"/api/v1/statuses/{status['id']}", status="Bonsoir")
    arrived.append(await received(peer, type="Update", object=status["uri"]))
    await lille.api("DELETE", f"/api/v1/statuses/{status['id']}")
    arrived.append(await received(peer, type="Delete", object=status["uri"]))
    theirs = await arrival(lille, ADMIN, {"uri": shown["object_id"]})
    await lille.api("POST", f"/api/v1/statuses/{theirs['id']}/reblog")
    announce = await received(peer, type="Announce", object=shown["object_id"])
    await lille.api("POST", f"/api/v1/statuses/{theirs['id']}/unreblog")
    arrived += [announce, await received(peer, type="Undo", object=announce["id"])]

    assert {one["type"]: one["integrity_proof"] for one in arrived} == {
        "Create": True, "Update": True, "Delete": True, "Announce": True, "Undo": True
    }  # fmt: skip
    assert all(one["activity"]["proof"]["cryptosuite"] == "eddsa-jcs-2022" for one in arrived)


async def test_what_is_not_for_everybody_bears_no_proof(lille: Server, peer: FedifyPeer) -> None:
    asked = await peer.befriend("confidant", await our_actor(lille))
    accepted = await received(peer, type="Accept", object=asked["id"])
    status = await lille.post_status(f"Entre nous @confidant@{peer.host}", visibility="direct")
    arrived = await received(peer, type="Create", object=status["uri"])

    assert (accepted["integrity_proof"], arrived["integrity_proof"]) == (None, None)


async def test_a_host_that_took_the_newer_scheme_gets_it_first_and_verifies_it(lille: Server) -> None:
    with FedifyPeer(first_knock=CAVAGE) as modern:
        took = "INSERT INTO host (name, failures, last_error, signature_scheme) VALUES ($1, 0, '', $2)"
        await rows.query(lille, took, modern.host, "rfc9421")

        asked = await modern.befriend("modern", await our_actor(lille))

        accepted = await received(modern, type="Accept", object=asked["id"])
        assert accepted["http_signature"] == {
            "scheme": RFC9421,
            "verified": True,
            "key_id": f"{await our_actor(lille)}#main-key",
            "reason": None,
        }
        status = await lille.post_status("Bonjour")
        assert (await received(modern, type="Create", object=status["uri"]))["http_signature"]["verified"]


async def said_elsewhere(lille: Server, peer: FedifyPeer, author: str) -> Json:
    """Have somebody our member follows publish a note that is not sent to us; the Create, as another received it."""
    await follow(lille, ADMIN, f"@{author}@{peer.host}")
    note = await peer.note(author, f"<p>{author}</p>", to=["public"], cc=[peer.actor_uri("listener")])
    heard = await peer.wait(type="Create", object=note["object_id"])
    activity: Json = heard["activity"]
    assert activity["proof"]["type"] == "DataIntegrityProof"
    return activity


async def test_what_fedify_proved_is_believed_whoever_brings_it(
    lille: Server, peer: FedifyPeer, forwarder: tuple[Fediverse, Fake]
) -> None:
    fediverse, fake = forwarder
    create = await said_elsewhere(lille, peer, "orator")

    assert await fediverse.send(fake, create, f"{lille.origin}/inbox") == 202

    shown = await arrival(lille, ADMIN, {"uri": create["object"]["id"]})
    assert (shown["content"], shown["account"]["acct"]) == ("<p>orator</p>", f"orator@{peer.host}")


async def test_what_is_not_proven_is_heard_from_home(
    lille: Server, peer: FedifyPeer, forwarder: tuple[Fediverse, Fake]
) -> None:
    fediverse, fake = forwarder
    create = await said_elsewhere(lille, peer, "speaker")
    forged = create | {"object": create["object"] | {"content": "<p>what was never said</p>"}}

    assert await fediverse.send(fake, forged, f"{lille.origin}/inbox") == 202

    shown = await arrival(lille, ADMIN, {"uri": create["object"]["id"]})
    assert shown["content"] == "<p>speaker</p>"


async def test_what_neither_a_proof_nor_its_home_knows_is_refused(
    lille: Server, peer: FedifyPeer, forwarder: tuple[Fediverse, Fake]
) -> None:
    fediverse, fake = forwarder
    create = await said_elsewhere(lille, peer, "silent")
    invented = {**create, "id": f"{create['id']}0"}

    assert await fediverse.send(fake, invented, f"{lille.origin}/inbox") == 403


class TestOurServerWantingSignatures:
    @pytest.mark.parametrize("scheme", [CAVAGE, RFC9421])
    async def test_fedify_reads_us_when_it_signs(self, strict: Server, scheme: Any) -> None:
        with FedifyPeer(first_knock=scheme) as signing:
            uri = await self.actor_uri(strict)
            unsigned = await signing.lookup(uri=f"{uri}/outbox")
            assert not unsigned["found"]
            assert "401" in unsigned["error"]
            bare = await signing.lookup(uri=uri)
            assert bare["object"]["name"] is None

            signed = await signing.lookup(uri=uri, name="probe")
            assert signed["found"], signed
            assert signed["object"]["id"] == uri
            assert signed["object"]["name"]
            assert {knock["scheme"] for knock in signed["knocks"] if knock["url"] == uri} == {scheme}

    async def test_two_servers_that_both_want_signatures_follow_one_another(self, strict: Server) -> None:
        with FedifyPeer(authorized_fetch=True) as careful:
            await follow(strict, ADMIN, f"@careful@{careful.host}")
            note = await careful.note("careful", "<p>Bienvenue</p>")
            shown = await arrival(strict, ADMIN, {"uri": note["object_id"]})
            assert shown["content"] == "<p>Bienvenue</p>"

    async def test_people_read_the_pages(self, strict: Server) -> None:
        assert (await strict.get(f"/@{ADMIN}", accept="text/html"))[0] == 200
        status, _, bare = await strict.get(f"/@{ADMIN}", accept="application/activity+json")
        assert (status, "publicKey" in bare, "outbox" in bare) == (200, True, False)
        address = f"{await self.actor_uri(strict)}/outbox"
        assert (await strict.get(address, accept="application/activity+json"))[0] == 401
        assert (await strict.get("/actor", accept="application/activity+json"))[0] == 200

    async def actor_uri(self, strict: Server) -> str:
        """The uri of the administrator, as WebFinger tells anybody."""
        path = f"/.well-known/webfinger?resource=acct:{ADMIN}@{strict.netloc}"
        jrd = json.loads((await strict.get(path))[2])
        return str(next(link["href"] for link in jrd["links"] if link["rel"] == "self"))
