"""Sending one row: what goes over the wire, and what each answer means."""

from dataclasses import replace

import pytest

from federation import delivery
from federation.answers import Answer
from federation.context import Context
from federation.errors import FederationError, NotAuthorised, ObjectGone, RemoteUnavailable
from federation.keys import load_public_key
from federation.signatures import SignedRequest, read_signature, verify
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey
from models.delivery import Delivery
from models.follow import Follow
from models.post import Post
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.world import World, WorldClient


class RetryAfterClient(WorldClient):
    """A world whose inboxes are busy, and say for how long."""

    async def post(self, url: str, body: bytes, **choices: object) -> Answer:
        return Answer(503, url, {"retry-after": "90"}, b"")


@pytest.fixture
async def owed(member: Actor, remote_actor: Actor, ctx: Context) -> Delivery:
    """A post of a member, owed to a follower elsewhere."""
    await factories.follow(remote_actor, member)
    await actions.publish(member, Draft("Bonjour"), ctx)
    return await Delivery.get().prefetch_related("activity")


async def test_what_is_sent_is_the_kept_activity_signed_by_its_actor(
    owed: Delivery, member: Actor, ctx: Context, world: World
) -> None:
    await delivery.send(owed, ctx)

    [sent] = world.sent
    assert (sent.url, sent.body.decode()) == ("https://far.test/inbox", owed.activity.document)
    request = SignedRequest("POST", "/inbox", sent.headers, sent.body)
    signature = read_signature(request, now=ctx.now())
    assert signature.key_id == f"{member.uri}#main-key"
    verify(signature, load_public_key(member.public_key_pem))


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_means_that_it_arrived(owed: Delivery, ctx: Context, world: World, status: int) -> None:
    world.inbox_status["far.test"] = status
    await delivery.send(owed, ctx)


@pytest.mark.parametrize("status", [0, 408, 425, 429, 500, 502, 503, 504])
async def test_what_may_heal_is_for_later(owed: Delivery, ctx: Context, world: World, status: int) -> None:
    world.inbox_status["far.test"] = status
    with pytest.raises(RemoteUnavailable):
        await delivery.send(owed, ctx)


@pytest.mark.parametrize(
    ("status", "is_only_this"), [(500, True), (501, True), (502, False), (503, False), (429, False)]
)
async def test_a_host_that_stumbles_over_this_one_may_take_others(
    owed: Delivery, ctx: Context, world: World, status: int, is_only_this: bool
) -> None:
    world.inbox_status["far.test"] = status
    with pytest.raises(RemoteUnavailable) as failed:
        await delivery.send(owed, ctx)
    assert isinstance(failed.value, delivery.Stumbled) is is_only_this


async def test_a_host_may_say_how_long_to_wait(owed: Delivery, ctx: Context, world: World) -> None:
    with pytest.raises(RemoteUnavailable) as busy:
        await delivery.send(owed, replace(ctx, client=RetryAfterClient(world)))
    assert busy.value.retry_after_seconds == 90


async def test_a_refused_signature_may_be_accepted_later(owed: Delivery, ctx: Context, world: World) -> None:
    world.inbox_status["far.test"] = 401
    with pytest.raises(NotAuthorised, match="signature"):
        await delivery.send(owed, ctx)


@pytest.mark.parametrize(("status", "is_permanent"), [(404, False), (410, True)])
async def test_an_inbox_may_be_no_more(
    owed: Delivery, ctx: Context, world: World, status: int, is_permanent: bool
) -> None:
    world.inbox_status["far.test"] = status
    with pytest.raises(ObjectGone) as gone:
        await delivery.send(owed, ctx)
    assert gone.value.is_permanent is is_permanent


@pytest.mark.parametrize("status", [301, 304, 400, 403, 405, 413, 422, 451])
async def test_the_rest_is_refused_for_good(owed: Delivery, ctx: Context, world: World, status: int) -> None:
    world.inbox_status["far.test"] = status
    with pytest.raises(FederationError, match=str(status)) as refused:
        await delivery.send(owed, ctx)
    assert not isinstance(refused.value, RemoteUnavailable | NotAuthorised | ObjectGone)


async def test_an_actor_without_a_key_sends_nothing(owed: Delivery, ctx: Context, world: World) -> None:
    await ActorKey.all().delete()
    with pytest.raises(NotAuthorised, match="no private key"):
        await delivery.send(owed, ctx)
    assert world.sent == []


# An inbox that is gone for good


async def test_the_owner_of_a_gone_inbox_follows_no_more(
    member: Actor, remote_actor: Actor, stranger: Actor, ctx: Context
) -> None:
    for other in (remote_actor, stranger):
        await factories.follow(other, member)
        await factories.follow(member, other)
    await Actor.filter(id=member.id).update(followers_count=2, following_count=2)

    await delivery.bury_owner(remote_actor.inbox_uri, ctx)

    assert {(row.follower_id, row.followed_id) for row in await Follow.all()} == {
        (stranger.id, member.id), (member.id, stranger.id),
    }  # fmt: skip
    found = await Actor.get(id=member.id)
    assert (found.followers_count, found.following_count) == (1, 1)
    assert (await Actor.get(id=remote_actor.id)).gone_at == ctx.now()


async def test_a_gone_shared_inbox_buries_nobody(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await factories.follow(remote_actor, member)
    await delivery.bury_owner(str(remote_actor.shared_inbox_uri), ctx)
    assert await Follow.all().count() == 1
    assert (await Actor.get(id=remote_actor.id)).gone_at is None


async def test_an_inbox_of_ours_buries_nobody(member: Actor, ctx: Context) -> None:
    await factories.post(member)
    await delivery.bury_owner(member.inbox_uri, ctx)
    assert await Post.all().count() == 1
    assert await ActivityRecord.all().count() == 0
