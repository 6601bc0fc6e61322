"""What other software really writes, and what it might write: accepted, or refused with a sentence; nothing breaks."""

import asyncio
import copy
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from federation.actors import keep
from federation.context import Context
from federation.objects import actor as actor_object
from models import database, ids, secrets
from models.activity import ActivityRecord
from models.actor import Actor
from models.follow import Follow, FollowState
from models.inbox import InboxMessage
from models.post import Post
from tests import databases, factories
from tests.server.activitypub.corpus import CORPUS, Parcel, parcels
from tests.server.activitypub.poster import Poster, Reply, build_app
from tests.world import World
from workers.inbox import BATCH_ROWS, perform

# What the log says when something of ours broke. Refusals are told as `activity refused`, and are no failure.
BROKEN = frozenset(
    {
        "activity cannot be performed",
        "activity cannot be written",
        "activity given up",
        "batch broken up",
        "database is away",
        "inbox cannot be written",
        "request failed",
    }
)


async def stand_in(ctx: Context, world: World, member: Actor, *uris: str) -> None:
    """Make actors known with a key of the tests, and have a member follow them, so that they are heard."""
    for uri in dict.fromkeys(uris):
        document = factories.actor_document(uri, preferredUsername="somebody")
        world.serve(document)
        actor = await keep(actor_object.read(document, now=ctx.now()))
        follow = {"uri": f"{member.uri}/follows/{actor.id}", "state": FollowState.ACCEPTED}
        await Follow.get_or_create(follow, follower=member, followed=actor)


async def work(ctx: Context) -> None:
    """Perform the whole journal."""
    while rows := await InboxMessage.claim("here/worker-1", ctx.now(), BATCH_ROWS):
        await perform(rows, ctx)
    assert not await InboxMessage.exists(), "something was put off"


def is_deliberate(reply: Reply) -> bool:
    """Whether a reply is an acceptance, or a refusal with a sentence."""
    return reply.status == 202 or (400 <= reply.status < 500 and bool(reply.error))


async def test_every_document_is_accepted_or_refused_with_a_sentence(
    member: Actor, ctx: Context, world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = parcels()
    await stand_in(ctx, world, member, *(parcel.sender for parcel in found))
    poster = Poster(build_app(ctx, tmp_path), world)
    outcomes: Counter[tuple[str, str]] = Counter()
    with capture_logs() as logs:
        replies = {parcel.path: await poster.post(parcel.document, actor=parcel.sender) for parcel in found}
        await work(ctx)
    refused = {line["activity"]: line["why"] for line in logs if line["event"] == "activity refused"}
    for parcel in found:
        reply = replies[parcel.path]
        later = refused.get(str(parcel.document.get("id")), "")
        outcomes[str(reply.status), later if reply.status == 202 else reply.error.partition(",")[0][:60]] += 1

    for (status, why), count in sorted(outcomes.items()):
        print(f"{count:4} {status} {why}")
    assert not [(path, reply.status, reply.body) for path, reply in replies.items() if not is_deliberate(reply)]
    assert not [line for line in logs if line["event"] in BROKEN or line["log_level"] in ("error", "critical")]
    assert caplog.records == []
    assert sum(reply.status == 202 for reply in replies.values()) >= 150
    assert await Post.all().count() >= 40
    assert await ActivityRecord.all().count() >= 60


Spot = tuple[Any, Any]


def spots(value: Any) -> list[Spot]:
    """Every place in a document that something stands in: (the object or list, its key or index)."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[Spot] = []
    for key, inner in list(pairs):
        found.append((value, key))
        if isinstance(inner, dict | list):
            found += spots(inner)
    return found


def nested(levels: int) -> Any:
    """Something deep."""
    value: Any = "bottom"
    for level in range(levels):
        value = {"object": value} if level % 2 else [value]
    return value


REPLACEMENTS: list[Any] = [
    None, True, 0, -1, 2**63, 1.5e300, "", " ", "\x00", "a\x00b", "x" * 70_000, "é" * 3000, [], {}, [[]], [None], [{}],
    ["x", ["y"]], {"id": None}, {"id": []}, {"id": {"id": "x"}}, {"type": "Note"}, {"type": ["Note", 1, None]}, nested(40),
    nested(63), nested(120), ["https://far.test/1"] * 2000, [{"type": "Mention", "href": "https://far.test/x"}] * 300,
    {"a" * 3000: 1}, {"und": "text", "fr": ["x"], "": None}, "https://", "https://[", "http://[::1", "https://a b/",
    "https://user@host.test/", "https://host.test:99999/", "https://xn--.test/", "https://é.test/é", "https://" + "a." * 150,
    "https://far.test/" + "p" * 2031, "https://far.test/" + "p" * 2032, "https://far.test/" + "世" * 2000,
    "https://blocked.test/users/troll", "https://lille.test/actors/1", "https://lille.test/posts/1", "https://lille.test/",
    "https://lille.test/actors/99999999999999999999", "as:Public", "javascript:alert(1)", "data:,x", "urn:x", "\u202e\u0000",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-11-22T18:00:00.123456789Z", "2026-13-45", "<b>" * 5000,
    "<a href='https://far.test/'>" * 500, "@noor@far.test " * 300, "#" + "tag" * 200, "#é", "😀" * 3000, "Delete", "Note",
    "Person", "Tombstone", "Follow",
]  # fmt: skip


@st.composite
def mutations(draw: st.DrawFn, found: list[Parcel]) -> Parcel:
    """A document of the corpus with a few things changed; whoever signs it stays."""
    parcel = draw(st.sampled_from(found))
    document = copy.deepcopy(parcel.document)
    for _ in range(draw(st.integers(1, 4))):
        places = spots(document)
        if not places:
            break
        inside, key = places[draw(st.integers(0, len(places) - 1))]
        match draw(st.sampled_from(["drop", "replace", "replace", "wrap", "copy", "double"])):
            case "drop":
                del inside[key]
            case "replace":
                inside[key] = copy.deepcopy(draw(st.sampled_from(REPLACEMENTS)))
            case "wrap":
                inside[key] = [inside[key]] if draw(st.booleans()) else {"id": inside[key], "type": inside[key]}
            case "copy":
                other, name = places[draw(st.integers(0, len(places) - 1))]
                inside[key] = copy.deepcopy(other[name])
            case "double":
                inside[key] = [inside[key], inside[key]]
    return Parcel(parcel.path, parcel.sender, parcel.kind, document)


@pytest.fixture
def empty_database(request: pytest.FixtureRequest) -> Callable[[], str]:
    """Makes an empty database, as often as it is asked; its URL."""
    if databases.KIND == "sqlite":
        template: databases.SqliteTemplate = request.getfixturevalue("sqlite_template")
        return template.fresh
    server: databases.PostgresServer = request.getfixturevalue("postgres")
    return server.empty


FOUND = parcels() if CORPUS.is_dir() else [Parcel("none", "https://far.test/noor", "none", {})]


async def survives(url: str, sent: list[Parcel], folder: Path) -> None:
    """POST documents and perform what was accepted; nothing may break."""
    secrets.use_key(b"k" * 32)
    await database.open_database(url)
    try:
        await ids.claim_process_number()
        world = World()
        ctx = world.context(datetime.now(UTC))
        member = await a_member(ctx)
        await factories.blocked_origin("blocked.test")
        await stand_in(ctx, world, member, *(parcel.sender for parcel in sent))
        poster = Poster(build_app(ctx, folder), world)
        with capture_logs() as logs:
            replies = [await poster.post(parcel.document, actor=parcel.sender) for parcel in sent]
            await work(ctx)
        assert [reply for reply in replies if not is_deliberate(reply)] == []
        assert [line for line in logs if line["event"] in BROKEN] == []
    finally:
        await database.close_database()


async def a_member(ctx: Context) -> Actor:
    """A member without keys, which take long to make."""
    uri = ctx.names.actor(1)
    return await Actor.create(
        id=1, uri=uri, url=uri, type="Person", is_local=True, username="zoe", local_name="zoe", host=ctx.names.host,
        inbox_uri=f"{uri}/inbox", delivery_uri=f"{uri}/inbox",
    )  # fmt: skip


@given(sent=st.lists(mutations(FOUND), min_size=6, max_size=30))
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
def test_whatever_a_server_might_write_breaks_nothing(
    sent: list[Parcel], empty_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"there is no corpus at {CORPUS}")
    asyncio.run(survives(empty_database(), sent, tmp_path_factory.getbasetemp()))
