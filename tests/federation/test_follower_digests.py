"""The digest of followers, and the header that carries it."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation import delivery
from federation.context import Context
from federation.follower_digests import DIGEST_LIFETIME, HEADER, Claim, Digests, digest_of, read_claim
from federation.keys import load_private_key, load_public_key
from federation.signatures import SignedRequest, Signer, read_signature, verify
from models.actor import Actor
from models.delivery import Delivery
from models.host import SignatureScheme
from models.post import Visibility
from server.posts import actions
from server.posts.actions import Draft
from tests import factories
from tests.world import World, key_pair

FOLLOWERS = "https://far.test/users/noor/followers"
PARTIAL = "https://far.test/users/noor/followers_synchronization"
uris = st.lists(st.from_regex(r"https://lille\.test/actors/[0-9]{1,6}", fullmatch=True), unique=True, max_size=8)


def test_the_example_of_the_proposal_gives_the_digest_of_the_proposal() -> None:
    found = digest_of(["https://testing.example.org/users/1", "https://testing.example.org/users/2"])
    assert found == "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"


def test_nobody_at_all_is_all_zeros() -> None:
    assert digest_of([]) == "0" * 64


@settings(max_examples=40)
@given(uris=uris, other=st.from_regex(r"https://lille\.test/actors/[a-z]{3}", fullmatch=True))
def test_order_does_not_matter_and_one_more_or_less_does(uris: list[str], other: str) -> None:
    found = digest_of(uris)
    assert found == digest_of(uris[::-1])
    assert len(found) == 64
    more = digest_of([*uris, other])
    assert more != found
    assert f"{int(found, 16) ^ int(hashlib.sha256(other.encode()).hexdigest(), 16):064x}" == more


@settings(max_examples=40)
@given(uris=uris)
def test_what_is_written_is_read(uris: list[str]) -> None:
    claim = Claim(FOLLOWERS, PARTIAL, digest_of(uris))
    assert read_claim(claim.written()) == claim


@settings(max_examples=80)
@given(
    text=st.text(max_size=80) | st.lists(st.sampled_from([*'digestrucolnI"=,; \\', f'url="{PARTIAL}"'])).map("".join)
)
def test_whatever_stands_in_the_header_is_read_or_ignored(text: str) -> None:
    assert read_claim(text) is None


GOOD = Claim(FOLLOWERS, PARTIAL, "0" * 64).written()


@pytest.mark.parametrize(
    "header",
    [
        GOOD.replace(", ", ","),
        GOOD.replace("=", " = "),
        f'{GOOD}, algorithm="sha256"',
        GOOD.replace("0", "A").replace("A" * 64, "ABCDEF" + "0" * 58),
    ],
)
def test_other_spellings_are_read(header: str) -> None:
    claim = read_claim(header)
    assert claim is not None
    assert (claim.collection_uri, claim.url, claim.digest == claim.digest.lower()) == (FOLLOWERS, PARTIAL, True)


@pytest.mark.parametrize(
    "header",
    [
        f"{GOOD}, {GOOD}",
        GOOD.replace("0" * 64, "0" * 63),
        GOOD.replace("0" * 64, "g" * 64),
        GOOD.replace(PARTIAL, "ftp://far.test/x"),
        GOOD.replace("collectionId", "collection"),
        GOOD[:-1],
        GOOD + "x",
        GOOD + " " * 9000,
    ],
)
def test_what_is_not_as_it_should_be_is_ignored(header: str) -> None:
    assert read_claim(header) is None


@pytest.mark.parametrize("scheme", list(SignatureScheme))
def test_the_header_is_among_what_is_signed(scheme: SignatureScheme) -> None:
    now = datetime.now(UTC)
    signer = Signer("https://lille.test/actors/1#main-key", load_private_key(key_pair()[0]))
    headers = signer.bearing({HEADER: GOOD}).sign("POST", "https://far.test/inbox", b"{}", now=now, scheme=scheme)
    assert headers[HEADER] == GOOD
    request = SignedRequest("POST", "/inbox", headers, b"{}", origin="https://far.test")
    signature = read_signature(request, now=now)
    assert HEADER in {name.strip('"') for name in signature.headers}
    verify(signature, load_public_key(key_pair()[1]))
    assert HEADER not in signer.sign("POST", "https://far.test/inbox", b"{}", now=now, scheme=scheme)


class TestSending:
    async def send(self, member: Actor, ctx: Context, world: World, visibility: Visibility) -> dict[str, str]:
        """Publish a post and send it to one server; the headers."""
        await actions.publish(member, Draft("Bonjour @noor@far.test", visibility), ctx)
        await delivery.send(await Delivery.get(host="far.test").prefetch_related("activity"), ctx)
        return dict(world.sent[-1].headers)

    @pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS])
    async def test_what_is_for_the_followers_says_which_of_them_live_there(
        self, member: Actor, remote_actor: Actor, ctx: Context, world: World, visibility: Visibility
    ) -> None:
        friend = await factories.remote_actor(ctx, world, "https://far.test/users/lea")
        elsewhere = await factories.remote_actor(ctx, world, "https://elsewhere.test/users/max")
        for follower in (remote_actor, friend, elsewhere):
            await factories.follow(follower, member)

        headers = await self.send(member, ctx, world, visibility)

        digest = digest_of([remote_actor.uri, friend.uri])
        claim = Claim(f"{member.uri}/followers", f"{member.uri}/followers_synchronization", digest)
        assert read_claim(headers[HEADER]) == claim

    async def test_what_is_for_one_actor_alone_says_nothing_of_followers(
        self, member: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(remote_actor, member)
        assert HEADER not in await self.send(member, ctx, world, Visibility.DIRECT)

    async def test_a_server_without_followers_is_told_nothing(
        self, member: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        assert HEADER not in await self.send(member, ctx, world, Visibility.PUBLIC)

    async def test_one_digest_serves_what_is_sent_within_moments_and_is_made_anew_then(
        self, member: Actor, remote_actor: Actor, ctx: Context, world: World
    ) -> None:
        await factories.follow(remote_actor, member)
        await actions.publish(member, Draft("Bonjour"), ctx)
        row = await Delivery.get(host="far.test").prefetch_related("activity")
        digests = Digests()
        first = await digests.headers_for(row, member.uri, world.now)
        friend = await factories.remote_actor(ctx, world, "https://far.test/users/lea")
        await factories.follow(friend, member)

        assert await digests.headers_for(row, member.uri, world.now + DIGEST_LIFETIME) == first
        later = await digests.headers_for(row, member.uri, world.now + DIGEST_LIFETIME + timedelta(seconds=1))
        claim = read_claim(later[HEADER])
        assert claim is not None
        assert claim.digest == digest_of([remote_actor.uri, friend.uri])
