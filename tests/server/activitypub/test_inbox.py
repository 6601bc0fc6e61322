"""The inbox: who may put what there, and what is answered."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from federation.actors import create_local
from federation.context import Context, Work
from federation.naming import Names
from models import database
from models.activity import ActivityRecord
from models.actor import Actor, ActorType
from models.inbox import InboxMessage
from models.section import Section
from server.activitypub.inbox import as_signed
from server.runtime import INSTANCE_USERNAME
from tests import databases, factories
from tests.server.activitypub.poster import MAX_BODY_BYTES, Poster, Upload, build_app, plain_headers
from tests.world import ORIGIN, World

FAR = "https://far.test/users/noor"


@pytest.fixture
def poster(ctx: Context, world: World, tmp_path: Path) -> Poster:
    """Whoever POSTs."""
    return Poster(build_app(ctx, tmp_path), world)


def follow_of(section: Actor, number: int = 1, actor: str = FAR) -> dict[str, Any]:
    """A Follow from far."""
    return factories.activity("Follow", actor, section.uri, number)


async def seen_from_outside(url: str) -> list[str]:
    """The uris that another connection finds in the journal."""
    sql = "SELECT activity_uri FROM inbox_message ORDER BY id"
    if databases.KIND == "sqlite":
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return [row[0] for row in connection.execute(sql)]
    name, folder = url.removeprefix("postgres:///").split("?host=")
    other = await asyncpg.connect(host=folder.split("&")[0], user="postgres", database=name)
    try:
        return [row["activity_uri"] for row in await other.fetch(sql)]
    finally:
        await other.close()


async def test_what_is_accepted_is_in_the_database_by_then(
    section: Actor, remote_actor: Actor, poster: Poster, db: str, world: World
) -> None:
    follow = follow_of(section)

    reply = await poster.post(follow)

    assert reply.status == 202
    assert await seen_from_outside(db) == [follow["id"]]
    row = await InboxMessage.get()
    assert (row.actor_uri, orjson.loads(row.body)) == (FAR, follow)
    assert (row.received_at, row.due_at, row.attempts) == (world.now, world.now, 0)


async def test_workers_are_woken_for_what_was_kept(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    await poster.post(follow_of(section))
    await asyncio.sleep(0)
    assert world.woken == [Work.INBOX]


async def test_what_arrives_twice_is_accepted_twice_and_kept_once(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    replies = [await poster.post(follow_of(section)) for _ in range(3)]
    assert [reply.status for reply in replies] == [202, 202, 202]
    assert await InboxMessage.all().count() == 1


async def test_what_was_performed_before_is_accepted_and_not_kept(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    follow = follow_of(section)
    await ActivityRecord.create(uri=follow["id"], type="Follow", actor_uri=FAR, document="{}")
    assert (await poster.post(follow)).status == 202
    assert not await InboxMessage.exists()


async def test_a_type_we_have_no_use_for_is_accepted_and_not_kept(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    reply = await poster.post(factories.activity("Listen", FAR, section.uri))
    assert reply.status == 202
    assert not await InboxMessage.exists()
    assert world.woken == []


async def test_an_actors_own_inbox_takes_what_the_shared_one_does(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    assert (await poster.post(follow_of(section), url=section.inbox_uri)).status == 202
    assert await InboxMessage.all().count() == 1


async def test_the_instance_actor_has_an_inbox(ctx: Context, remote_actor: Actor, poster: Poster) -> None:
    instance = await create_local(
        ctx.names, ActorType.APPLICATION, INSTANCE_USERNAME, now=ctx.now(), uri=ctx.names.instance_actor
    )
    assert (await poster.post(follow_of(instance), url=instance.inbox_uri)).status == 202


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


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"drop": ["signature"]}, "The request has no Signature header."),
        ({"digest": "SHA-256=AAAA"}, "The body of the request is not the one that its Digest header describes."),
        ({"drop": ["digest"]}, "The signature covers a header that the request does not have."),
        ({"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, "The request was signed too long ago."),
        ({"date": "Fri, 01 Jan 2100 00:00:00 GMT"}, "The request was signed in the future."),
        ({"content_type": "text/plain"}, "The signature does not fit the request and the key."),
        ({"key": 1}, "The signature does not fit the request and the key."),
        ({"signed_for": f"{ORIGIN}/actors/1/inbox"}, "The signature does not fit the request and the key."),
        ({"signed_for": "https://other.test/inbox"}, "The request was signed for another server."),
        ({"host": "other.test"}, "The request was signed for another server."),
        ({"signed_for": "https://other.test/inbox", "host": "lille.test"}, "The signature does not fit"),
    ],
)
async def test_what_is_not_signed_by_its_actor_for_us_and_now_is_refused(
    section: Actor, remote_actor: Actor, poster: Poster, change: dict[str, Any], sentence: str
) -> None:
    reply = await poster.post(follow_of(section), **change)
    assert reply.status == 401
    assert reply.error.startswith(sentence)
    assert not await InboxMessage.exists()


async def test_a_body_changed_on_the_way_is_refused(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    body, headers = world.signed(FAR, follow_of(section), f"{ORIGIN}/inbox")
    reply = await poster.send(body.replace(b"Follow", b"Fallow"), headers)
    assert reply.status == 401


async def test_nobody_speaks_for_another_who_says_nothing_of_it_at_home(
    section: Actor, remote_actor: Actor, stranger: Actor, poster: Poster
) -> None:
    reply = await poster.post(follow_of(section), actor=stranger.uri)
    assert reply.status == 403
    assert FAR in reply.error
    assert not await InboxMessage.exists()


async def test_nobody_names_an_activity_after_another_server(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    reply = await poster.post(follow_of(section) | {"id": "https://elsewhere.test/follows/1"})
    assert (reply.status, reply.error) == (403, "https://elsewhere.test/follows/1 is not an id that far.test may give")
    assert not await InboxMessage.exists()


@pytest.mark.parametrize("host", ["blocked.test", "deep.below.blocked.test", "blocked.test:8443"])
async def test_a_blocked_domain_is_refused_and_nothing_is_fetched_there(
    section: Actor, blocked_origin: str, poster: Poster, world: World, host: str
) -> None:
    actor = f"https://{host}/users/troll"
    world.serve(factories.actor_document(actor))
    reply = await poster.post(follow_of(section, actor=actor))
    assert (reply.status, reply.error) == (403, f"{host.partition(':')[0]} is blocked here")
    assert world.fetched == []
    assert not await InboxMessage.exists()


async def test_somebody_never_met_is_fetched_and_accepted(section: Actor, poster: Poster, world: World) -> None:
    world.serve(factories.actor_document(FAR))
    world.serve(world.documents[FAR], url=f"{FAR}#main-key")
    assert (await poster.post(follow_of(section))).status == 202
    assert await Actor.exists(uri=FAR)


async def test_somebody_whose_key_has_changed_is_fetched_again_and_accepted(
    section: Actor, remote_actor: Actor, poster: Poster, world: World
) -> None:
    world.pass_time(minutes=5)
    world.serve(factories.actor_document(FAR, key=1))
    world.serve(world.documents[FAR], url=f"{FAR}#main-key")
    assert (await poster.post(follow_of(section), key=1)).status == 202


async def test_somebody_whose_key_is_gone_is_not_known_here(section: Actor, poster: Poster, world: World) -> None:
    world.statuses[f"{FAR}#main-key"] = 410
    reply = await poster.post(follow_of(section))
    assert reply.status == 401
    assert not await InboxMessage.exists()


@pytest.mark.parametrize("status", [404, 410])
async def test_the_end_of_somebody_nobody_knew_is_accepted_and_forgotten(
    poster: Poster, world: World, status: int
) -> None:
    world.statuses[f"{FAR}#main-key"] = status
    reply = await poster.post(factories.activity("Delete", FAR, FAR))
    assert reply.status == 202
    assert not await InboxMessage.exists()


async def test_the_end_of_anything_else_needs_a_signature(poster: Poster, world: World) -> None:
    world.statuses[f"{FAR}#main-key"] = 410
    reply = await poster.post(factories.activity("Delete", FAR, f"{FAR}/notes/1"))
    assert reply.status == 401


async def test_an_inbox_of_nobody_is_not_found(remote_actor: Actor, section: Actor, poster: Poster) -> None:
    for url in (f"{ORIGIN}/actors/1/inbox", f"{ORIGIN}/actors/{'9' * 19}/inbox", f"{ORIGIN}/actor/inbox"):
        reply = await poster.post(follow_of(section), url=url)
        assert (reply.status, reply.error) == (404, "There is no such inbox.")


async def test_the_inbox_of_somebody_gone_is_not_found(
    remote_actor: Actor, member: Actor, poster: Poster, ctx: Context
) -> None:
    await Actor.filter(id=member.id).update(gone_at=ctx.now())
    assert (await poster.post(follow_of(member), url=member.inbox_uri)).status == 404


async def test_the_inbox_of_somebody_elsewhere_is_not_found_here(
    remote_actor: Actor, section: Actor, poster: Poster
) -> None:
    url = f"{ORIGIN}/actors/{remote_actor.id}/inbox"
    assert (await poster.post(follow_of(section), url=url)).status == 404


@pytest.mark.parametrize("path", ["/inbox", "/actor/inbox", "/actors/1/inbox"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_an_inbox_is_only_posted_to(poster: Poster, path: str, method: str) -> None:
    reply = await poster.ask(method, ORIGIN + path, plain_headers())
    assert (reply.status, reply.error) == (405, "Method Not Allowed")
    assert "POST" in reply.headers["allow"]


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


async def test_a_full_disk_is_said_and_nothing_is_accepted(
    section: Actor, remote_actor: Actor, poster: Poster, db: str, world: World
) -> None:
    if databases.KIND != "sqlite":
        pytest.skip("the disk of a PostgreSQL server cannot be filled from here")
    await database.execute("PRAGMA max_page_count = 1")
    reply = await poster.post(follow_of(section) | {"padding": "x" * 100_000})
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert reply.error == "This server cannot keep anything new right now."
    assert await seen_from_outside(db) == []

    await database.execute("PRAGMA max_page_count = 1000000")
    assert (await poster.post(follow_of(section))).status == 202
    assert len(await seen_from_outside(db)) == 1


async def test_a_database_that_is_away_is_said_and_nothing_is_accepted(
    section: Actor, remote_actor: Actor, poster: Poster, db: str, tmp_path: Path
) -> None:
    away = f"sqlite:///{tmp_path}/none/coopole.db"
    await database.close_database()
    await database.open_database(
        away if databases.KIND == "sqlite" else f"postgres:///none?host={tmp_path}&user=postgres"
    )
    reply = await poster.post(follow_of(section))
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert "Traceback" not in reply.error

    await database.close_database()
    await database.open_database(db)
    assert (await poster.post(follow_of(section))).status == 202
    assert await seen_from_outside(db) == [follow_of(section)["id"]]


async def test_a_journal_that_cannot_be_written_for_another_reason_is_no_reason_to_lose_anything(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    await database.execute("ALTER TABLE inbox_message RENAME TO mislaid")
    try:
        reply = await poster.post(follow_of(section))
    finally:
        await database.execute("ALTER TABLE mislaid RENAME TO inbox_message")
    assert (reply.status, reply.headers["retry-after"]) == (503, "60")
    assert "mislaid" not in reply.error
    assert "inbox_message" not in reply.error


async def test_many_at_once_share_few_transactions(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    statements: list[str] = []
    if databases.KIND == "sqlite":
        connection: Any = database.connection()
        connection._connection._conn.set_trace_callback(statements.append)
    replies = [reply async for reply in poster.burst(follow_of(section, number) for number in range(200))]

    assert {reply.status for reply in replies} == {202}
    assert await InboxMessage.all().count() == 200
    if databases.KIND == "sqlite":
        transactions = sum(statement == "COMMIT" for statement in statements)
    else:
        transactions = (await database.select("SELECT count(DISTINCT xmin::text) AS n FROM inbox_message"))[0]["n"]
    assert 1 <= transactions <= 20, f"{transactions} transactions for 200 activities"


async def test_the_same_activity_many_times_at_once_is_kept_once(
    section: Actor, remote_actor: Actor, poster: Poster
) -> None:
    replies = [reply async for reply in poster.burst([follow_of(section)] * 50)]
    assert {reply.status for reply in replies} == {202}
    assert await InboxMessage.all().count() == 1


async def test_uris_as_long_as_may_be_are_kept(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    uri = "https://far.test/" + "".join(chr(33 + (number * 7919 + number // 94) % 93) for number in range(2031))
    uri = uri.replace('"', "q").replace("\\", "b")
    assert len(uri) == 2048
    assert (await poster.post(follow_of(section) | {"id": uri})).status == 202


async def test_uris_longer_than_an_index_holds_are_refused(section: Actor, remote_actor: Actor, poster: Poster) -> None:
    uri = "https://far.test/" + "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(2000))
    assert (await poster.post(follow_of(section) | {"id": uri})).status == 400


async def test_the_section_row_is_untouched_by_what_merely_arrived(
    section: Actor, main_section: Section, remote_actor: Actor, poster: Poster
) -> None:
    await poster.post(follow_of(section))
    assert (await Actor.get(id=section.id)).followers_count == 0


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


def test_names_say_which_host_a_request_must_be_signed_for() -> None:
    assert Names("https://lille.test:8443").host == "lille.test:8443"
