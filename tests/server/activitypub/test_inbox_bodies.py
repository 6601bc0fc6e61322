"""What may be POSTed to an inbox: JSON, an activity, not too much of it."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from federation.context import Context
from models.actor import Actor
from models.inbox import InboxMessage
from server import bodies
from server.activitypub.inbox import as_signed
from tests.server.activitypub.poster import FAR, MAX_BODY_BYTES, Poster, Upload, build_app, follow_of, plain_headers
from tests.world import ORIGIN, World


@pytest.fixture
def poster(ctx: Context, world: World, tmp_path: Path) -> Poster:
    """Whoever POSTs."""
    return Poster(build_app(ctx, tmp_path), world)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "the body is not JSON"),
        (b"{", "the body is not JSON"),
        (b"[]", "the body is not a JSON object"),
        (b"[" * 100_000, "the body is not JSON"),
        (b"\xff\xfe{}", "the body is not JSON"),
        (b'{"a": "\xc3\x28"}', "the body is not JSON"),
        (b'{"a": "\\ud800"}', "the body is not JSON"),
    ],
)
async def test_what_is_not_json_is_refused_with_a_sentence(poster: Poster, body: bytes, sentence: str) -> None:
    reply = await poster.send(body, plain_headers())
    assert (reply.status, reply.error) == (400, sentence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"id": None}, "the activity has no id that is an http(s) URI"),
        ({"id": "urn:uuid:1"}, "the activity has no id that is an http(s) URI"),
        ({"id": {"id": "https://far.test/1"}}, "the activity has no id that is an http(s) URI"),
        ({"type": None}, "the activity has no type"),
        ({"type": []}, "the activity has no type"),
        ({"actor": None}, "the activity must have exactly one actor, named by an http(s) URI"),
        ({"actor": [FAR, f"{FAR}2"]}, "the activity must have exactly one actor, named by an http(s) URI"),
        ({"actor": "acct:noor@far.test"}, "the activity must have exactly one actor, named by an http(s) URI"),
        ({"object": None}, "the activity has no object"),
        ({"object": "word"}, "the activity has no object"),
    ],
)
async def test_what_is_no_activity_is_refused_with_a_sentence(
    section: Actor, remote_actor: Actor, poster: Poster, changes: dict[str, Any], sentence: str
) -> None:
    changed = {name: value for name, value in (follow_of(section) | changes).items() if value is not None}
    reply = await poster.post(changed, actor=FAR)
    assert (reply.status, reply.error) == (400, sentence)
    assert not await InboxMessage.exists()


async def test_an_activity_nested_too_deeply_is_refused(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    deep: Any = "bottom"
    for _ in range(100):
        deep = {"object": deep}
    assert (await poster.post(follow_of(section) | {"object": deep})).status == 400


@pytest.mark.parametrize("declared", [str(MAX_BODY_BYTES + 1), "9" * 19, "9" * 5000])
async def test_what_says_it_is_too_large_is_refused_unread(poster: Poster, declared: str) -> None:
    upload = Upload([b" " * 1024] * 1000)
    reply = await poster.upload(upload, plain_headers() | {"content-length": declared})
    assert (reply.status, reply.error) == (413, f"This server takes at most {MAX_BODY_BYTES} bytes at once.")
    assert upload.taken == 0


@pytest.mark.parametrize("declared", [{}, {"content-length": "10"}, {"content-length": "²"}, {"content-length": "-1"}])
async def test_what_turns_out_too_large_is_refused_and_the_rest_not_read(
    poster: Poster, declared: dict[str, str]
) -> None:
    upload = Upload([b" " * 1024] * 1000)
    reply = await poster.upload(upload, plain_headers() | declared)
    assert (reply.status, reply.error) == (413, f"This server takes at most {MAX_BODY_BYTES} bytes at once.")
    assert upload.taken == MAX_BODY_BYTES // 1024 + 1


async def test_what_is_as_large_as_may_be_is_taken(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    follow = follow_of(section)
    follow["padding"] = " " * (MAX_BODY_BYTES - len(orjson.dumps(follow | {"padding": ""})))
    body, headers = world.signed(FAR, follow, f"{ORIGIN}/inbox")
    assert len(body) == MAX_BODY_BYTES
    pieces = [body[start : start + 1000] for start in range(0, len(body), 1000)]
    assert (await poster.upload(Upload(pieces), headers)).status == 202


async def test_whoever_hangs_up_in_the_middle_is_no_failure_of_ours(
    remote_actor: Actor, poster: Poster, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await poster.upload(Upload([b'{"id":'], hangs_up=True), plain_headers())
    assert reply.status == 400
    assert caplog.records == []


async def test_uris_as_long_as_may_be_are_kept(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    uri = "https://far.test/" + "".join(chr(33 + (number * 7919 + number // 94) % 93) for number in range(2031))
    uri = uri.replace('"', "q").replace("\\", "b")
    assert len(uri) == 2048
    assert (await poster.post(follow_of(section) | {"id": uri})).status == 202


async def test_uris_longer_than_an_index_holds_are_refused(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    uri = "https://far.test/" + "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(2000))
    assert (await poster.post(follow_of(section) | {"id": uri})).status == 400


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(body=st.binary(max_size=200) | VALUES.map(orjson.dumps))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_nobody_signed_is_a_fault_of_whoever_sent_it(tmp_path_factory: Any, body: bytes) -> None:
    async def refused() -> int:
        world = World()
        poster = Poster(build_app(world.context(world.now), tmp_path_factory.getbasetemp()), world)
        return (await poster.send(body, plain_headers())).status

    assert asyncio.run(refused()) in (400, 401)


@given(
    headers=st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=40)), max_size=10),
    path=st.binary(max_size=40),
    query=st.binary(max_size=40),
)
def test_any_request_can_be_read_as_a_signed_one(headers: list[tuple[bytes, bytes]], path: bytes, query: bytes) -> None:
    scope = {"type": "http", "method": "POST", "path": "/inbox", "raw_path": path, "query_string": query}
    signed = as_signed(Request(scope | {"headers": headers}), b"body")
    assert signed.body == b"body"
    assert signed.target.encode("latin-1") == (path or b"/inbox") + (b"?" + query if query else b"")
    assert set(signed.headers) == {name.decode("latin-1").lower() for name, _ in headers}


def test_headers_that_are_given_twice_are_joined() -> None:
    headers = [(b"Digest", b" a "), (b"digest", b"b")]
    scope = {"type": "http", "method": "POST", "path": "/inbox", "raw_path": b"/inbox", "query_string": b""}
    assert as_signed(Request(scope | {"headers": headers}), b"").headers == {"digest": "a, b"}


class Dribble(Upload):
    """A body whose end never comes."""

    async def receive(self) -> dict[str, Any]:
        """Give the next piece; after the last one, hang."""
        if not self.left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": self.left.pop(0), "more_body": True}


async def test_a_body_that_does_not_arrive_is_not_waited_for(
    section: Actor, remote_actor: Actor, poster: Poster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    reply = await poster.upload(Dribble([b"{"]), plain_headers())
    assert (reply.status, reply.error) == (408, "The request took too long to arrive.")
    assert reply.headers["connection"] == "close"
