"""Which followers live on the server that asks: its own business, and nobody else's."""

from pathlib import Path

import orjson
import pytest

from federation.context import Context
from federation.follower_digests import HEADER
from models.actor import Actor
from models.errand import Errand, ErrandType
from models.follow import Follow, FollowState
from tests import factories
from tests.federation.test_follower_sync import PARTIAL, request
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.poster import Poster, build_app, follow_of
from tests.world import ORIGIN, World


@pytest.fixture
async def followed(member: Actor, remote_actor: Actor, stranger: Actor) -> Actor:
    """A member whom actors of two other servers follow."""
    for follower in (remote_actor, stranger):
        await factories.follow(follower, member)
    return member


def address(actor: Actor) -> str:
    return f"{actor.uri}/followers_synchronization"


async def test_a_server_learns_which_of_its_own_follow(
    asker: Asker, followed: Actor, remote_actor: Actor, world: World
):
    reply = await asker.get(address(followed), signer=world.signer(remote_actor.uri))

    assert reply.json == {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": address(followed),
        "type": "OrderedCollection",
        "partOf": followed.followers_uri,
        "totalItems": 1,
        "orderedItems": [remote_actor.uri],
    }
    assert reply.headers["cache-control"] == "private, no-store"


async def test_an_actor_nobody_has_met_asks_for_its_server(asker: Asker, followed: Actor, world: World):
    instance = "https://far.test/actor"
    world.serve(factories.actor_document(instance, kind="Application"))
    reply = await asker.get(address(followed), signer=world.signer(instance))
    assert reply.json["orderedItems"] == ["https://far.test/users/noor"]


async def test_a_server_without_followers_gets_an_empty_list(asker: Asker, followed: Actor, world: World):
    world.serve(factories.actor_document("https://third.test/actor"))
    reply = await asker.get(address(followed), signer=world.signer("https://third.test/actor"))
    assert (reply.json["totalItems"], reply.json["orderedItems"]) == (0, [])


async def test_who_asks_to_follow_is_no_follower_yet(asker: Asker, followed: Actor, remote_actor: Actor, world: World):
    await Follow.filter(follower_id=remote_actor.id).update(state=FollowState.REQUESTED)
    reply = await asker.get(address(followed), signer=world.signer(remote_actor.uri))
    assert reply.json["orderedItems"] == []


async def test_nobody_learns_anything_without_a_signature(asker: Asker, followed: Actor):
    assert (await asker.get(address(followed))).status == 401


async def test_a_signature_of_another_key_is_none(asker: Asker, followed: Actor, remote_actor: Actor, world: World):
    assert (await asker.get(address(followed), signer=world.signer(remote_actor.uri, key=1))).status == 401


async def test_a_blocked_server_learns_nothing(asker: Asker, followed: Actor, remote_actor: Actor, world: World):
    await factories.blocked_origin("far.test")
    assert (await asker.get(address(followed), signer=world.signer(remote_actor.uri))).status == 403


async def test_a_header_that_differs_sets_the_comparison_going(
    ctx: Context, section: Actor, member: Actor, remote_actor: Actor, world: World, tmp_path: Path
):
    await factories.follow(member, remote_actor)
    claim = request(world, remote_actor, "0" * 64).headers[HEADER]
    body = orjson.dumps(follow_of(section))
    signer = world.signer(remote_actor.uri).bearing({HEADER: claim})

    reply = await Poster(build_app(ctx, tmp_path), world).send(
        body, signer.sign("POST", f"{ORIGIN}/inbox", body, now=world.now)
    )

    assert reply.status == 202
    assert [(row.type, row.uri) for row in await Errand.all()] == [(ErrandType.FOLLOWERS, PARTIAL)]
