"""The door to other servers: where it may go, by name, by address and by redirect."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from federation.errors import (
    MalformedActivity,
    RejectedByPolicy,
    RemoteUnavailable,
)
from federation.http import HttpClient
from tests.federation.loopback import AP, PlainSigner, Reply, ap, connect, redirect, serve

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def server():
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def client():
    async with connect() as client:
        yield client


@pytest.fixture
async def guarded_client():
    async with connect(allow_private_addresses=False) as client:
        yield client


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


async def test_a_name_that_leads_to_loopback_is_refused(guarded_client, server):
    with pytest.raises(RejectedByPolicy, match="no public address"):
        await guarded_client.get(f"http://localhost:{server.host.partition(':')[2]}/", accept=AP)

    assert server.connections == 0


async def test_a_name_that_leads_to_loopback_is_visited_where_allowed(client, server):
    server.replies["/"] = Reply()
    url = f"http://localhost:{server.host.partition(':')[2]}/"

    assert (await client.get(url, accept=AP)).url == url


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "fe80::1%2", "fd00::1", "0.0.0.0"],
)
async def test_a_name_that_leads_to_a_private_address_is_refused(guarded_client, monkeypatch, address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    infos = [(family, socket.SOCK_STREAM, 6, "", (address, 80, 0, 0) if ":" in address else (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: infos)

    with pytest.raises(RejectedByPolicy, match="no public address"):
        await guarded_client.get("http://evil.example/", accept=AP)


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


@pytest.fixture
async def trusting_client(certificate):
    async with connect(tls=ssl.create_default_context(cafile=str(certificate))) as client:
        yield client


async def test_a_certificate_that_nobody_vouches_for_is_refused(client, https_server):
    with pytest.raises(RemoteUnavailable, match="certificate"):
        await client.get(f"{https_server.origin}/a", accept=AP)

    assert not https_server.received


async def test_a_private_authority_may_be_trusted(trusting_client, https_server):
    https_server.replies["/a"] = ap({})

    assert (await trusting_client.get(f"{https_server.origin}/a", accept=AP)).status == 200


async def test_a_redirect_never_leaves_encryption(trusting_client, https_server, server):
    https_server.replies["/a"] = redirect(f"{server.origin}/a")

    with pytest.raises(RejectedByPolicy, match="not encrypted"):
        await trusting_client.get(f"{https_server.origin}/a", accept=AP)

    assert server.connections == 0
