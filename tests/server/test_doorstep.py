"""What lies ready is handed out on the doorstep, over real connections, and is what would have been answered inside."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from server.doorstep import Doorstep, on_doorstep
from server.monitoring.metrics import REGISTRY
from server.posts.actions import Draft, delete, publish
from tests.server.activitypub.conftest import instance
from tests.server.api import LogIn, app, log_in
from tests.web.test_queries import needs_sqlite

__all__ = ["app", "instance", "log_in"]

pytestmark = needs_sqlite  # elsewhere the state of the database cannot be told without waiting

PATHS = ("/nodeinfo/2.1", "/.well-known/nodeinfo", "/api/v2/instance", "/about", "/nothing/here")


class Line:
    """A connection to the server, on which whole requests are written."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def ask(self, *requests: bytes) -> list[tuple[int, dict[str, str], bytes]]:
        """Send requests in one go; (status, headers, body) of each answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"".join(requests))
        try:
            return [await self._answer(reader, is_head=request.startswith(b"HEAD")) for request in requests]
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, *, is_head: bool) -> tuple[int, dict[str, str], bytes]:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        length = 0 if is_head else int(headers.get("content-length", 0))
        return int(head[0].split()[1]), headers, await asyncio.wait_for(reader.readexactly(length), 10)

    async def ask_until_closed(self, request: bytes) -> bytes:
        """Send a request; everything that comes until the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        try:
            return await asyncio.wait_for(reader.read(), 10)
        finally:
            writer.close()


@asynccontextmanager
async def served(app: Starlette, http: object) -> AsyncIterator[Line]:
    """Serve the application on a port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=http, lifespan="off", ws="none", log_level="warning", server_header=False)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server._serve(sockets=[listener]))  # signals are the test runner's
        while not server.started:
            await asyncio.sleep(0.01)
        yield Line(listener.getsockname()[1])
        server.should_exit = True
        await running


@pytest.fixture
async def line(app: Starlette, handed_out: list[str]) -> AsyncIterator[Line]:
    """A connection to a server with a doorstep."""
    async with served(app, on_doorstep(app.state.repeats)) as line:
        yield line


@pytest.fixture
def handed_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were answered on the doorstep."""
    paths: list[str] = []
    answer = Doorstep._answers_at_once

    def noted(self: Doorstep, cycle) -> bool:
        if is_answered := answer(self, cycle):
            paths.append(cycle.scope["path"])
        return is_answered

    monkeypatch.setattr(Doorstep, "_answers_at_once", noted)
    return paths


def get(path: str, *headers: str, method: str = "GET", version: str = "1.1", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/{version}", "Host: lille.test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def told(answers: Sequence[tuple[int, dict[str, str], bytes]]) -> list[object]:
    """What must be the same, whoever answers: all but the number of the request and the time."""
    own = {"x-request-id": "", "date": ""}
    return [(status, headers | own, re.sub(rb"[0-9a-f]{16}", b"", body)) for status, headers, body in answers]


async def test_the_same_is_handed_out_again(line: Line, handed_out: list[str], section: Actor):
    for path in PATHS[:3]:
        first, again = await line.ask(get(path)), await line.ask(get(path))
        assert told(first) == told(again)
        assert first[0][1]["x-request-id"] != again[0][1]["x-request-id"]
    assert handed_out == list(PATHS[:3])


async def test_what_was_written_meanwhile_is_not(line: Line, handed_out: list[str], member: Actor, ctx: Context):
    post = await publish(member, Draft("Bonjour"), ctx)
    ask = get(post.uri.removeprefix("https://lille.test"), "Accept: application/activity+json")
    assert [(await line.ask(ask))[0][0] for _ in range(3)] == [200, 200, 200]
    assert len(handed_out) >= 1
    await delete(member, post, ctx)

    assert (await line.ask(ask))[0][0] == 410


async def test_each_reader_is_given_their_own(log_in: LogIn, line: Line, member: Actor, other_member: Actor):
    tokens = [(await log_in(actor)).headers["Authorization"] for actor in (member, other_member)]
    ask = [get("/api/v1/accounts/verify_credentials", f"Authorization: {token}") for token in tokens]
    bodies = [(await line.ask(ask[turn % 2]))[0][2] for turn in range(6)]

    assert [b'"zoe"' in body for body in bodies] == [True, False] * 3
    assert (await line.ask(get("/api/v1/accounts/verify_credentials")))[0][0] == 401


async def test_requests_in_one_packet_are_answered_in_their_order(line: Line, handed_out: list[str], section: Actor):
    await line.ask(get(PATHS[0]))
    answers = await line.ask(get(PATHS[0]), get(PATHS[4]), get(PATHS[0]), get(PATHS[2]), get(PATHS[0], method="HEAD"))

    assert [status for status, _, _ in answers] == [200, 404, 200, 200, 200]
    assert answers[0][2] == answers[2][2]
    assert handed_out.count(PATHS[0]) == 2


async def test_a_body_nobody_asked_for_disturbs_nothing(line: Line, handed_out: list[str], section: Actor):
    ask = get(PATHS[0], body=b"GET /nothing/here HTTP/1.1\r\n\r\n")
    await line.ask(ask)
    answers = await line.ask(ask, get(PATHS[4]), ask)

    assert [status for status, _, _ in answers] == [200, 404, 200]
    assert PATHS[0] in handed_out


@pytest.mark.parametrize("ask", [get(PATHS[0], "Connection: close"), get(PATHS[0], version="1.0")])
async def test_who_wants_to_hang_up_is_answered_inside(line: Line, handed_out: list[str], section: Actor, ask: bytes):
    await line.ask(get(PATHS[0]))
    for _ in range(2):
        heard = await line.ask_until_closed(ask)
        assert heard.startswith(b"HTTP/1.1 200 ")
        assert b'"protocols"' in heard
    assert handed_out == []


async def test_what_is_known_already_is_not_sent(line: Line, handed_out: list[str], section: Actor):
    [(_, headers, _)] = await line.ask(get("/"))
    ask = get("/", f"If-None-Match: {headers['etag']}")
    for _ in range(2):
        [(status, known, body)] = await line.ask(ask)
        assert (status, known["etag"], body) == (304, headers["etag"], b"")
    assert handed_out == ["/"]


async def test_what_is_handed_out_is_counted_under_its_route(line: Line, handed_out: list[str], section: Actor):
    def count() -> float:
        labels = {"method": "GET", "route": "/nodeinfo/{version}", "status": "200"}
        return REGISTRY.get_sample_value("coopole_http_request_seconds_count", labels) or 0

    before = count()
    for _ in range(3):
        await line.ask(get(PATHS[0]))

    assert (count(), len(handed_out)) == (before + 3, 2)


REQUESTS = st.builds(
    get,
    st.sampled_from(PATHS),
    st.sampled_from(["Accept: */*", "Accept-Language: en", "X-Any: thing", "Accept: text/html", "Cookie: a=b"]),
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"]),
    body=st.sampled_from([b"", b"x", b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
@given(rounds=st.lists(st.lists(REQUESTS, min_size=1, max_size=5), min_size=2, max_size=3))
async def test_whatever_is_asked_the_answers_are_those_given_inside(
    app: Starlette, section: Actor, instance: Actor, rounds: list[list[bytes]]
):
    async with served(app, on_doorstep(app.state.repeats)) as line, served(app, "httptools") as inside:
        for requests in rounds:
            assert told(await line.ask(*requests)) == told(await inside.ask(*requests))
