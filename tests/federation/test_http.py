"""The door to other servers: what goes over the wire, where it may go, and how much comes back."""

import asyncio
import gzip
import socket
import ssl
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.errors import (
    FederationError,
    MalformedActivity,
    NotAuthorised,
    ObjectGone,
    RejectedByPolicy,
    RemoteUnavailable,
)
from federation.http import HttpClient, Limits
from federation.signatures import SignedRequest, Signer, read_signature, verify
from federation.uris import parse_uri
from tests.federation.loopback import AP, Hang, PlainSigner, Reply, ap, redirect, serve

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SMALL = Limits(total_seconds=10, max_body_bytes=10_000, max_redirects=3)
HASTY = Limits(total_seconds=0.2)


@pytest.fixture
async def server():
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def make_client():
    """Make clients that are closed after the test; loopback and plain HTTP are open to them unless said otherwise."""
    made = []

    def make(**choices):
        open_ = {"user_agent": "Test/1.0", "allow_private_addresses": True, "allow_http": True, "limits": SMALL}
        made.append(HttpClient(**(open_ | choices)))
        return made[-1]

    yield make
    for client in made:
        await client.close()


@pytest.fixture
def client(make_client):
    return make_client()


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
async def test_the_target_sent_is_the_target_signed(target):
    async with serve() as loopback:
        client = HttpClient(user_agent="Test/1.0", allow_private_addresses=True, allow_http=True)
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
        finally:
            await client.close()


async def test_connections_are_kept(client, server):
    server.replies["/inbox"] = Reply(202)

    for _ in range(3):
        await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner())

    assert server.connections == 1


async def test_no_more_connections_to_one_host_than_the_limit(make_client, server):
    client = make_client(limits=Limits(per_host_connections=2))
    server.replies["/a"] = Reply(200)

    await asyncio.gather(*(client.get(f"{server.origin}/a", accept=AP) for _ in range(10)))

    assert server.connections <= 2


async def test_cookies_are_not_kept(client, server):
    server.replies["/a"] = Reply(headers=[("Set-Cookie", "a=b; Path=/")])

    await client.get(f"{server.origin}/a", accept=AP)
    await client.get(f"{server.origin}/a", accept=AP)

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
    assert server.targets == ["/inbox"]


# Trouble on the way


async def test_a_refused_connection_is_worth_another_try(client):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(RemoteUnavailable):
            await client.get(url, accept=AP)
        with pytest.raises(RemoteUnavailable):
            await client.post(url, b"", content_type=AP, signer=PlainSigner())


async def test_a_silent_server_is_given_up(make_client, server):
    server.replies["/a"] = Hang()

    with pytest.raises(RemoteUnavailable, match="in time"):
        await make_client(limits=HASTY).get(f"{server.origin}/a", accept=AP)
    with pytest.raises(RemoteUnavailable, match="in time"):
        await make_client(limits=HASTY).post(f"{server.origin}/a", b"", content_type=AP, signer=PlainSigner())


async def test_an_answer_that_never_ends_is_given_up(make_client, server):
    server.replies["/a"] = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nslow")

    with pytest.raises(RemoteUnavailable, match="in time"):
        await make_client(limits=HASTY).get(f"{server.origin}/a", accept=AP)


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


# How much comes back


async def test_a_document_of_the_greatest_size_is_read(client, server):
    server.replies["/a"] = Reply(body=b"x" * SMALL.max_body_bytes)

    assert len((await client.get(f"{server.origin}/a", accept=AP)).body) == SMALL.max_body_bytes


async def test_a_document_that_announces_too_much_is_refused(client, server):
    server.replies["/a"] = Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n")

    with pytest.raises(RejectedByPolicy, match="larger"):
        await client.get(f"{server.origin}/a", accept=AP)


async def test_a_document_that_goes_on_and_on_is_refused(client, server):
    chunk = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"
    server.replies["/a"] = Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 9)

    with pytest.raises(RejectedByPolicy, match="larger"):
        await client.get(f"{server.origin}/a", accept=AP)


async def test_one_request_may_ask_for_less_or_more(client, server):
    server.replies["/a"] = Reply(body=b"x" * 20_000)

    assert len((await client.get(f"{server.origin}/a", accept=AP, max_body_bytes=20_000)).body) == 20_000
    with pytest.raises(RejectedByPolicy):
        await client.get(f"{server.origin}/a", accept=AP, max_body_bytes=19_999)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_packed_document_is_unpacked(client, server, encoding, pack):
    server.replies["/a"] = Reply(body=pack(b"{}"), headers=[("Content-Encoding", encoding)])

    assert (await client.get(f"{server.origin}/a", accept=AP)).body == b"{}"


async def test_a_bomb_is_dropped_before_it_goes_off(make_client, server):
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.replies["/a"] = Reply(body=bomb, headers=[("Content-Encoding", "gzip")])
    client = make_client(limits=Limits(max_body_bytes=100_000))

    tracemalloc.start()
    try:
        with pytest.raises(RejectedByPolicy, match="larger"):
            await client.get(f"{server.origin}/a", accept=AP)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak_bytes < 5_000_000


async def test_a_bomb_inside_a_bomb_is_not_opened(client, server):
    bomb = gzip.compress(gzip.compress(b"\0" * 5_000_000))
    server.replies["/a"] = Reply(body=bomb, headers=[("Content-Encoding", "gzip, gzip")])

    assert (await client.get(f"{server.origin}/a", accept=AP)).body == bomb


async def test_a_bomb_in_answer_to_a_post_is_left_packed(client, server):
    bomb = gzip.compress(b"\0" * 1_000_000)
    server.replies["/inbox"] = Reply(202, bomb, [("Content-Encoding", "gzip")])

    answer = await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner())

    assert answer.body == bomb


async def test_a_long_answer_to_a_post_is_cut_short(client, server):
    server.replies["/inbox"] = Reply(500, b"x" * 500_000)

    answer = await client.post(f"{server.origin}/inbox", b"{}", content_type=AP, signer=PlainSigner())

    assert (answer.status, len(answer.body)) == (500, 65_536)


# Where it may go


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://[fe80::1]/",
        "https://255.255.255.255/",
        "https://１２７.0.0.1/",
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://user@example.org/",
        "https://example.org:22/",
        "https://example.org:25/",
        "https://example.org:0/",
        "https://example.org\\@127.0.0.1/",
        "nonsense",
    ],
)
async def test_what_we_do_not_visit_is_refused_before_anything_is_sent(url):
    client = HttpClient(user_agent="Test/1.0")

    with pytest.raises(RejectedByPolicy):
        await client.get(url, accept=AP, signer=PlainSigner())
    with pytest.raises(RejectedByPolicy):
        await client.post(url, b"", content_type=AP, signer=PlainSigner())


async def test_a_name_that_leads_to_loopback_is_refused(make_client, server):
    client = make_client(allow_private_addresses=False)

    with pytest.raises(RejectedByPolicy, match="no public address"):
        await client.get(f"http://localhost:{server.host.partition(':')[2]}/", accept=AP)

    assert server.connections == 0


async def test_a_name_that_leads_to_loopback_is_visited_where_allowed(client, server):
    server.replies["/"] = Reply()
    url = f"http://localhost:{server.host.partition(':')[2]}/"

    assert (await client.get(url, accept=AP)).url == url


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "fe80::1%2", "fd00::1", "0.0.0.0"],
)
async def test_a_name_that_leads_to_a_private_address_is_refused(make_client, monkeypatch, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    infos = [(family, socket.SOCK_STREAM, 6, "", (address, 80, 0, 0) if ":" in address else (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: infos)

    with pytest.raises(RejectedByPolicy, match="no public address"):
        await make_client(allow_private_addresses=False).get("http://evil.example/", accept=AP)


async def test_of_several_addresses_only_the_permitted_are_tried(client, server, monkeypatch):
    port = int(server.host.partition(":")[2])
    infos = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in ("169.254.169.254", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: infos)
    server.replies["/"] = Reply()

    answer = await client.get(f"http://mixed.example:{port}/", accept=AP)

    assert answer.status == 200
    assert server.received[0].headers["host"] == f"mixed.example:{port}"


# Redirects


async def test_each_redirect_is_signed_anew(client, server):
    async with serve("127.0.0.2") as other:
        server.replies["/a"] = redirect("b?x=1", 301)
        server.replies["/b?x=1"] = redirect(f"{other.origin}/c#part", 308)
        other.replies["/c"] = ap({})

        answer = await client.get(f"{server.origin}/a", accept=AP, signer=PlainSigner(), now=NOW)

        assert answer.url == f"{other.origin}/c"
        signatures = [request.headers["signature"] for request in server.received + other.received]
        assert signatures == [
            f"GET {server.origin}/a",
            f"GET {server.origin}/b?x=1",
            f"GET {other.origin}/c",
        ]


async def test_three_redirects_are_followed_and_a_fourth_is_not(client, server):
    for step in range(1, 5):
        server.replies[f"/{step}"] = redirect(f"/{step - 1}")
    server.replies["/0"] = Reply()

    assert (await client.get(f"{server.origin}/3", accept=AP)).url == f"{server.origin}/0"
    with pytest.raises(RejectedByPolicy, match="more than 3 times"):
        await client.get(f"{server.origin}/4", accept=AP)


async def test_a_redirect_in_circles_ends(client, server):
    server.replies["/a"] = redirect("/a")

    with pytest.raises(RejectedByPolicy):
        await client.get(f"{server.origin}/a", accept=AP)


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://0/",
        "http://2852039166/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "//user@127.0.0.1/",
        "http://[/",
        "http://127.0.0.1:22/",
        "/caf\udce9",
    ],
)
async def test_a_redirect_to_what_we_do_not_visit_is_refused(client, server, location):
    raw = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"
    server.replies["/a"] = Reply(raw=raw % location.encode("utf-8", "surrogateescape"))

    with pytest.raises(RejectedByPolicy):
        await client.get(f"{server.origin}/a", accept=AP)

    assert server.targets == ["/a"]


async def test_a_redirect_to_nowhere_is_malformed(client, server):
    server.replies["/a"] = Reply(302)

    with pytest.raises(MalformedActivity):
        await client.get(f"{server.origin}/a", accept=AP)


# TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    address = x509.IPAddress(ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
async def https_server(certificate):
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with serve(tls=tls) as loopback:
        yield loopback


async def test_a_certificate_that_nobody_vouches_for_is_refused(client, https_server):
    with pytest.raises(RemoteUnavailable, match="certificate"):
        await client.get(f"{https_server.origin}/a", accept=AP)

    assert not https_server.received


async def test_a_private_authority_may_be_trusted(make_client, https_server, certificate):
    client = make_client(tls=ssl.create_default_context(cafile=str(certificate)), allow_http=False)
    https_server.replies["/a"] = ap({})

    assert (await client.get(f"{https_server.origin}/a", accept=AP)).status == 200


async def test_a_redirect_never_leaves_encryption(make_client, https_server, server, certificate):
    client = make_client(tls=ssl.create_default_context(cafile=str(certificate)), allow_http=True)
    https_server.replies["/a"] = redirect(f"{server.origin}/a")

    with pytest.raises(RejectedByPolicy, match="not encrypted"):
        await client.get(f"{https_server.origin}/a", accept=AP)

    assert server.connections == 0


# Anything


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(raw=st.binary(max_size=200) | st.binary(max_size=60).map(lambda more: b"HTTP/1.1 200 OK\r\n" + more))
async def test_any_answer_is_read_or_refused_and_nothing_else(raw):
    async with serve() as loopback:
        client = HttpClient(user_agent="Test/1.0", allow_private_addresses=True, allow_http=True, limits=HASTY)
        loopback.replies["/"] = Reply(raw=raw, closes=True)
        try:
            answer = await client.get(f"{loopback.origin}/", accept=AP)
            assert 200 <= answer.status < 300
        except FederationError:
            pass
        finally:
            await client.close()


async def test_json_bodies_survive_the_journey(client, server):
    sent = orjson.dumps({"content": "é\u0000😀" * 100})
    server.replies["/inbox"] = Reply(202)

    await client.post(f"{server.origin}/inbox", sent, content_type=AP, signer=PlainSigner())

    assert server.received[0].body == sent
