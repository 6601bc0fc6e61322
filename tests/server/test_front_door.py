"""What was answered a moment ago is answered again at once, and only while it is true and asked alike."""

from collections.abc import Iterator

import pytest
from httpx2 import AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from models.member import Member
from models.oauth import AccessToken
from server.front_door import (
    MAX_BYTES,
    MAX_QUESTION_BYTES,
    MAX_REPEATS,
    MOMENT_SECONDS,
    UNREAD_HEADERS,
    Repeat,
    Repeats,
    question_of,
)
from server.monitoring.metrics import REGISTRY
from server.oauth.tokens import revoke
from server.posts.actions import Draft, delete, publish
from tests.server.activitypub.asker import Asker
from tests.server.activitypub.conftest import asker
from tests.server.api import LogIn, app, log_in, public, zoe
from tests.web.conftest import visitor
from tests.web.test_queries import needs_sqlite

__all__ = ["app", "asker", "log_in", "public", "visitor", "zoe"]

VERIFY = "/api/v1/accounts/verify_credentials"


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock(app: Starlette) -> Clock:
    """The clock of the front door."""
    app.state.repeats = Repeats(Clock())
    return app.state.repeats.clock


@pytest.fixture
def passed(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that went through the front door, and were routed."""
    paths: list[str] = []
    handle = app.router.__class__.app

    async def noted(self, scope, receive, send):
        paths.append(scope["path"])
        await handle(self, scope, receive, send)

    monkeypatch.setattr(app.router, "middleware_stack", noted.__get__(app.router))
    return paths


@needs_sqlite  # PostgreSQL's state moves with what the tests beside this one write
async def test_the_same_is_answered_again_without_routing(
    zoe: AsyncClient, visitor: AsyncClient, asker: Asker, section: Actor, clock: Clock, passed: list[str]
):
    for path in ("/nodeinfo/2.1", "/.well-known/nodeinfo", "/api/v2/instance", VERIFY, "/api/v1/timelines/home"):
        first, again = await zoe.get(path), await zoe.get(path)
        assert (again.status_code, again.content) == (200, first.content)
        assert {**again.headers, "x-request-id": ""} == {**first.headers, "x-request-id": ""}
        assert again.headers["x-request-id"] != first.headers["x-request-id"]
        assert passed.count(path) == 1, path
    for path in ("/", "/@lille", "/.well-known/webfinger?resource=acct:lille@lille.test"):
        assert (await visitor.get(path)).content == (await visitor.get(path)).content
        assert passed.count(path.partition("?")[0]) == 1, path
    await asker.get(f"/actors/{section.id}")
    await asker.get(f"/actors/{section.id}")
    assert passed.count(f"/actors/{section.id}") == 1


async def test_a_moment_later_it_is_made_anew(public: AsyncClient, clock: Clock, passed: list[str]):
    for _ in range(2):
        await public.get("/nodeinfo/2.1")
        clock.now += MOMENT_SECONDS

    assert len(passed) == 2


async def test_whatever_is_written_is_told_at_once(asker: Asker, member: Actor, ctx: Context, clock: Clock):
    post = await publish(member, Draft("Bonjour"), ctx)
    for _ in range(2):
        assert (await asker.get(post.uri)).status == 200
    await delete(member, post, ctx)

    assert (await asker.get(post.uri)).status == 410


async def test_a_revoked_token_opens_nothing(log_in: LogIn, member: Actor, clock: Clock):
    client = await log_in(member)
    for path in (VERIFY, "/api/v1/timelines/home"):
        assert [(await client.get(path)).status_code for _ in range(2)] == [200, 200]
    await revoke(client.headers["Authorization"].partition(" ")[2])

    assert [(await client.get(path)).status_code for path in (VERIFY, "/api/v1/timelines/home")] == [401, 401]


async def test_a_token_taken_away_elsewhere_opens_nothing(log_in: LogIn, member: Actor, clock: Clock):
    client = await log_in(member)
    for _ in range(2):
        assert (await client.get(VERIFY)).status_code == 200
    await AccessToken.filter(member=await Member.get(actor_id=member.id)).delete()

    assert (await client.get(VERIFY)).status_code == 401


async def test_one_reader_is_never_given_what_is_anothers(
    log_in: LogIn, member: Actor, other_member: Actor, public: AsyncClient, clock: Clock
):
    zoe, ali = await log_in(member), await log_in(other_member)
    names = [(await client.get(VERIFY)).json()["username"] for client in (zoe, ali, zoe, ali)]

    assert names == ["zoe", "ali", "zoe", "ali"]
    assert (await public.get(VERIFY)).status_code == 401


async def test_languages_types_and_conditions_are_kept_apart(visitor: AsyncClient, section: Actor, clock: Clock):
    document = {"Accept": "application/activity+json"}
    for _ in range(2):
        french, english = await visitor.get("/@lille"), await visitor.get("/@lille", headers={"Accept-Language": "en"})
        assert (french.headers["content-language"], english.headers["content-language"]) == ("fr", "en")
        assert (await visitor.get("/@lille", headers=document)).headers["content-type"].startswith(document["Accept"])
        known = await visitor.get("/@lille", headers={"If-None-Match": french.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")
        assert (await visitor.get("/@lille", headers={"Origin": "https://elsewhere.test"})).status_code == 200


async def test_what_is_not_for_everybody_is_never_repeated(asker: Asker, app: Starlette, clock: Clock, member: Actor):
    assert (await asker.get("/posts/1")).status == 404
    assert (await asker.get(f"{member.uri}/followers")).status == 200

    assert not app.state.repeats.answers


async def test_a_repeated_answer_is_counted_under_its_route(public: AsyncClient, clock: Clock):
    def count() -> float:
        labels = {"method": "GET", "route": "/api/v2/instance", "status": "200"}
        return REGISTRY.get_sample_value("coopole_http_request_seconds_count", labels) or 0

    before = count()
    for _ in range(3):
        await public.get("/api/v2/instance")

    assert count() == before + 3


async def test_a_head_request_is_told_what_get_would_be(public: AsyncClient, clock: Clock):
    for _ in range(2):
        head, get = await public.head("/nodeinfo/2.1"), await public.get("/nodeinfo/2.1")
        assert head.headers["content-length"] == get.headers["content-length"] != "0"


async def test_an_endless_question_is_not_remembered(public: AsyncClient, app: Starlette, clock: Clock):
    await public.get("/nodeinfo/2.1", headers={"X-Filler": "x" * MAX_QUESTION_BYTES})

    assert not app.state.repeats.answers


def test_memory_is_bounded_by_number_and_by_size():
    repeats = Repeats(Clock())
    for number in range(MAX_REPEATS + 10):
        repeats.keep((number,), answer(b"x"))
    assert len(repeats.answers) == repeats.total_bytes == MAX_REPEATS

    for number in range(20):
        repeats.keep((number,), answer(b"x" * (MAX_BYTES // 10)))
    assert repeats.total_bytes == sum(len(each.body) for each in repeats.answers.values()) <= MAX_BYTES


def answer(body: bytes) -> Repeat:
    return Repeat(1e9, ("any",), {}, 200, (), body)


@given(st.lists(st.tuples(st.sampled_from([*sorted(UNREAD_HEADERS), b"accept", b"cookie", b"x-new"]), st.binary())))
def test_a_question_is_all_but_what_no_answer_depends_on(headers: list[tuple[bytes, bytes]]):
    scope = {"method": "GET", "scheme": "https", "path": "/a", "query_string": b"", "headers": headers}
    rest = [pair for pair in headers if pair[0] not in UNREAD_HEADERS]

    assert question_of(scope) == question_of(scope | {"headers": rest})
    assert question_of(scope) != question_of(scope | {"headers": [*rest, (b"x-more", b"")]})
    assert question_of(scope) != question_of(scope | {"path": "/b"})
