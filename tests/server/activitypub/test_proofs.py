"""What our actors say to everybody bears a proof, as it is sent and wherever it is shown; and others' proofs count here."""

from pathlib import Path
from typing import Any

import pytest

from federation import proofs
from federation.context import Context
from federation.jsonld import dump, load
from federation.keys import load_public_multibase
from models.activity import ActivityRecord
from models.actor import Actor, ActorKey, KeyType
from models.delivery import Delivery
from models.inbox import InboxMessage
from models.post import Visibility
from server.follows import actions as follows
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.proving import multikey, proven
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.poster import Poster, build_app
from tests.world import World
from workers.inbox import perform

NOOR = "https://far.test/users/noor"


async def kept(kind: str) -> dict[str, Any]:
    """The latest activity of ours of a type, as it is sent."""
    record = await ActivityRecord.filter(type=kind, is_local=True).order_by("-id").first()
    assert record is not None
    return load(record.document)


async def check(document: dict[str, Any], actor: Actor, ctx: Context) -> None:
    """Verify a proof as another server does: with the key that the actor publishes."""
    key = await ActorKey.get(actor_id=actor.id, type=KeyType.ED25519)
    proof = proofs.read(document, now=ctx.now())
    assert proof.verification_method == key.uri == f"{actor.uri}#ed25519-key"
    proofs.verify(proof, load_public_multibase(key.public))


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED])
async def test_what_is_said_to_everybody_is_proven(
    member: Actor, remote_actor: Actor, ctx: Context, visibility: Visibility
) -> None:
    await factories.follow(remote_actor, member)
    post = await actions.publish(member, Draft("Bonjour", visibility), ctx)
    await actions.edit(member, post, Draft("Bonsoir", visibility), ctx)
    await actions.delete(member, post, ctx)

    for kind in ("Create", "Update", "Delete"):
        await check(await kept(kind), member, ctx)
    sent = await Delivery.filter(sender_id=member.id).prefetch_related("activity").order_by("id")
    assert [proofs.is_proven(load(row.activity.document)) for row in sent] == [True] * 3


async def test_sharing_and_taking_it_back_are_proven_each_by_itself(
    member: Actor, remote_actor: Actor, ctx: Context
) -> None:
    shown = await factories.post(remote_actor)
    await actions.announce(member, shown, ctx)
    await actions.unannounce(member, shown, ctx)

    await check(await kept("Announce"), member, ctx)
    undo = await kept("Undo")
    await check(undo, member, ctx)
    assert "proof" not in undo["object"]


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT])
async def test_what_is_said_to_some_can_be_denied(member: Actor, ctx: Context, visibility: Visibility) -> None:
    await actions.publish(member, Draft("entre nous", visibility), ctx)
    assert not proofs.is_proven(await kept("Create"))


async def test_a_wish_to_follow_is_not_proven(member: Actor, remote_actor: Actor, ctx: Context) -> None:
    await follows.follow(member, remote_actor, ctx)
    assert not proofs.is_proven(await kept("Follow"))


async def test_what_others_said_is_kept_as_they_said_it(remote_actor: Actor, ctx: Context, world: World) -> None:
    document = proven(factories.create(NOOR), world.now)
    follower = await factories.member(ctx, "ali", "Ali")
    await factories.follow(follower, remote_actor)
    await perform([_message(document)], ctx)

    record = await ActivityRecord.get(uri=document["id"])
    assert load(record.document) == document


def _message(document: dict[str, Any]) -> InboxMessage:
    return InboxMessage(id=1, actor_uri=str(document["actor"]), activity_uri=document["id"], body=dump(document))


class TestWhatIsShown:
    async def test_a_deletion_is_shown_with_its_proof(self, asker: Asker, member: Actor, ctx: Context) -> None:
        post = await actions.publish(member, Draft("regrets"), ctx)
        await actions.delete(member, post, ctx)
        record = await ActivityRecord.get(type="Delete")

        await check((await asker.get(record.uri)).json, member, ctx)

    async def test_a_creation_that_shows_the_post_of_today_claims_no_proof(
        self, asker: Asker, member: Actor, ctx: Context
    ) -> None:
        post = await actions.publish(member, Draft("avant"), ctx)
        await actions.edit(member, post, Draft("après"), ctx)
        record = await ActivityRecord.get(type="Create")

        assert "proof" not in (await asker.get(record.uri)).json

    async def test_a_page_of_the_outbox_holds_no_proof_without_its_context(
        self, asker: Asker, member: Actor, remote_actor: Actor, ctx: Context
    ) -> None:
        await actions.announce(member, await factories.post(remote_actor), ctx)
        await actions.publish(member, Draft("Bonjour"), ctx)

        page = (await asker.get(f"{member.uri}/outbox?page=true")).json
        assert [item["type"] for item in page["orderedItems"]] == ["Create", "Announce"]
        assert all("proof" not in item and "@context" not in item for item in page["orderedItems"])


class TestWhatIsBrought:
    @pytest.fixture
    def poster(self, ctx: Context, world: World, tmp_path: Path) -> Poster:
        """Whoever POSTs."""
        return Poster(build_app(ctx, tmp_path), world)

    @pytest.fixture
    async def noor(self, ctx: Context, world: World, member: Actor) -> Actor:
        """Somebody who proves what they say, and is followed here."""
        noor = await factories.remote_actor(ctx, world, NOOR, assertionMethod=[multikey(NOOR)])
        await factories.follow(member, noor)
        return noor

    async def test_a_proven_activity_is_taken_from_anybody_as_its_actors(
        self, poster: Poster, noor: Actor, stranger: Actor, world: World
    ) -> None:
        document = proven(factories.create(NOOR), world.now)

        assert (await poster.post(document, actor=stranger.uri)).status == 202

        message = await InboxMessage.get()
        assert (message.actor_uri, message.activity_uri) == (NOOR, document["id"])
        assert load(message.body) == document
        assert world.fetched == []

    async def test_it_is_then_performed_like_any_other(
        self, poster: Poster, noor: Actor, stranger: Actor, world: World, ctx: Context
    ) -> None:
        document = proven(factories.create(NOOR), world.now)
        await poster.post(document, actor=stranger.uri)
        await perform(await InboxMessage.all(), ctx)

        assert (await ActivityRecord.get(uri=document["id"])).actor_uri == NOOR
        assert not await InboxMessage.exists()

    async def test_what_was_changed_on_the_way_is_not(
        self, poster: Poster, noor: Actor, stranger: Actor, world: World
    ) -> None:
        document = proven(factories.create(NOOR), world.now) | {"cc": []}

        assert (await poster.post(document, actor=stranger.uri)).status == 403
        assert not await InboxMessage.exists()

    async def test_what_its_home_says_too_is_taken_in_the_words_of_its_home(
        self, poster: Poster, noor: Actor, stranger: Actor, world: World
    ) -> None:
        said = factories.create(NOOR)
        world.serve(said)

        assert (await poster.post(said | {"cc": []}, actor=stranger.uri)).status == 202

        assert load((await InboxMessage.get()).body) == said

    async def test_what_was_heard_before_is_asked_for_nowhere(
        self, poster: Poster, noor: Actor, stranger: Actor, world: World, ctx: Context
    ) -> None:
        document = factories.create(NOOR)
        await perform([_message(document)], ctx)

        assert (await poster.post(document, actor=stranger.uri)).status == 202
        assert not await InboxMessage.exists()
        assert world.fetched == []

    async def test_whoever_brings_it_must_sign(self, poster: Poster, noor: Actor, world: World) -> None:
        document = proven(factories.create(NOOR), world.now)
        assert (await poster.post(document, drop=["signature"])).status == 401

    async def test_a_proof_in_its_own_actors_hands_is_not_needed(
        self, poster: Poster, noor: Actor, world: World
    ) -> None:
        document = factories.create(NOOR) | {"proof": {"type": "DataIntegrityProof"}}
        assert (await poster.post(document)).status == 202
