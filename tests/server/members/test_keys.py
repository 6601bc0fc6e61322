"""New keys for an actor of ours, and what others do with theirs."""

import pytest

from federation import delivery, proofs
from federation.actors import KEY_LIFETIME, prover_of, signer_of
from federation.context import Context
from federation.errors import BadSignature, NotAuthorised
from federation.jsonld import load
from federation.keys import load_private_key, load_public_key, load_public_multibase
from federation.signatures import SignedRequest, Signer, read_signature, verify
from federation.verification import signer_uri
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey, ActorType, KeyType
from models.delivery import Delivery
from server.errors import Forbidden
from server.members.keys import UPDATE_PAUSE, rotate
from server.members.profiles import document_of
from tests import factories
from tests.world import ORIGIN, World, key_pair


async def keys_of(actor: Actor) -> dict[KeyType, ActorKey]:
    return {key.type: key for key in await ActorKey.filter(actor_id=actor.id)}


async def test_new_keys_have_new_names(member: Actor, ctx: Context) -> None:
    seen = {key.uri for key in (await keys_of(member)).values()}
    for _ in range(2):
        await rotate(member, ctx)
        names = {key.uri for key in (await keys_of(member)).values()}
        assert len(names) == 2
        assert not names & seen
        assert all(name.startswith(f"{member.uri}#") for name in names)
        seen |= names


async def test_the_document_shows_the_new_keys_alone(member: Actor, ctx: Context) -> None:
    before = await keys_of(member)
    await rotate(member, ctx)
    after, document = await keys_of(member), await document_of(await Actor.get(id=member.id), ctx)
    assert document["publicKey"]["id"] == after[KeyType.RSA].uri == (await Actor.get(id=member.id)).key_uri
    assert document["publicKey"]["publicKeyPem"] == after[KeyType.RSA].public != before[KeyType.RSA].public
    assert document["assertionMethod"][0]["id"] == after[KeyType.ED25519].uri
    assert after[KeyType.RSA].private_pem != before[KeyType.RSA].private_pem


async def test_the_update_is_proven_and_signed_with_the_new_keys(
    member: Actor, remote_actor: Actor, ctx: Context, world: World
) -> None:
    await factories.follow(remote_actor, member)
    await signer_of(member.id, ctx.now())
    await rotate(member, ctx)

    owed = await Delivery.get().prefetch_related("activity")
    assert owed.due_at == ctx.now() + UPDATE_PAUSE
    await delivery.send(owed, ctx)
    keys = await keys_of(member)
    [sent] = world.sent
    signature = read_signature(SignedRequest("POST", "/inbox", sent.headers, sent.body), now=ctx.now())
    assert signature.key_id == keys[KeyType.RSA].uri
    verify(signature, load_public_key(keys[KeyType.RSA].public))
    proof = proofs.read(sent.document, now=ctx.now())
    proofs.verify(proof, load_public_multibase(keys[KeyType.ED25519].public))
    assert sent.document["object"]["publicKey"]["id"] == signature.key_id


async def test_another_process_notices_within_a_bounded_time(member: Actor, ctx: Context, world: World) -> None:
    """The rows change as when another process rotates: nothing in this one is told."""
    old, old_prover = await signer_of(member.id, ctx.now()), await prover_of(member.id, ctx.now())
    for key in (await keys_of(member)).values():
        await ActorKey.filter(id=key.id).update(uri=f"{key.uri}-new")

    assert await signer_of(member.id, ctx.now()) is old
    world.pass_time(seconds=KEY_LIFETIME.total_seconds())
    assert (await signer_of(member.id, ctx.now())).key_id == f"{old.key_id}-new"
    assert (await prover_of(member.id, ctx.now())).key_uri == f"{old_prover.key_uri}-new"


async def test_keys_that_were_destroyed_sign_no_more(member: Actor, ctx: Context, world: World) -> None:
    await signer_of(member.id, ctx.now())
    await ActorKey.filter(actor_id=member.id).delete()
    world.pass_time(seconds=KEY_LIFETIME.total_seconds())
    with pytest.raises(NotAuthorised):
        await signer_of(member.id, ctx.now())


async def test_keys_that_did_not_change_stay_parsed(member: Actor, ctx: Context, world: World) -> None:
    signer = await signer_of(member.id, ctx.now())
    world.pass_time(minutes=1)
    assert await signer_of(member.id, ctx.now()) is signer


async def test_the_server_itself_keeps_its_keys(ctx: Context) -> None:
    with pytest.raises(Forbidden):
        await rotate(Actor(type=ActorType.APPLICATION), ctx)


async def test_the_kept_update_names_no_private_key(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, member)
    await rotate(member, ctx)
    record = await ActivityRecord.get(type="Update", actor_uri=member.uri)
    assert "PRIVATE" not in record.document
    assert load(record.document)["object"]["id"] == member.uri


# Theirs


async def test_another_servers_new_key_of_the_same_name_is_fetched_once(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    world.pass_time(minutes=5)
    world.serve(factories.actor_document(remote_actor.uri, key=1))
    request = world.signed_request(remote_actor.uri, {"id": "x"}, f"{ORIGIN}/inbox", key=1)
    assert await signer_uri(request, ctx) == remote_actor.uri
    fetched = len(world.fetched)
    assert await signer_uri(request, ctx) == remote_actor.uri
    assert len(world.fetched) == fetched
    old = world.signed_request(remote_actor.uri, {"id": "y"}, f"{ORIGIN}/inbox", key=0)
    with pytest.raises(BadSignature):
        await signer_uri(old, ctx)


async def test_another_servers_new_key_of_a_new_name_is_fetched(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    """As this software itself rotates: the old name is gone from the document."""
    name = f"{remote_actor.uri}#rsa-2"
    document = factories.actor_document(remote_actor.uri, key=1)
    document["publicKey"]["id"] = name
    world.serve(document)
    signer = Signer(name, load_private_key(key_pair(1)[0]))
    headers = signer.sign("POST", f"{ORIGIN}/inbox", b"{}", now=world.now, content_type="application/activity+json")
    signed = SignedRequest("POST", "/inbox", {key.lower(): value for key, value in headers.items()}, b"{}")
    assert await signer_uri(signed, ctx) == remote_actor.uri
    assert (await Actor.get(id=remote_actor.id)).key_uri == name
    assert key_pair(1)[1] == (await Actor.get(id=remote_actor.id)).public_key_pem
