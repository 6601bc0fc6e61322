"""Meeting actors of other servers, and making our own."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from federation.actors import (
    Met,
    create_local,
    forget_signers,
    keep,
    keep_many,
    meet,
    meet_many,
    prover_of,
    refresh,
    signer_of,
)
from federation.context import Context
from federation.dereference import Dereferencer
from federation.errors import (
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
)
from federation.keys import load_public_key
from federation.objects import actor as actor_object
from federation.signatures import SignedRequest, read_signature, verify
from models.actor import Actor, ActorKey, ActorType, KeyType
from tests import factories
from tests.federation.watchful import WatchfulClient
from tests.world import World

MAX = "https://elsewhere.test/users/max"


def dereferencer(ctx: Context) -> Dereferencer:
    return Dereferencer(ctx.client, ctx.signer)


# Theirs


async def test_an_unknown_actor_is_fetched_and_kept(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    actor = await meet(MAX, ctx, dereferencer(ctx))
    assert (actor.username, actor.host, actor.handle_host) == ("max", "elsewhere.test", "elsewhere.test")
    assert not actor.is_local
    assert await Actor.exists(uri=MAX)
    assert ctx.known.actors[MAX] is actor


async def test_a_known_actor_is_not_fetched(ctx: Context, world: World, remote_actor: Actor) -> None:
    assert (await meet(remote_actor.uri, ctx.for_batch(), dereferencer(ctx))).id == remote_actor.id
    assert world.fetched == []


async def test_several_who_need_one_actor_at_once_fetch_it_once(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    ctx = replace(ctx, client=WatchfulClient(world))
    met = await asyncio.gather(*(meet(MAX, ctx, dereferencer(ctx)) for _ in range(5)))
    assert {actor.id for actor in met} == {met[0].id}
    assert world.fetched == [MAX]


async def test_two_workers_may_meet_one_actor_at_once(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    ctx = replace(ctx, client=WatchfulClient(world))
    batches = [ctx.for_batch() for _ in range(4)]
    met = await asyncio.gather(*(meet(MAX, batch, dereferencer(ctx)) for batch in batches))
    assert {actor.id for actor in met} == {(await Actor.get(uri=MAX)).id}


def met(uri: str, ctx: Context, **more: Any) -> Met:
    return Met(actor_object.read(factories.actor_document(uri, **more), now=ctx.now()))


async def test_many_are_kept_together_new_or_met_before(ctx: Context, remote_actor: Actor) -> None:
    items = [
        met(MAX, ctx),
        met(remote_actor.uri, ctx, name="Noor N."),
        met("https://far.test/users/lea", ctx),
        met(MAX, ctx, name="Max M."),
    ]
    await keep_many(items)
    rows = {row.uri: row for row in await Actor.filter(is_local=False)}
    assert [item.actor and item.actor.id for item in items] == [rows[str(item.columns["uri"])].id for item in items]
    assert rows[remote_actor.uri].id == remote_actor.id
    assert {row.display_name for row in rows.values()} >= {"Noor N.", "Max M."}


async def test_one_that_cannot_be_kept_does_not_keep_the_others_from_it(ctx: Context, db: str) -> None:
    items = [met(MAX, ctx), met("https://far.test/users/lea", ctx)]
    items[1].columns["inbox_uri"] = None
    await keep_many(items)
    assert items[0].actor == await Actor.get(uri=MAX)
    assert items[1].actor is None
    assert isinstance(items[1].error, ValueError)


async def test_one_kept_together_with_others_can_be_changed_afterwards(ctx: Context, db: str) -> None:
    item = met(MAX, ctx)
    await keep_many([item, met("https://far.test/users/lea", ctx)])
    assert item.actor is not None
    item.actor.handle_host = "max.test"
    await item.actor.save(update_fields=["handle_host"])
    assert (await Actor.get(uri=MAX)).handle == "max@max.test"


async def test_refreshing_keeps_what_home_says_now(ctx: Context, world: World, remote_actor: Actor) -> None:
    world.serve(factories.actor_document(remote_actor.uri, name="Noor N."))
    world.pass_time(days=1)
    await Actor.filter(id=remote_actor.id).update(handle_host="noor.test", gone_at=ctx.now())

    await refresh(remote_actor.uri, ctx, dereferencer(ctx))

    found = await Actor.get(id=remote_actor.id)
    assert (found.display_name, found.fetched_at, found.handle_host, found.gone_at) == (
        "Noor N.",
        ctx.now(),
        "noor.test",
        None,
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"id": "https://elsewhere.test/users/other"}, FederationError),
        ({"id": "https://far.test/users/noor"}, NotAuthorised),
        ({"type": "Note"}, MalformedActivity),
        ({"type": "Tombstone"}, ObjectGone),
        ({"inbox": None}, MalformedActivity),
    ],
)
async def test_what_home_serves_must_be_that_actor(
    ctx: Context, world: World, change: dict[str, Any], error: type[FederationError]
) -> None:
    world.serve(factories.actor_document(MAX) | change, url=MAX)
    with pytest.raises(error):
        await meet(MAX, ctx, dereferencer(ctx))
    assert await Actor.all().count() == 0


async def test_one_who_calls_itself_otherwise_is_not_kept_under_this_name(ctx: Context, world: World) -> None:
    page = "https://elsewhere.test/@max"
    world.serve(factories.actor_document(MAX))
    world.serve(factories.actor_document(MAX), url=page)
    with pytest.raises(MalformedActivity, match="calls itself"):
        await meet(page, ctx, dereferencer(ctx))


async def test_nobody_of_a_blocked_domain_is_met(ctx: Context, world: World, blocked_origin: str) -> None:
    uri = f"{blocked_origin}/users/troll"
    world.serve(factories.actor_document(uri))
    with pytest.raises(RejectedByPolicy):
        await meet(uri, ctx, dereferencer(ctx))
    assert world.fetched == []


async def test_nobody_is_made_here_by_asking_for_them(ctx: Context, world: World) -> None:
    with pytest.raises(NotAuthorised, match="nobody here"):
        await meet(ctx.names.actor(7), ctx, dereferencer(ctx))
    assert world.fetched == []


async def test_those_who_cannot_be_met_are_named_with_the_reason(ctx: Context, world: World) -> None:
    world.serve(factories.actor_document(MAX))
    world.statuses["https://slow.test/1"] = 503
    failed = await meet_many([MAX, MAX, "https://slow.test/1", "https://void.test/1"], ctx, dereferencer(ctx))
    assert {uri: type(error) for uri, error in failed.items()} == {
        "https://slow.test/1": RemoteUnavailable, "https://void.test/1": ObjectGone,
    }  # fmt: skip
    assert await Actor.exists(uri=MAX)


async def test_an_actor_kept_twice_is_one_row(ctx: Context) -> None:
    columns = actor_object.read(factories.actor_document(MAX), now=ctx.now())
    first, second = await keep(dict(columns)), await keep(columns | {"display_name": "Max M."})
    assert (first.id, second.display_name) == (second.id, "Max M.")


# Ours


async def test_an_actor_of_ours_has_its_names_and_two_keys(ctx: Context) -> None:
    actor = await create_local(ctx.names, ActorType.PERSON, "Zoe", display_name="Zoé", now=ctx.now())
    assert (actor.uri, actor.url) == (f"https://lille.test/actors/{actor.id}", "https://lille.test/@Zoe")
    assert (actor.local_name, actor.handle, actor.is_local) == ("zoe", "Zoe", True)
    assert (actor.delivery_uri, actor.host) == ("https://lille.test/inbox", "lille.test")
    keys = {key.type: key for key in await ActorKey.filter(actor_id=actor.id)}
    assert keys[KeyType.RSA].uri == actor.key_uri == f"{actor.uri}#main-key"
    assert keys[KeyType.RSA].public == actor.public_key_pem
    assert keys[KeyType.ED25519].public.startswith("z6Mk")


async def test_a_username_is_taken_whatever_its_case(ctx: Context, member: Actor) -> None:
    with pytest.raises(IntegrityError):
        await create_local(ctx.names, ActorType.PERSON, "ZOE", now=ctx.now())


async def test_the_instance_actor_bears_the_servers_name(ctx: Context) -> None:
    actor = await create_local(
        ctx.names, ActorType.APPLICATION, "instance", now=ctx.now(), uri=ctx.names.instance_actor
    )
    assert (actor.uri, actor.url, actor.is_discoverable) == ("https://lille.test/actor", "https://lille.test", False)


async def test_a_signer_signs_as_its_actor(ctx: Context, member: Actor) -> None:
    signer = await signer_of(member.id)
    headers = signer.sign("POST", "https://far.test/inbox", b"{}", now=ctx.now())
    signature = read_signature(SignedRequest("POST", "/inbox", headers, b"{}"), now=ctx.now())
    verify(signature, load_public_key(member.public_key_pem))


async def test_a_key_is_parsed_once_until_it_is_forgotten(member: Actor) -> None:
    signer = await signer_of(member.id)
    assert await signer_of(member.id) is signer
    forget_signers()
    assert await signer_of(member.id) is not signer


async def test_nobody_signs_or_proves_as_another_servers_actor(remote_actor: Actor) -> None:
    for key_of in (signer_of, prover_of):
        with pytest.raises(NotAuthorised, match="no private key"):
            await key_of(remote_actor.id)
