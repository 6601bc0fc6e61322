"""Asking twice: a host that refuses one signature scheme is asked once more with the other, and is remembered."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation.answers import Answer
from federation.dereference import Dereferencer
from federation.errors import NotAuthorised, RemoteUnavailable
from federation.http import HttpClient, Limits
from federation.keys import load_private_key
from federation.knocking import MAX_HOSTS, Knocker
from federation.signatures import SignedRequest, Signer, read_signature, verify
from models.host import Host, SignatureScheme
from tests.federation.loopback import AP, Hang, Loopback, Received, Reply, ap, connect, redirect, serve
from tests.world import key_pair

CAVAGE, RFC9421 = SignatureScheme.CAVAGE, SignatureScheme.RFC9421
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
KEY: RSAPrivateKey = load_private_key(key_pair()[0])
SIGNER = Signer("https://ours.example/actor#main-key", KEY)


def scheme_of(request: Received) -> SignatureScheme:
    """Which scheme a request was signed with, having verified the signature."""
    origin = f"http://{request.headers['host']}"
    signed = SignedRequest(request.method, request.target, request.headers, request.body, origin)
    verify(read_signature(signed, now=NOW), KEY.public_key())
    return RFC9421 if "signature-input" in request.headers else CAVAGE


def takes(*schemes: SignatureScheme, status: int = 401, accepted: int = 202) -> Callable[[Received], Reply]:
    """A reply to requests signed with one of these schemes; the others are refused with `status`."""
    return lambda request: Reply(accepted if scheme_of(request) in schemes else status)


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    """Another server."""
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """A client that has met nobody."""
    async with connect() as client:
        yield client


async def post(client: HttpClient, server: Loopback, path: str = "/inbox", *, now: datetime = NOW) -> Answer:
    return await client.post(server.origin + path, b"{}", content_type=AP, signer=SIGNER, now=now)


def schemes(server: Loopback) -> list[SignatureScheme]:
    return [scheme_of(request) for request in server.received]


async def test_a_stranger_is_greeted_with_the_draft(client: HttpClient, server: Loopback) -> None:
    server.replies["/inbox"] = takes(CAVAGE, RFC9421)

    assert (await post(client, server)).status == 202
    assert schemes(server) == [CAVAGE]


@pytest.mark.parametrize("refusal", [400, 401, 403])
async def test_who_refuses_the_draft_is_asked_again_and_remembered(
    client: HttpClient, server: Loopback, refusal: int
) -> None:
    server.replies["/inbox"] = takes(RFC9421, status=refusal)

    assert [(await post(client, server)).status for _ in range(3)] == [202, 202, 202]
    assert schemes(server) == [CAVAGE, RFC9421, RFC9421, RFC9421]


async def test_who_no_longer_takes_what_it_took_is_asked_the_other_way_round(
    client: HttpClient, server: Loopback
) -> None:
    server.replies["/inbox"] = takes(RFC9421)
    await post(client, server)
    server.replies["/inbox"] = takes(CAVAGE)

    assert [(await post(client, server)).status for _ in range(2)] == [202, 202]
    assert schemes(server) == [CAVAGE, RFC9421, RFC9421, CAVAGE, CAVAGE]


@pytest.mark.parametrize("status", [404, 405, 406, 410, 413, 415, 422, 429, 500, 503])
async def test_another_trouble_than_the_signature_is_no_reason_to_ask_again(
    client: HttpClient, server: Loopback, status: int
) -> None:
    server.replies["/inbox"] = Reply(status)

    assert (await post(client, server)).status == status
    assert len(server.received) == 1


async def test_who_refuses_both_gives_the_first_answer_and_is_asked_but_once_for_an_hour(
    client: HttpClient, server: Loopback
) -> None:
    server.replies["/inbox"] = lambda request: Reply(403 if scheme_of(request) is CAVAGE else 400)

    assert [(await post(client, server)).status for _ in range(3)] == [403, 403, 403]
    assert schemes(server) == [CAVAGE, RFC9421, CAVAGE, CAVAGE]
    await post(client, server, now=NOW + timedelta(minutes=59))
    assert len(server.received) == 5
    server.replies["/inbox"] = takes(RFC9421)
    assert (await post(client, server, now=NOW + timedelta(minutes=60))).status == 202
    assert schemes(server)[-2:] == [CAVAGE, RFC9421]


async def test_a_second_answer_that_is_no_refusal_counts_but_teaches_nothing(
    client: HttpClient, server: Loopback
) -> None:
    server.replies["/inbox"] = takes(RFC9421, accepted=503)

    assert (await post(client, server)).status == 503
    assert (await post(client, server)).status == 503
    assert schemes(server) == [CAVAGE, RFC9421, CAVAGE, RFC9421]


async def test_a_second_knock_has_no_time_of_its_own(server: Loopback) -> None:
    server.replies["/inbox"] = lambda request: Reply(401) if scheme_of(request) is CAVAGE else Hang()

    async with connect(limits=Limits(total_seconds=0.3)) as client:
        with pytest.raises(RemoteUnavailable):
            await post(client, server)
    assert len(server.received) == 2


async def test_each_host_has_its_own_manners(client: HttpClient, server: Loopback) -> None:
    async with serve() as other:
        server.replies["/inbox"], other.replies["/inbox"] = takes(RFC9421), takes(CAVAGE)
        for _ in range(2):
            await post(client, server)
            await post(client, other)

        assert schemes(server) == [CAVAGE, RFC9421, RFC9421]
        assert schemes(other) == [CAVAGE, CAVAGE]


async def test_documents_are_asked_for_in_the_same_way(client: HttpClient, server: Loopback) -> None:
    document = {"id": f"{server.origin}/a", "type": "Note"}
    server.replies["/a"] = lambda request: ap(document) if scheme_of(request) is RFC9421 else Reply(401)

    assert await Dereferencer(client, _At(NOW)).document(f"{server.origin}/a") == document
    assert await Dereferencer(client, _At(NOW)).document(f"{server.origin}/a") == document
    assert schemes(server) == [CAVAGE, RFC9421, RFC9421]


async def test_what_is_not_signed_is_not_asked_for_twice(client: HttpClient, server: Loopback) -> None:
    server.replies["/a"] = Reply(401)

    with pytest.raises(NotAuthorised):
        await client.get(f"{server.origin}/a", accept=AP)
    assert len(server.received) == 1


async def test_every_hop_of_a_redirect_is_greeted_by_itself(client: HttpClient, server: Loopback) -> None:
    server.replies["/a"] = lambda request: redirect("/b") if scheme_of(request) is RFC9421 else Reply(401)
    server.replies["/b"] = takes(RFC9421)

    answer = await client.get(f"{server.origin}/a", accept=AP, signer=SIGNER, now=NOW)

    assert answer.status == 202
    assert [(request.target, scheme_of(request)) for request in server.received] == [
        ("/a", CAVAGE), ("/a", RFC9421), ("/b", CAVAGE), ("/b", RFC9421)
    ]  # fmt: skip


class _At:
    """Our signer, at a moment of the test."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def sign(self, method: str, url: str, body: bytes | None, *, now: datetime, **more: Any) -> dict[str, str]:
        return SIGNER.sign(method, url, body, now=self._now, **more)


class TestTheMemoryOfAllProcesses:
    @pytest.fixture
    async def sent(self) -> list[SignatureScheme]:
        """What was knocked with."""
        return []

    async def knock(
        self, knocker: Knocker, sent: list[SignatureScheme], *taken: SignatureScheme, at: datetime = NOW
    ) -> int:
        async def send(scheme: SignatureScheme) -> Answer:
            sent.append(scheme)
            return Answer(202 if scheme in taken else 401, "https://far.test/inbox", {}, b"")

        return (await knocker.knock("far.test", at, send)).status

    async def test_what_one_learns_the_others_know(self, db: str, sent: list[SignatureScheme]) -> None:
        await self.knock(Knocker(is_kept=True), sent, RFC9421)
        await self.knock(Knocker(is_kept=True), sent, RFC9421)

        assert sent == [CAVAGE, RFC9421, RFC9421]
        host = await Host.get(name="far.test")
        assert (host.signature_scheme, host.scheme_at) == (RFC9421, NOW)

    async def test_what_is_usual_needs_no_row(self, db: str, sent: list[SignatureScheme]) -> None:
        await self.knock(Knocker(is_kept=True), sent, CAVAGE)
        assert not await Host.exists()

    async def test_what_another_has_learned_is_known_an_hour_later(self, db: str, sent: list[SignatureScheme]) -> None:
        early = Knocker(is_kept=True)
        await self.knock(early, sent, CAVAGE)
        await self.knock(Knocker(is_kept=True), sent, RFC9421)
        sent.clear()

        await self.knock(early, sent, CAVAGE, RFC9421, at=NOW + timedelta(minutes=59))
        await self.knock(early, sent, CAVAGE, RFC9421, at=NOW + timedelta(minutes=60))

        assert sent == [CAVAGE, RFC9421]

    async def test_a_host_that_also_fails_keeps_its_pause(self, db: str, sent: list[SignatureScheme]) -> None:
        failing = await Host.back_off("far.test", NOW, "no answer")
        await self.knock(Knocker(is_kept=True), sent, RFC9421)

        host = await Host.get(name="far.test")
        assert (host.failures, host.retry_at, host.signature_scheme) == (1, failing.retry_at, RFC9421)

    async def test_a_process_forgets_the_hosts_it_met_first(self, sent: list[SignatureScheme]) -> None:
        knocker = Knocker()
        await self.knock(knocker, sent, RFC9421)

        async def send(scheme: SignatureScheme) -> Answer:
            return Answer(202, "", {}, b"")

        for number in range(MAX_HOSTS):
            await knocker.knock(f"h{number}.test", NOW, send)
        sent.clear()
        await self.knock(knocker, sent, RFC9421)

        assert sent == [CAVAGE, RFC9421]
