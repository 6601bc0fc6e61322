"""Pushing: who is told, so that only they can read it, what becomes of those who are not there, and nothing is lost."""

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import http_ece
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from federation.context import Context
from federation.http import HttpClient
from models.actor import Actor
from models.member import Member
from models.notification import Notification, NotificationType
from models.oauth import AccessToken
from models.post import Visibility
from models.push import LEASE_SECONDS, Push, PushPolicy, PushSubscription
from server.errors import Invalid
from server.mastodon.entities.push import ALERTS
from server.oauth.tokens import create_token
from server.push import actions
from server.push.encryption import decode, encode
from server.push.identity import public_text
from tests import factories
from tests.federation.loopback import Reply, serve
from tests.world import World
from workers.push import push_all

KEY, SECRET = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
ENDPOINT = "https://push.test/1"


class Broker:
    """A broker that takes marks away."""

    async def delete(self, mark: str) -> None:
        """Take one away."""


async def subscribe(member: Actor, ctx: Context, endpoint: str = ENDPOINT, **more: Any) -> PushSubscription:
    await create_token(await Member.get(actor_id=member.id), ("push", "read"))
    token = await AccessToken.filter(member__actor_id=member.id).order_by("-id").first()
    assert token is not None
    wanted = {"alerts": list(ALERTS), "policy": PushPolicy.ALL, "is_standard": True} | more
    return await actions.subscribe(token.id, endpoint, public_text(KEY), encode(SECRET), ctx, **wanted)


async def tell(member: Actor, actor: Actor, **more: Any) -> Notification:
    return await Notification.create(recipient=member, type=NotificationType.FOLLOW, actor=actor, **more)


async def work(ctx: Context) -> None:
    await push_all({"context": ctx, "redis": Broker()})


def read(body: bytes) -> dict[str, Any]:
    said: dict[str, Any] = orjson.loads(http_ece.decrypt(body, private_key=KEY, auth_secret=SECRET))
    return said


def check_signature(header: str, endpoint_origin: str) -> None:
    token, public = header.removeprefix("vapid t=").split(", k=")
    said, _, signature = token.rpartition(".")
    raw = decode(signature) or b""
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    signer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(public) or b"")
    signer.verify(der, said.encode(), ec.ECDSA(SHA256()))
    assert orjson.loads(decode(said.partition(".")[2]) or b"")["aud"] == endpoint_origin


async def test_a_client_is_told_once_what_only_it_can_read(ctx: Context, member: Actor, remote_actor: Actor):
    async with serve() as server:
        origin = server.origin
        client = HttpClient(user_agent="test", allow_private_addresses=True, allow_http=True)
        real = replace(ctx, client=client)
        server.replies["/push"] = Reply(201)
        await subscribe(member, real, f"{origin}/push")
        post = await factories.post(remote_actor, "Bonjour Zoé")
        told = await Notification.create(recipient=member, type=NotificationType.MENTION, actor=remote_actor, post=post)

        await work(real)
        await work(real)
        await client.close()

    [sent] = server.received
    said = read(sent.body)
    assert (said["notification_id"], said["notification_type"], said["access_token"]) == (str(told.id), "mention", "")
    assert said["title"] == f"{remote_actor.name} vous mentionne"
    assert said["body"] == "Bonjour Zoé"
    headers = {name.lower(): value for name, value in sent.headers.items()}
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "172800")
    check_signature(headers["authorization"], origin)
    assert "signature" not in headers
    assert b"Zo" not in sent.body
    assert not await Push.exists()


async def test_the_older_encryption_is_read_too(ctx: Context, world: World, member: Actor, remote_actor: Actor):
    await subscribe(member, ctx, is_standard=False)
    await tell(member, remote_actor)

    await work(ctx)

    [sent] = world.sent
    parts = dict(part.split("=", 1) for part in sent.headers["Crypto-Key"].split(";"))
    salt = decode(sent.headers["Encryption"].removeprefix("salt="))
    text = http_ece.decrypt(
        sent.body, salt=salt, private_key=KEY, dh=decode(parts["dh"]), auth_secret=SECRET, version="aesgcm"
    )
    assert orjson.loads(text)["notification_type"] == "follow"
    assert sent.headers["Authorization"].startswith("WebPush ")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_subscription_that_is_gone_is_forgotten(
    ctx: Context, world: World, member: Actor, remote_actor: Actor, status: int
):
    world.inbox_status[ENDPOINT] = status
    await subscribe(member, ctx)
    await tell(member, remote_actor)

    await work(ctx)

    assert not await PushSubscription.exists()
    assert not await Push.exists()


@pytest.mark.parametrize("status", [0, 429, 503])
async def test_a_service_that_is_away_is_tried_again_later_and_given_up_at_last(
    ctx: Context, world: World, member: Actor, remote_actor: Actor, status: int
):
    world.inbox_status[ENDPOINT] = status
    await subscribe(member, ctx)
    await tell(member, remote_actor)
    await work(ctx)
    await work(ctx)
    assert (await Push.get()).attempts == 1

    for _ in range(6):
        world.pass_time(days=1)
        await work(ctx)

    assert not await Push.exists()
    assert await PushSubscription.exists()


async def test_a_service_that_takes_no_more_is_asked_no_more_of_it(
    ctx: Context, world: World, member: Actor, remote_actor: Actor
):
    world.inbox_status[ENDPOINT] = 413
    await subscribe(member, ctx)
    await tell(member, remote_actor)

    await work(ctx)

    assert not await Push.exists()
    assert await PushSubscription.exists()


async def test_what_a_dead_worker_had_taken_is_sent_by_another(
    ctx: Context, world: World, member: Actor, remote_actor: Actor
):
    await subscribe(member, ctx)
    await tell(member, remote_actor)
    await actions.plan(ctx.now())
    assert len(await Push.claim(ctx.now(), 10)) == 1

    await work(ctx)
    assert world.sent == []
    world.pass_time(seconds=LEASE_SECONDS + 1)
    assert await Push.are_due(ctx.now())
    await work(ctx)
    assert len(world.sent) == 1
    assert not await Push.are_due(ctx.now())


async def test_only_encrypted_addresses_are_taken(ctx: Context, member: Actor):
    guarded = replace(ctx, client=HttpClient(user_agent="test"))

    with pytest.raises(Invalid):
        await subscribe(member, guarded, "http://push.test/1")


async def test_no_private_address_is_asked(ctx: Context, member: Actor, remote_actor: Actor):
    guarded = replace(ctx, client=HttpClient(user_agent="test"))
    await subscribe(member, ctx, "https://127.0.0.1:8443/push")
    await tell(member, remote_actor)

    await work(guarded)
    await guarded.client.close()

    assert not await PushSubscription.exists()


@pytest.mark.parametrize(
    ("policy", "follows", "is_followed", "is_told"),
    [
        (PushPolicy.ALL, False, False, True),
        (PushPolicy.NONE, True, True, False),
        (PushPolicy.FOLLOWED, True, False, True),
        (PushPolicy.FOLLOWED, False, True, False),
        (PushPolicy.FOLLOWER, False, True, True),
        (PushPolicy.FOLLOWER, True, False, False),
    ],
)
async def test_the_policy_decides_by_whom(
    ctx: Context,
    member: Actor,
    remote_actor: Actor,
    policy: PushPolicy,
    follows: bool,
    is_followed: bool,
    is_told: bool,
):
    if follows:
        await factories.follow(member, remote_actor)
    if is_followed:
        await factories.follow(remote_actor, member)
    await subscribe(member, ctx, policy=policy)
    await tell(member, remote_actor)

    await actions.plan(ctx.now())

    assert await Push.exists() is is_told


async def test_alerts_that_are_off_what_is_kept_apart_and_what_apps_do_not_know_are_not_pushed(
    ctx: Context, member: Actor, remote_actor: Actor
):
    await subscribe(member, ctx, alerts=["mention"])
    await tell(member, remote_actor)
    await subscribe(member, ctx)
    await tell(member, remote_actor, is_filtered=True)
    await Notification.create(recipient=member, type=NotificationType.MEMBER_REQUEST, actor=remote_actor)

    while await actions.plan(ctx.now()):
        pass

    assert await Push.all().count() == 1  # the follow, to the second client


async def test_revoked_tokens_and_what_is_no_longer_for_the_member_are_not_pushed(
    ctx: Context, world: World, member: Actor, remote_actor: Actor
):
    await subscribe(member, ctx)
    hidden = await factories.post(remote_actor, visibility=Visibility.FOLLOWERS)
    await Notification.create(recipient=member, type=NotificationType.MENTION, actor=remote_actor, post=hidden)
    await work(ctx)
    assert world.sent == []

    await tell(member, remote_actor)
    await actions.plan(ctx.now())
    await AccessToken.all().update(revoked_at=ctx.now() - timedelta(seconds=1))
    await work(ctx)
    assert world.sent == []
    assert not await Push.exists()


async def test_where_a_client_was_told_is_forgotten_with_its_token_or_login(
    ctx: Context, member: Actor, other_member: Actor
):
    kept = await subscribe(member, ctx)
    await subscribe(other_member, ctx)
    revoked = await subscribe(member, ctx)
    await AccessToken.filter(id=revoked.token_id).update(revoked_at=ctx.now())
    await Member.filter(actor_id=other_member.id).update(disabled_at=ctx.now())

    assert await PushSubscription.forget_revoked() == 2
    assert [row.id for row in await PushSubscription.all()] == [kept.id]
