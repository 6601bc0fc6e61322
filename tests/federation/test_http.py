"""The door to other servers: what goes over the wire, and what the answer means."""

import asyncio
import socket
from datetime import UTC, datetime

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from federation.errors import (
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
)
from federation.http import Limits
from federation.signatures import SignedRequest, Signer, read_signature, verify
from federation.uris import parse_uri
from tests.federation.loopback import AP, Hang, PlainSigner, Reply, ap, connect, serve

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HASTY = Limits(total_seconds=0.2)


@pytest.fixture
async def server():
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def client():
    async with connect() as client:
        yield client


@pytest.fixture
async def hasty_client():
    async with connect(limits=HASTY) as client:
        yield client


# What goes over the wire


async def test_get_returns_what_is_there(client, server):
    server.replies["/a"] = ap({"id": "x"})

    answer = await client.get(f"{server.origin}/a", accept=AP)

    assert (answer.status, answer.url, answer.body) == (200, f"{server.origin}/a", b'{"id":"x"}')
    assert answer.headers["content-type"] == AP
    assert server.received[0].headers["accept"] == AP
    assert server.received[0].headers["user-agent"] == "Test/1.0"


async def test_repeated_headers_are_joined(client, server):
    server.replies["/a"] = Reply(headers=[("Link", "<a>"), ("link", "<b>")])

    assert (await client.get(f"{server.origin}/a", accept=AP)).headers["link"] == "<a>, <b>"


async def test_post_sends_the_body_signed(client, server):
    server.replies["/inbox"] = Reply(202, b"thanks")

    answer = await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner(), now=NOW)

    (request,) = server.received
    assert (answer.status, answer.body) == (202, b"thanks")
    assert (request.method, request.body, request.headers["content-type"]) == ("POST", b"{}", AP)
    assert request.headers["signature"] == f"POST {server.origin}/inbox"
    assert request.headers["date"] == NOW.isoformat()


async def test_what_our_signer_signs_is_what_arrives(client, server):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signer = Signer("https://a.example/actor#main-key", key)
    server.replies["/caf%C3%A9/inbox?x=%20y"] = Reply(202)

    await client.post(f"{server.origin}/café/inbox?x=%20y", b"{}", content_type=AP, signer=signer, now=NOW)
    await client.get(f"{server.origin}/café/inbox?x=%20y#z", accept=AP, signer=signer, now=NOW)

    for sent in server.received:
        request = SignedRequest(sent.method, sent.target, sent.headers, sent.body)
        verify(read_signature(request, now=NOW), key.public_key())


async def test_a_request_without_a_time_is_signed_for_the_present(client, server):
    server.replies["/a"] = Reply(202)
    before = datetime.now(UTC)

    await client.post(f"{server.origin}/a", b"", content_type=AP, signer=PlainSigner())
    await client.get(f"{server.origin}/a", accept=AP, signer=PlainSigner())

    for request in server.received:
        assert before <= datetime.fromisoformat(request.headers["date"]) <= datetime.now(UTC)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.from_regex(r"/[!-~é%]{0,20}(\?[!-~é%]{0,20})?(#x)?", fullmatch=True))
@example("/%7Eana/../b?x=%21&y=a+b%20c")
@example("/a?")
async def test_the_target_sent_is_the_target_signed(target):
    async with serve() as loopback, connect() as client:
        try:
            await client.get(loopback.origin + target, accept=AP, signer=PlainSigner())
        except ObjectGone:
            (request,) = loopback.received
            assert request.headers["signature"] == f"GET {loopback.origin}{request.target}"
            assert parse_uri(loopback.origin + target).url == loopback.origin + request.target
            assert request.headers["host"] == loopback.host
        except RejectedByPolicy:
            assert "\\" in target, "nothing else in a path could be read in two ways"
            assert not loopback.received


async def test_connections_are_kept(client, server):
    server.replies["/inbox"] = Reply(202)

    for _ in range(3):
        await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner())

    assert server.connections == 1


async def test_no_more_connections_to_one_host_than_the_limit(server):
    server.replies["/a"] = Reply(200)

    async with connect(limits=Limits(per_host_connections=2)) as client:
        await asyncio.gather(*(client.get(f"{server.origin}/a", accept=AP) for _ in range(10)))

    assert server.connections <= 2


async def test_cookies_are_not_kept(client, server):
    server.replies["/a"] = Reply(headers=[("Set-Cookie", "a=b; Path=/")])
    url = f"http://localhost:{server.host.partition(':')[2]}/a"

    await client.get(url, accept=AP)
    await client.get(url, accept=AP)

    assert "cookie" not in server.received[1].headers


async def test_the_proxy_of_the_environment_is_ignored(client, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.replies["/a"] = Reply()

    assert (await client.get(f"{server.origin}/a", accept=AP)).status == 200


async def test_a_closed_client_opens_anew(client, server):
    server.replies["/a"] = Reply()
    await client.get(f"{server.origin}/a", accept=AP)
    await client.close()
    await client.close()

    await client.get(f"{server.origin}/a", accept=AP)

    assert server.connections == 2


async def test_json_bodies_survive_the_journey(client, server):
    sent = orjson.dumps({"content": "é\u0000😀" * 100})
    server.replies["/inbox"] = Reply(202)

    await client.post(f"{server.origin}/inbox", sent, content_type=AP, signer=PlainSigner())

    assert server.received[0].body == sent


# What the answer means


async def test_a_refused_get_raises_with_the_time_to_come_back(client, server):
    server.replies["/a"] = Reply(503, headers=[("Retry-After", "Sun, 01 Mar 2026 12:00:30 GMT")])

    with pytest.raises(RemoteUnavailable) as caught:
        await client.get(f"{server.origin}/a", accept=AP, now=NOW)

    assert caught.value.retry_after_seconds == 30


@pytest.mark.parametrize(
    ("status", "error"), [(404, ObjectGone), (410, ObjectGone), (401, NotAuthorised), (406, MalformedActivity)]
)
async def test_a_get_without_a_document_raises(client, server, status, error):
    server.replies["/a"] = Reply(status, b"x" * 200_000)

    with pytest.raises(error):
        await client.get(f"{server.origin}/a", accept=AP)


@pytest.mark.parametrize("status", [200, 202, 302, 400, 401, 404, 410, 429, 500])
async def test_a_post_returns_every_status(client, server, status):
    server.replies["/inbox"] = Reply(status, headers=[("Location", "/elsewhere"), ("Retry-After", "5")])

    answer = await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner())

    assert (answer.status, answer.headers["retry-after"]) == (status, "5")
    assert set(server.targets) == {"/inbox"}


# Trouble on the way


async def test_a_refused_connection_is_worth_another_try(client):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(RemoteUnavailable):
            await client.get(url, accept=AP)
        with pytest.raises(RemoteUnavailable):
            await client.post(url, b"", content_type=AP, signer=PlainSigner())


async def test_a_silent_server_is_given_up(hasty_client, server):
    server.replies["/a"] = Hang()

    with pytest.raises(RemoteUnavailable, match="in time"):
        await hasty_client.get(f"{server.origin}/a", accept=AP)
    with pytest.raises(RemoteUnavailable, match="in time"):
        await hasty_client.post(f"{server.origin}/a", b"", content_type=AP, signer=PlainSigner())


async def test_an_answer_that_never_ends_is_given_up(hasty_client, server):
    server.replies["/a"] = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow")

    with pytest.raises(RemoteUnavailable, match="in time"):
        await hasty_client.get(f"{server.origin}/a", accept=AP)


async def test_a_name_that_does_not_resolve_is_worth_another_try(client, monkeypatch):
    def unknown(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(RemoteUnavailable):
        await client.get("http://nowhere.example/", accept=AP)


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\njunk",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"",
    ],
)
async def test_a_broken_answer_is_worth_another_try(client, server, raw):
    server.replies["/a"] = Reply(raw=raw, closes=True)

    with pytest.raises(RemoteUnavailable):
        await client.get(f"{server.origin}/a", accept=AP)


async def test_a_post_is_tried_again_when_a_kept_connection_was_closed(client, server):
    dropped = iter([Reply(202), Reply(raw=b"", closes=True), Reply(202)])
    server.replies["/inbox"] = lambda _: next(dropped)
    url = f"{server.origin}/inbox"
    await client.post(url, b"1", content_type=AP, signer=PlainSigner())

    answer = await client.post(url, b"2", content_type=AP, signer=PlainSigner())

    assert answer.status == 202
    assert [request.body for request in server.received] == [b"1", b"2", b"2"]


async def test_a_post_is_tried_again_only_once(client, server):
    server.replies["/inbox"] = Reply(raw=b"", closes=True)

    with pytest.raises(RemoteUnavailable):
        await client.post(f"{server.origin}/inbox", b"", content_type=AP, signer=PlainSigner())

    assert len(server.received) == 2


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 202 OK\r\nContent-Length: 4\r\nContent-Encoding: gzip\r\n\r\njunk",
        b"HTTP/1.1 202 OK\r\nContent-Length: 50\r\n\r\nshort",
    ],
)
async def test_the_status_of_a_post_counts_whatever_its_body_is_worth(client, server, raw):
    server.replies["/inbox"] = Reply(raw=raw, closes=True)

    answer = await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner())

    assert answer.status == 202


# Anything


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(raw=st.binary(max_size=200) | st.binary(max_size=60).map(lambda more: b"HTTP/1.1 200 OK\r\n" + more))
async def test_any_answer_is_read_or_refused_and_nothing_else(raw):
    async with serve() as loopback, connect(limits=HASTY) as client:
        loopback.replies["/"] = Reply(raw=raw, closes=True)
        try:
            answer = await client.get(f"{loopback.origin}/", accept=AP)
            assert 200 <= answer.status < 300
        except FederationError:
            pass
