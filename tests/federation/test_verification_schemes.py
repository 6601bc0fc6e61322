"""Whose signature it is, in either scheme and with any key that the actor has published."""

from typing import Any

import orjson
import pytest

from federation.actors import key_of, owner_of
from federation.context import Context
from federation.errors import BadSignature
from federation.handlers import profile
from federation.objects import actor as actor_object
from federation.signatures import SignedRequest
from federation.verification import signer_uri
from models.actor import Actor
from models.host import SignatureScheme
from tests import factories
from tests.proving import INBOX, ed25519_pair, key_uri, multikey, pem_of, signed_with_ed25519
from tests.world import ORIGIN, World, key_pair

MAX = "https://elsewhere.test/users/max"
BODY = orjson.dumps(factories.create(MAX))


def rfc9421(world: World, actor_uri: str = MAX, *, url: str = INBOX, body: bytes = BODY) -> SignedRequest:
    """A POST that an actor signed by RFC 9421 with its RSA key."""
    signer = world.signer(actor_uri)
    headers = signer.sign("POST", url, body, now=world.now, scheme=SignatureScheme.RFC9421)
    return SignedRequest("POST", url.removeprefix(ORIGIN), headers, body)


class TestTheNewerScheme:
    async def test_a_known_actors_signature_is_known(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX)
        assert await signer_uri(rfc9421(world), ctx) == MAX
        assert world.fetched == []

    async def test_an_unknown_actor_is_met(self, ctx: Context, world: World) -> None:
        world.serve(factories.actor_document(MAX))
        assert await signer_uri(rfc9421(world), ctx) == MAX
        assert world.fetched == [MAX]

    async def test_a_signature_for_another_server_is_nobodys_whatever_the_host_header_says(
        self, ctx: Context, world: World
    ) -> None:
        await factories.remote_actor(ctx, world, MAX)
        request = rfc9421(world, url="https://other.test/inbox")
        for host in ("other.test", "lille.test"):
            headers = {**request.headers, "host": host}
            with pytest.raises(BadSignature):
                await signer_uri(SignedRequest("POST", "/inbox", headers, BODY), ctx)
            with pytest.raises(BadSignature):
                await signer_uri(SignedRequest("POST", "/inbox", headers, BODY, "https://other.test"), ctx)

    async def test_a_changed_body_is_nobodys(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX)
        request = rfc9421(world)
        with pytest.raises(BadSignature, match="not the one"):
            await signer_uri(SignedRequest("POST", "/inbox", request.headers, BODY + b" "), ctx)

    async def test_an_old_signature_is_not_replayed(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX)
        request = rfc9421(world)
        world.pass_time(hours=2)
        with pytest.raises(BadSignature, match="too long ago"):
            await signer_uri(request, ctx)


class TestOtherKeys:
    @pytest.mark.parametrize("where", ["assertionMethod", "publicKey"])
    async def test_an_ed25519_key_is_found_wherever_the_actor_publishes_it(
        self, ctx: Context, world: World, where: str
    ) -> None:
        document = factories.actor_document(MAX)
        pem = {"id": key_uri(MAX), "owner": MAX, "publicKeyPem": pem_of()}
        published = multikey(MAX) if where == "assertionMethod" else [document["publicKey"], pem]
        world.serve(document | {where: published})

        for _ in range(2):
            assert await signer_uri(signed_with_ed25519(MAX, BODY, world.now), ctx) == MAX
        assert world.fetched == [MAX]

    async def test_somebody_we_met_before_they_had_it_is_fetched_anew(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX)
        world.serve(factories.actor_document(MAX, assertionMethod=[multikey(MAX)]))
        world.pass_time(minutes=2)

        assert await signer_uri(signed_with_ed25519(MAX, BODY, world.now), ctx) == MAX
        assert (await Actor.get(uri=MAX)).other_keys == {key_uri(MAX): ed25519_pair(0)[1]}

    async def test_a_key_that_was_taken_away_proves_nothing(self, ctx: Context, world: World) -> None:
        await factories.remote_actor(ctx, world, MAX, assertionMethod=[multikey(MAX)])
        world.serve(factories.actor_document(MAX))
        world.pass_time(minutes=2)
        update = factories.activity("Update", MAX, factories.actor_document(MAX))
        assert update["object"]["id"] == MAX
        await Actor.filter(uri=MAX).update(**actor_object.read(update["object"], now=ctx.now()))

        with pytest.raises(BadSignature):
            await signer_uri(signed_with_ed25519(MAX, BODY, world.now), ctx)

    async def test_an_actor_that_is_gone_has_no_keys(self, ctx: Context, world: World) -> None:
        actor = await factories.remote_actor(ctx, world, MAX, assertionMethod=[multikey(MAX)])
        await profile.bury(actor, ctx.for_batch())

        assert (await Actor.get(uri=MAX)).other_keys == {}
        assert await owner_of(key_uri(MAX)) is None

    async def test_an_actor_answers_for_the_keys_of_its_own_name_alone(self, ctx: Context, world: World) -> None:
        victim = await factories.remote_actor(ctx, world, "https://elsewhere.test/users/victim")
        claimed = multikey(MAX, id=key_uri(victim.uri))
        await factories.remote_actor(ctx, world, MAX, assertionMethod=[claimed])

        assert await owner_of(key_uri(victim.uri)) is None
        with pytest.raises(BadSignature):
            await signer_uri(signed_with_ed25519(victim.uri, BODY, world.now), ctx)

    def test_a_key_that_is_none_of_the_actors_is_refused(self) -> None:
        with pytest.raises(BadSignature, match="does not call"):
            key_of(Actor(uri=MAX, key_uri=None, other_keys={}), key_uri(MAX))


class TestWhatIsReadOfThem:
    def read(self, **more: Any) -> dict[str, str]:
        document = factories.actor_document(MAX, **more)
        keys: dict[str, str] = actor_object.read(document, now=World().now)["other_keys"]
        return keys

    def test_nothing_where_there_is_nothing(self) -> None:
        assert self.read() == {}

    @pytest.mark.parametrize(
        "key",
        [
            None,
            key_uri(MAX),
            multikey(MAX, id=None),
            multikey(MAX, id="#key"),
            multikey(MAX, id="https://other.test/users/max#key"),
            multikey(MAX, controller="https://elsewhere.test/users/zoe"),
            multikey(MAX, publicKeyMultibase=None),
            multikey(MAX, publicKeyMultibase="z4MX" + "x" * 40),
            multikey(MAX, publicKeyMultibase="z6Mk" + "\0" * 10),
            multikey(MAX, publicKeyMultibase="z6Mk" + "x" * 100),
        ],
    )  # fmt: skip
    def test_a_key_that_is_not_the_actors_or_not_for_us_is_left_out(self, key: Any) -> None:
        assert self.read(assertionMethod=[key]) == {}

    def test_the_main_key_is_not_listed_twice(self) -> None:
        main = factories.actor_document(MAX)["publicKey"]
        assert self.read(publicKey=[main, main]) == {}

    def test_one_key_may_serve_as_the_main_one_and_prove(self) -> None:
        main = {"id": key_uri(MAX), "owner": MAX, "publicKeyPem": pem_of()}
        assert self.read(publicKey=main, assertionMethod=multikey(MAX)) == {key_uri(MAX): ed25519_pair(0)[1]}

    def test_they_are_bounded(self) -> None:
        many = [multikey(MAX, id=f"{MAX}#key{number}") for number in range(50)]
        assert len(self.read(assertionMethod=many)) == 8

    def test_a_second_key_of_any_kind_signs_requests(self) -> None:
        main = factories.actor_document(MAX)["publicKey"]
        second = {"id": f"{MAX}#second", "owner": MAX, "publicKeyPem": key_pair(1)[1]}
        assert self.read(publicKey=[main, second]) == {f"{MAX}#second": key_pair(1)[1]}
