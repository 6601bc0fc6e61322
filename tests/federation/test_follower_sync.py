"""Agreeing with an actor's home who here follows it."""

from collections.abc import Sequence
from dataclasses import replace

import orjson
import pytest

from federation import follower_sync
from federation.context import Context
from federation.errors import FederationError, MalformedActivity, NotAuthorised, RejectedByPolicy, RemoteUnavailable
from federation.follower_digests import HEADER, Claim, digest_of
from federation.signatures import SignedRequest
from models.actor import Actor
from models.delivery import Delivery
from models.errand import Errand, ErrandType
from models.follow import Follow, FollowState
from server.follows import actions as follows
from tests import factories
from tests.world import ORIGIN, World

PARTIAL = "https://far.test/users/noor/followers_synchronization"


def request(
    world: World, actor: Actor, digest: str, *, collection: str | None = None, url: str = PARTIAL
) -> SignedRequest:
    """A verified request that bears the header, signed over it."""
    claim = Claim(collection or f"{actor.uri}/followers", url, digest)
    signer = world.signer(actor.uri).bearing({HEADER: claim.written()})
    headers = signer.sign("POST", f"{ORIGIN}/inbox", b"{}", now=world.now)
    return SignedRequest("POST", "/inbox", headers, b"{}")


@pytest.fixture
async def followed(member: Actor, remote_actor: Actor) -> Actor:
    """A remote actor whom a member here follows."""
    await factories.follow(member, remote_actor)
    return remote_actor


class TestComparing:
    async def test_where_the_two_agree_nothing_is_fetched(
        self, followed: Actor, member: Actor, ctx: Context, world: World
    ) -> None:
        await follower_sync.compare(request(world, followed, digest_of([member.uri])), followed.uri, ctx)
        assert not await Errand.exists()

    async def test_where_they_differ_the_list_is_to_be_fetched_a_little_later(
        self, followed: Actor, ctx: Context, world: World
    ) -> None:
        await follower_sync.compare(request(world, followed, digest_of([])), followed.uri, ctx)
        [errand] = await Errand.all()
        assert (errand.type, errand.uri, errand.about_uri) == (ErrandType.FOLLOWERS, PARTIAL, followed.uri)
        assert errand.due_at == ctx.now() + follower_sync.SETTLE_FOR
        assert world.fetched == []

    async def test_one_list_an_hour_is_fetched_whatever_address_it_has(
        self, followed: Actor, ctx: Context, world: World
    ) -> None:
        for number in range(3):
            differing = request(world, followed, digest_of([]), url=f"{PARTIAL}?{number}")
            await follower_sync.compare(differing, followed.uri, ctx)
        assert await Errand.all().count() == 1

    async def test_a_wish_that_nobody_answered_yet_does_not_count(
        self, followed: Actor, member: Actor, other_member: Actor, ctx: Context, world: World
    ) -> None:
        await follows.follow(other_member, followed, ctx)
        await follower_sync.compare(request(world, followed, digest_of([member.uri])), followed.uri, ctx)
        assert not await Errand.exists()

    @pytest.mark.parametrize(
        "claim",
        [
            {"collection": "https://far.test/users/other/followers"},
            {"url": "https://elsewhere.test/users/max/followers"},
            {"url": "http://far.test/users/noor/followers_synchronization"},
        ],
    )
    async def test_a_header_that_speaks_for_another_is_ignored(
        self, followed: Actor, ctx: Context, world: World, claim: dict[str, str]
    ) -> None:
        await follower_sync.compare(request(world, followed, digest_of([]), **claim), followed.uri, ctx)
        assert not await Errand.exists()

    async def test_a_header_that_was_not_signed_is_ignored(self, followed: Actor, ctx: Context, world: World) -> None:
        plain = request(world, followed, digest_of([]))
        signed = world.signed_request(followed.uri, {}, f"{ORIGIN}/inbox")
        slipped_in = replace(signed, headers={**signed.headers, HEADER: plain.headers[HEADER]})
        await follower_sync.compare(slipped_in, followed.uri, ctx)
        assert not await Errand.exists()

    async def test_one_that_cannot_be_read_is_ignored(self, followed: Actor, ctx: Context, world: World) -> None:
        broken = replace(request(world, followed, ""), headers={HEADER: "?"})
        await follower_sync.compare(broken, followed.uri, ctx)
        assert not await Errand.exists()


def lists(world: World, uris: Sequence[str], **more: object) -> None:
    """Have the actor's home list who here follows it."""
    world.serve({"id": PARTIAL, "type": "OrderedCollection", "orderedItems": list(uris), **more})


class TestMending:
    async def test_a_follow_that_its_home_does_not_know_ends(
        self, followed: Actor, member: Actor, other_member: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(other_member, followed)
        await Actor.filter(id=followed.id).update(followers_count=2)
        lists(world, [other_member.uri])

        await follower_sync.mend(PARTIAL, followed.uri, ctx)

        assert [row.follower_id for row in await Follow.all()] == [other_member.id]
        assert (await Actor.get(id=followed.id)).followers_count == 1
        assert not await Delivery.exists()

    async def test_a_follower_that_is_none_here_is_taken_back(
        self, followed: Actor, member: Actor, other_member: Actor, ctx: Context, world: World
    ) -> None:
        lists(world, [member.uri, other_member.uri])

        await follower_sync.mend(PARTIAL, followed.uri, ctx)

        sent = await Delivery.get().prefetch_related("activity")
        undo = orjson.loads(sent.activity.document)
        assert (undo["type"], undo["actor"], sent.sender_id) == ("Undo", other_member.uri, other_member.id)
        asked = undo["object"]
        assert (asked["type"], asked["actor"], asked["object"]) == ("Follow", other_member.uri, followed.uri)
        assert [row.follower_id for row in await Follow.all()] == [member.id]

    async def test_the_follow_taken_back_is_the_one_that_was_asked(
        self, followed: Actor, member: Actor, other_member: Actor, ctx: Context, world: World
    ) -> None:
        asked = await follows.follow(other_member, followed, ctx)
        await follows.unfollow(other_member, followed, ctx)
        await Delivery.all().delete()
        lists(world, [member.uri, other_member.uri])
        await follower_sync.mend(PARTIAL, followed.uri, ctx)
        sent = await Delivery.get().prefetch_related("activity")
        assert orjson.loads(sent.activity.document)["object"]["id"] == asked.uri

    async def test_a_wish_that_is_on_its_way_is_left_alone(
        self, followed: Actor, member: Actor, other_member: Actor, ctx: Context, world: World
    ) -> None:
        await follows.follow(other_member, followed, ctx)
        await Delivery.all().delete()
        for listed in ([member.uri], [member.uri, other_member.uri]):
            lists(world, listed)
            await follower_sync.mend(PARTIAL, followed.uri, ctx)
        assert (await Follow.get(follower_id=other_member.id)).state is FollowState.REQUESTED
        assert not await Delivery.exists()

    async def test_it_says_nothing_of_followers_elsewhere_or_of_nobody(
        self, followed: Actor, member: Actor, stranger: Actor, ctx: Context, world: World
    ) -> None:
        follow = await Follow.create(
            uri="https://elsewhere.test/f", follower=stranger, followed=followed, state=FollowState.ACCEPTED
        )
        lists(world, [member.uri, stranger.uri, ctx.names.actor(7), "https://far.test/users/x"])
        await follower_sync.mend(PARTIAL, followed.uri, ctx)
        assert await Follow.exists(id=follow.id)
        assert not await Delivery.exists()

    @pytest.mark.parametrize("name", ["items", "orderedItems"])
    async def test_an_empty_list_is_a_list(self, followed: Actor, ctx: Context, world: World, name: str) -> None:
        world.serve({"id": PARTIAL, "type": "OrderedCollection", name: []})
        await follower_sync.mend(PARTIAL, followed.uri, ctx)
        assert not await Follow.exists()

    @pytest.mark.parametrize(
        "document",
        [
            {"type": "OrderedCollection", "totalItems": 12},
            {"type": "OrderedCollection", "totalItems": 2, "orderedItems": []},
            {"type": "OrderedCollection", "orderedItems": [f"{ORIGIN}/actors/{number}" for number in range(10_001)]},
            {"type": "Note", "orderedItems": []},
        ],
    )
    async def test_nobody_loses_a_follow_for_a_list_that_is_not_whole(
        self, followed: Actor, ctx: Context, world: World, document: dict[str, object]
    ) -> None:
        world.serve({"id": PARTIAL, **document})
        with pytest.raises(MalformedActivity):
            await follower_sync.mend(PARTIAL, followed.uri, ctx)
        assert await Follow.all().count() == 1

    @pytest.mark.parametrize(
        ("status", "error"), [(0, RemoteUnavailable), (401, NotAuthorised), (404, FederationError)]
    )
    async def test_nobody_loses_a_follow_for_a_list_that_cannot_be_had(
        self, followed: Actor, ctx: Context, world: World, status: int, error: type[FederationError]
    ) -> None:
        world.statuses[PARTIAL] = status
        with pytest.raises(error):
            await follower_sync.mend(PARTIAL, followed.uri, ctx)
        assert await Follow.all().count() == 1

    async def test_another_servers_list_is_not_asked_for(self, followed: Actor, ctx: Context, world: World) -> None:
        with pytest.raises(NotAuthorised):
            await follower_sync.mend("https://elsewhere.test/list", followed.uri, ctx)
        assert world.fetched == []

    async def test_a_blocked_domain_is_not_asked(self, followed: Actor, ctx: Context, world: World) -> None:
        await factories.blocked_origin("far.test")
        with pytest.raises(RejectedByPolicy):
            await follower_sync.mend(PARTIAL, followed.uri, ctx)
        assert world.fetched == []
