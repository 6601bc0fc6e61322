"""Who signed a request: the one door through which anything from another server passes."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from federation import verification
from federation.context import Context
from federation.errors import BadSignature, FederationError, ObjectGone, RejectedByPolicy, RemoteUnavailable
from federation.keys import load_public_key
from federation.signatures import SignedRequest
from federation.verification import REFETCH_PAUSE, signer_uri
from models.actor import Actor
from tests import factories
from tests.federation.watchful import WatchfulClient
from tests.world import World, key_pair

INBOX = "https://lille.test/inbox"
MAX = "https://elsewhere.test/users/max"
PAUSE_SECONDS = REFETCH_PAUSE.total_seconds()


def request_of(world: World, actor_uri: str, *, key: int = 0, url: str = INBOX) -> SignedRequest:
    return world.signed_request(actor_uri, factories.create(actor_uri), url, key=key)


# What passes


async def test_a_known_actors_signature_is_known(remote_actor: Actor, ctx: Context, world: World) -> None:
    assert await signer_uri(request_of(world, remote_actor.uri), ctx) == remote_actor.uri
    assert world.fetched == []


async def test_an_unknown_actor_is_met_with_one_fetch(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    for _ in range(3):
        assert await signer_uri(request_of(world, MAX), ctx) == MAX
    assert world.fetched == [MAX]
    assert await Actor.exists(uri=MAX)


async def test_many_requests_of_an_unknown_actor_at_once_fetch_it_once(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    ctx = replace(ctx, client=WatchfulClient(world))
    signers = await asyncio.gather(*(signer_uri(request_of(world, MAX), ctx) for _ in range(5)))
    assert set(signers) == {MAX}
    assert world.fetched == [MAX]


async def test_a_key_may_be_a_document_of_its_own(ctx: Context, world: World) -> None:
    key = {"id": f"{MAX}/key", "owner": MAX, "publicKeyPem": key_pair(0)[1]}
    world.serve(factories.actor_document(MAX, publicKey=key))
    world.serve({"type": "Key"} | key)
    request = _named(world, MAX, f"{MAX}/key")
    assert await signer_uri(request, ctx) == MAX


def _named(world: World, actor_uri: str, key_id: str) -> SignedRequest:
    """A request signed with an actor's key under another name for it."""
    signer = world.signer(actor_uri)
    signer = type(signer)(key_id, signer._private_key)
    headers = signer.sign("POST", INBOX, b"{}", now=world.now, content_type="application/activity+json")
    return SignedRequest("POST", "/inbox", headers, b"{}")


# Keys change


async def test_a_changed_key_is_fetched_anew_once(remote_actor: Actor, ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(remote_actor.uri, key=1))
    world.pass_time(seconds=PAUSE_SECONDS)
    for _ in range(3):
        assert await signer_uri(request_of(world, remote_actor.uri, key=1), ctx) == remote_actor.uri
    assert world.fetched == [remote_actor.uri]


async def test_the_old_key_is_good_for_nothing_then(remote_actor: Actor, ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(remote_actor.uri, key=1))
    world.pass_time(seconds=PAUSE_SECONDS)
    await signer_uri(request_of(world, remote_actor.uri, key=1), ctx)
    with pytest.raises(BadSignature):
        await signer_uri(request_of(world, remote_actor.uri, key=0), ctx)


async def test_bad_signatures_do_not_make_us_fetch_again_and_again(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    world.pass_time(seconds=PAUSE_SECONDS)
    for _ in range(5):
        with pytest.raises(BadSignature):
            await signer_uri(request_of(world, remote_actor.uri, key=1), ctx)
    assert world.fetched == [remote_actor.uri]
    world.pass_time(seconds=PAUSE_SECONDS)
    with pytest.raises(BadSignature):
        await signer_uri(request_of(world, remote_actor.uri, key=1), ctx)
    assert world.fetched == [remote_actor.uri] * 2


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (0, RemoteUnavailable),
        (403, BadSignature),
        (404, ObjectGone),
        (410, ObjectGone),
        (429, RemoteUnavailable),
        (500, RemoteUnavailable),
    ],
)
async def test_a_home_that_does_not_answer_is_not_asked_again_and_again(
    ctx: Context, world: World, is_known: bool, status: int, error: type[FederationError]
) -> None:
    if is_known:
        await factories.remote_actor(ctx, world, MAX)
    world.pass_time(seconds=PAUSE_SECONDS)
    world.statuses[MAX] = status
    for _ in range(5):
        with pytest.raises(error):
            await signer_uri(request_of(world, MAX, key=1), ctx)
    assert world.fetched == [MAX]


async def test_a_home_that_answers_again_is_believed_after_a_while(ctx: Context, world: World) -> None:
    world.statuses[MAX] = 503
    with pytest.raises(RemoteUnavailable):
        await signer_uri(request_of(world, MAX), ctx)
    del world.statuses[MAX]
    world.serve(factories.actor_document(MAX))
    world.pass_time(seconds=PAUSE_SECONDS)
    assert await signer_uri(request_of(world, MAX), ctx) == MAX


async def test_a_key_that_cannot_be_read_is_fetched_anew(remote_actor: Actor, ctx: Context, world: World) -> None:
    await Actor.filter(id=remote_actor.id).update(public_key_pem="broken")
    assert await signer_uri(request_of(world, remote_actor.uri), ctx) == remote_actor.uri
    assert world.fetched == [remote_actor.uri]


async def test_a_key_may_be_used_by_another_process_that_fetched_it(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    await signer_uri(request_of(world, remote_actor.uri), ctx)
    await Actor.filter(id=remote_actor.id).update(public_key_pem=key_pair(1)[1])
    world.pass_time(minutes=11)
    assert await signer_uri(request_of(world, remote_actor.uri, key=1), ctx) == remote_actor.uri
    assert world.fetched == []


def test_a_key_ring_holds_only_so_many_keys(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(verification, "MAX_KEYS", 3)
    ring = verification.KeyRing()
    key = load_public_key(key_pair(0)[1])
    for number in range(5):
        ring.keep(str(number), verification.KnownKey(key, MAX, now, now))
        ring.failed(str(number), BadSignature("no"), now)
    assert [number for number in range(5) if ring.get(str(number), now)] == [2, 3, 4]
    ring.check_pause("0", now)
    with pytest.raises(BadSignature, match="no"):
        ring.check_pause("4", now)


# Keys of others


@pytest.mark.parametrize("is_known", [True, False])
async def test_anothers_key_proves_nothing(ctx: Context, world: World, is_known: bool) -> None:
    if is_known:
        await factories.remote_actor(ctx, world, MAX)
    world.serve(factories.actor_document(MAX))
    with pytest.raises(BadSignature):
        await signer_uri(request_of(world, MAX, key=1), ctx)


async def test_a_key_served_by_another_host_proves_nothing(remote_actor: Actor, ctx: Context, world: World) -> None:
    key_id = "https://evil.test/key"
    world.serve({"id": key_id, "type": "Key", "owner": remote_actor.uri, "publicKeyPem": key_pair(1)[1]})
    with pytest.raises(BadSignature, match="whose key"):
        await signer_uri(_named(world, remote_actor.uri, key_id), ctx)


async def test_a_key_that_names_no_owner_proves_nothing(ctx: Context, world: World) -> None:
    key_id = "https://elsewhere.test/key"
    world.serve({"id": key_id, "type": "Key", "publicKeyPem": key_pair(0)[1]})
    with pytest.raises(BadSignature, match="whose key"):
        await signer_uri(_named(world, MAX, key_id), ctx)


async def test_a_key_that_its_owner_does_not_list_proves_nothing(ctx: Context, world: World) -> None:
    key_id = "https://elsewhere.test/users/eve/key"
    world.serve(factories.actor_document(MAX))
    world.serve({"id": key_id, "type": "Key", "owner": MAX, "publicKeyPem": key_pair(0)[1]})
    with pytest.raises(BadSignature, match="does not call"):
        await signer_uri(_named(world, MAX, key_id), ctx)


async def test_an_actor_that_has_no_key_signs_nothing(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX, publicKey=None))
    with pytest.raises(BadSignature, match="does not call"):
        await signer_uri(request_of(world, MAX), ctx)


@pytest.mark.parametrize(
    "key_id", ["main-key", "acct:max@elsewhere.test", "", "https://[", "https://lille.test/actors/7#main-key"]
)
async def test_a_key_without_an_address_proves_nothing(ctx: Context, world: World, key_id: str) -> None:
    with pytest.raises(BadSignature):
        await signer_uri(_named(world, MAX, key_id), ctx)
    assert world.fetched == []


async def test_a_key_of_ours_proves_nothing_when_it_is_anothers_signature(
    member: Actor, ctx: Context, world: World
) -> None:
    world.pass_time(hours=1)
    with pytest.raises(FederationError):
        await signer_uri(request_of(world, member.uri, key=1), ctx)
    assert world.fetched == []


# Who may not speak here


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_blocked_domain_is_refused_before_anything_is_fetched(
    ctx: Context, world: World, blocked_origin: str, is_known: bool
) -> None:
    uri = f"{blocked_origin}/users/troll"
    if is_known:
        await factories.remote_actor(ctx, world, uri)
    world.serve(factories.actor_document(uri))
    with pytest.raises(RejectedByPolicy, match="blocked"):
        await signer_uri(request_of(world, uri), ctx)
    assert world.fetched == []


async def test_blocked_after_it_was_met_it_is_refused(remote_actor: Actor, ctx: Context, world: World) -> None:
    await signer_uri(request_of(world, remote_actor.uri), ctx)
    await factories.blocked_origin("far.test")
    with pytest.raises(RejectedByPolicy):
        await signer_uri(request_of(world, remote_actor.uri), ctx)


@pytest.mark.parametrize("status", [404, 410])
async def test_an_actor_that_is_gone_signs_nothing(ctx: Context, world: World, status: int) -> None:
    world.statuses[MAX] = status
    with pytest.raises(ObjectGone) as gone:
        await signer_uri(request_of(world, MAX), ctx)
    assert gone.value.is_permanent is (status == 410)


async def test_one_buried_here_signs_again_only_if_its_home_says_that_it_lives(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    await Actor.filter(id=remote_actor.id).update(gone_at=ctx.now(), key_uri=None, public_key_pem="")
    world.statuses[remote_actor.uri] = 410
    with pytest.raises(ObjectGone):
        await signer_uri(request_of(world, remote_actor.uri), ctx)
    del world.statuses[remote_actor.uri]
    world.pass_time(seconds=PAUSE_SECONDS)
    assert await signer_uri(request_of(world, remote_actor.uri), ctx) == remote_actor.uri
    assert (await Actor.get(id=remote_actor.id)).gone_at is None


# The request itself


async def test_an_unsigned_request_is_nobodys(remote_actor: Actor, ctx: Context, world: World) -> None:
    request = request_of(world, remote_actor.uri)
    with pytest.raises(BadSignature):
        await signer_uri(replace(request, headers={k: v for k, v in request.headers.items() if k != "signature"}), ctx)


async def test_a_request_signed_for_another_server_is_not_for_us(
    remote_actor: Actor, ctx: Context, world: World
) -> None:
    with pytest.raises(BadSignature, match="another server"):
        await signer_uri(request_of(world, remote_actor.uri, url="https://elsewhere.test/inbox"), ctx)


@pytest.mark.parametrize("hours", [-13, -2, 2, 13, 24 * 365])
async def test_an_old_request_is_not_replayed(remote_actor: Actor, ctx: Context, world: World, hours: int) -> None:
    request = request_of(world, remote_actor.uri)
    world.pass_time(hours=hours)
    with pytest.raises(BadSignature):
        await signer_uri(request, ctx)


async def test_a_body_is_not_exchanged(remote_actor: Actor, ctx: Context, world: World) -> None:
    with pytest.raises(BadSignature):
        await signer_uri(replace(request_of(world, remote_actor.uri), body=b"{}"), ctx)
