"""The door to other servers: how much may come back."""

import gzip
import io
import tracemalloc
import zlib

import pytest

from federation.errors import ObjectGone, RejectedByPolicy, RemoteUnavailable
from federation.http import Limits
from tests.federation.loopback import AP, Hang, PlainSigner, Reply, connect, redirect, serve

SMALL = Limits(max_body_bytes=10_000)


@pytest.fixture
async def server():
    async with serve() as loopback:
        yield loopback


@pytest.fixture
async def client():
    async with connect(limits=SMALL) as client:
        yield client


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


async def test_a_bomb_is_dropped_before_it_goes_off(server):
    bomb = gzip.compress(b"\0" * 50_000_000)
    server.replies["/a"] = Reply(body=bomb, headers=[("Content-Encoding", "gzip")])

    tracemalloc.start()
    try:
        async with connect(limits=Limits(max_body_bytes=100_000)) as client:
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


# What is written into a file


async def download(client, url, most=10_000):
    file = io.BytesIO()
    answer = await client.download(url, file, accept="image/*", max_body_bytes=most)
    assert answer.body == b""
    return file.getvalue()


async def test_a_file_is_written_as_it_is_there(client, server):
    server.replies["/a"], server.replies["/b"] = redirect("/b"), Reply(body=b"x" * 10_000)

    assert await download(client, f"{server.origin}/a") == b"x" * 10_000
    assert server.received[1].headers["accept"] == "image/*"
    assert server.received[1].headers["accept-encoding"] == "identity"
    assert "signature" not in server.received[1].headers


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 10001\r\n\r\n"),
        Reply(
            raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (b"2000\r\n" + b"x" * 0x2000 + b"\r\n") * 9
        ),
    ],
)
async def test_a_file_that_is_too_large_is_refused(client, server, reply):
    server.replies["/a"] = reply

    with pytest.raises(RejectedByPolicy, match="larger"):
        await download(client, f"{server.origin}/a")


async def test_a_file_is_not_unpacked(client, server):
    packed = gzip.compress(bytes(1_000_000))
    server.replies["/a"] = Reply(body=packed, headers=[("Content-Encoding", "gzip")])

    assert await download(client, f"{server.origin}/a") == packed


@pytest.mark.parametrize("status", [404, 410])
async def test_a_file_that_is_not_there_leaves_nothing(client, server, status):
    server.replies["/a"] = Reply(status, b"x" * 5000)

    with pytest.raises(ObjectGone):
        await download(client, f"{server.origin}/a")


async def test_a_file_that_does_not_come_is_given_up(server):
    server.replies["/a"] = Hang()
    async with connect(limits=Limits(total_seconds=0.2)) as hasty:
        with pytest.raises(RemoteUnavailable):
            await download(hasty, f"{server.origin}/a")


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1:1/a", "http://169.254.169.254/a", "ftp://far.test/a", "/a:b:99999999"]
)
async def test_a_file_is_fetched_from_nowhere_private(server, place):
    server.replies["/a"] = redirect(place)
    async with connect(allow_private_addresses=False) as careful:
        with pytest.raises((RejectedByPolicy, ObjectGone)):
            await download(careful, place if place.startswith("http") else f"{server.origin}/a")
    assert server.received == []
