"""What somebody passed on: believed when its own actor proves it or its home says so, and else nobody's."""

from typing import Any

import pytest

from federation import forwarding
from federation.activities import Activity, parse
from federation.actors import prover_of
from federation.context import Context
from federation.errors import FederationError, NotAuthorised, RejectedByPolicy, RemoteUnavailable
from federation.proofs import attach
from models.actor import Actor
from tests import factories
from tests.proving import key_uri, multikey, pem_of, proven
from tests.world import World

MAX = "https://elsewhere.test/users/max"
CREATE = factories.create(MAX)


def forwarded(world: World, document: dict[str, Any] = CREATE, **how: Any) -> Activity:
    """An activity with a proof."""
    return parse(proven(document, world.now, **how))


def home(world: World, **more: Any) -> None:
    """The actor, at home."""
    world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)], **more))


class TestAProof:
    async def test_of_somebody_we_know_is_enough(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX, assertionMethod=[multikey(MAX)])
        activity = forwarded(world)

        assert await forwarding.vouch(activity, ctx) is activity
        assert world.fetched == []

    async def test_of_a_stranger_is_enough_once_we_have_the_key(self, ctx: Context, world: World) -> None:
        home(world)
        assert await forwarding.vouch(forwarded(world), ctx)
        assert await forwarding.vouch(forwarded(world, factories.create(MAX, 2)), ctx)
        assert world.fetched == [MAX]

    async def test_with_a_key_that_is_new_since_we_met_is_enough(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX, assertionMethod=[multikey(MAX)])
        world.pass_time(minutes=2)
        world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX, 1)]))

        assert await forwarding.vouch(forwarded(world, number=1), ctx)
        assert world.fetched == [MAX]

    async def test_covers_what_it_covers_whatever_linked_data_signature_was_added(
        self, ctx: Context, world: World
    ) -> None:
        home(world)
        document = proven(CREATE, world.now) | {"signature": {"type": "RsaSignature2017"}}
        assert await forwarding.vouch(parse(document), ctx)


class TestAProofThatProvesNothing:
    @pytest.fixture(autouse=True)
    async def known(self, ctx: Context, world: World) -> Actor:
        """Its actor, whom we know, and whose home serves no activity."""
        return await factories.remote_actor(ctx, world, MAX, assertionMethod=[multikey(MAX)])

    async def refused(self, activity: Activity, ctx: Context) -> None:
        with pytest.raises(NotAuthorised, match="Nothing proves that"):
            await forwarding.vouch(activity, ctx)

    async def test_one_with_another_key(self, ctx: Context, world: World) -> None:
        await self.refused(forwarded(world, number=1), ctx)

    async def test_one_over_something_else(self, ctx: Context, world: World) -> None:
        document = proven(CREATE, world.now)
        document["object"] = document["object"] | {"content": "other words"}
        await self.refused(parse(document), ctx)

    async def test_one_by_somebody_else_of_the_same_server(self, ctx: Context, world: World) -> None:
        other = "https://elsewhere.test/users/zoe"
        await factories.remote_actor(ctx, world, other, assertionMethod=[multikey(other, 1)])
        await self.refused(forwarded(world, number=1, method=key_uri(other)), ctx)

    async def test_one_by_somebody_of_another_server(self, ctx: Context, world: World, remote_actor: Actor) -> None:
        other = "https://third.test/users/zoe"
        await factories.remote_actor(ctx, world, other, assertionMethod=[multikey(other, 1)])
        await self.refused(forwarded(world, number=1, method=key_uri(other)), ctx)

    async def test_one_by_a_key_that_only_signs_requests(self, ctx: Context, world: World) -> None:
        main = factories.actor_document(MAX)["publicKey"]
        second = {"id": f"{MAX}#second", "owner": MAX, "publicKeyPem": pem_of()}
        world.serve(factories.actor_document(MAX, publicKey=[main, second]))
        await self.refused(forwarded(world, method=f"{MAX}#second"), ctx)

    async def test_one_of_the_future(self, ctx: Context, world: World) -> None:
        world.pass_time(hours=2)
        activity = forwarded(world)
        world.pass_time(hours=-2)
        await self.refused(activity, ctx)

    async def test_one_of_last_week(self, ctx: Context, world: World) -> None:
        activity = forwarded(world)
        world.pass_time(days=7, seconds=1)
        await self.refused(activity, ctx)

    async def test_two_at_once(self, ctx: Context, world: World) -> None:
        document = proven(CREATE, world.now)
        await self.refused(parse(document | {"proof": [document["proof"]] * 2}), ctx)

    async def test_none_at_all(self, ctx: Context, world: World) -> None:
        await self.refused(parse(CREATE), ctx)

    @pytest.mark.parametrize("proof", ["proof", 7, {}, [], {"type": "DataIntegrityProof"}])
    async def test_whatever_calls_itself_one(self, ctx: Context, world: World, proof: Any) -> None:
        await self.refused(parse(CREATE | {"proof": proof}), ctx)


class TestItsHome:
    async def test_speaks_for_it(self, ctx: Context, world: World) -> None:
        world.serve(CREATE)
        changed = CREATE | {"object": factories.note(MAX, content="<p>changed on the way</p>")}

        vouched = await forwarding.vouch(parse(changed), ctx)

        assert vouched.document == CREATE
        assert world.fetched == [CREATE["id"]]

    async def test_speaks_where_the_proof_does_not(self, ctx: Context, world: World) -> None:
        home(world)
        world.serve(CREATE)
        assert (await forwarding.vouch(forwarded(world, number=1), ctx)).document == CREATE

    @pytest.mark.parametrize(
        "served",
        [
            CREATE | {"type": "Delete"},
            CREATE | {"actor": "https://elsewhere.test/users/zoe"},
            {"id": CREATE["id"], "type": "Note"},
            {"id": CREATE["id"], "type": "Tombstone"},
        ],
    )
    async def test_may_say_something_else(self, ctx: Context, world: World, served: dict[str, Any]) -> None:
        world.serve(served)
        with pytest.raises(NotAuthorised, match="Nothing proves that"):
            await forwarding.vouch(parse(CREATE), ctx)

    @pytest.mark.parametrize("status", [401, 403, 404, 410])
    async def test_may_say_nothing(self, ctx: Context, world: World, status: int) -> None:
        world.statuses[CREATE["id"]] = status
        with pytest.raises(NotAuthorised, match="Nothing proves that"):
            await forwarding.vouch(parse(CREATE), ctx)

    async def test_may_answer_later(self, ctx: Context, world: World) -> None:
        world.statuses[CREATE["id"]] = 503
        with pytest.raises(RemoteUnavailable):
            await forwarding.vouch(parse(CREATE), ctx)

    async def test_is_not_asked_for_what_has_no_document_of_its_own(self, ctx: Context, world: World) -> None:
        world.serve(CREATE)
        with pytest.raises(NotAuthorised, match="cannot be fetched"):
            await forwarding.vouch(parse(CREATE | {"id": f"{CREATE['id']}#delete"}), ctx)
        assert world.fetched == []

    async def test_is_not_asked_when_the_activity_is_named_after_another(self, ctx: Context, world: World) -> None:
        with pytest.raises(NotAuthorised, match="not an id that"):
            await forwarding.vouch(parse(CREATE | {"id": "https://third.test/1"}), ctx)
        assert world.fetched == []

    async def test_is_not_asked_when_it_is_blocked(self, ctx: Context, world: World) -> None:
        await factories.blocked_origin("elsewhere.test")
        home(world)
        for activity in (parse(CREATE), forwarded(world)):
            with pytest.raises(RejectedByPolicy):
                await forwarding.vouch(activity, ctx)
        assert world.fetched == []


async def test_nobody_brings_us_the_words_of_our_own(ctx: Context, world: World, member: Actor) -> None:
    document = factories.create(member.uri)
    proven_by_us = attach(document, await prover_of(member.id), now=ctx.now())
    for activity in (parse(document), parse(proven_by_us)):
        with pytest.raises(NotAuthorised):
            await forwarding.vouch(activity, ctx)
    assert world.fetched == []


@pytest.mark.parametrize("key", [multikey(MAX, publicKeyMultibase="z6MkwrongKeyThatIsTooShort"), None])
async def test_a_key_that_cannot_be_read_is_a_refusal_and_no_failure(
    ctx: Context, world: World, key: dict[str, Any] | None
) -> None:
    world.serve(factories.actor_document(MAX, assertionMethod=[key]))
    with pytest.raises(FederationError):
        await forwarding.vouch(forwarded(world), ctx)
