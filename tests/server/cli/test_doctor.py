"""Is this server fit to talk to others? The doctor says what is wrong and how to mend it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from arq.connections import create_pool
from hypothesis import given
from hypothesis import strategies as st

from federation.actors import keep
from federation.context import Context
from federation.objects import actor as actor_object
from models import database
from models.activity import ActivityRecord
from models.delivery import Delivery
from models.host import Host
from models.inbox import InboxMessage
from server.cli import doctor as doctor_module
from server.cli.doctor import (
    Verdict,
    check_backlog,
    check_broker,
    check_clock,
    check_database,
    check_disk,
    check_domain,
    check_incoming,
    check_outgoing,
    check_tls,
    judge_clock,
)
from server.config import Settings, read_settings
from server.queue import redis_settings
from server.runtime import running
from tests import databases, factories
from tests.federation.loopback import Loopback, Reply, ap, serve
from tests.server.cli.installation import ORIGIN, SECRET, Installation, install
from tests.valkey import Valkey


def settings_of(url: str, folder: Path, **more: str) -> Settings:
    """The settings of an installation on this machine."""
    values = {"DATA": str(folder), "DATABASE_URL": url, "SECRET_KEY": SECRET, "ORIGIN": ORIGIN} | more
    return read_settings({f"COOPOLE_{name}": value for name, value in values.items()})


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation on this machine."""
    return settings_of(database_url, tmp_path)


@pytest.fixture
async def home(settings: Settings) -> AsyncIterator[Context]:
    """The same, open."""
    async with running(settings, redis_url="") as ctx:
        yield ctx


@pytest.fixture
async def far() -> AsyncIterator[Loopback]:
    """Another server."""
    async with serve() as far:
        yield far


async def meet(home: Context, far: Loopback) -> None:
    """Meet somebody of the other server, who is served there."""
    document = factories.actor_document(f"{far.origin}/users/noor")
    far.replies["/users/noor"] = ap(document)
    await keep(actor_object.read(document, now=home.now()))


async def test_a_domain_that_nobody_knows_is_bad(database_url: str, tmp_path: Path) -> None:
    found = await check_domain(settings_of(database_url, tmp_path, ORIGIN="https://lille.invalid"))
    assert (found.verdict, found.what) == (Verdict.BAD, "lille.invalid has no address")
    assert "A or AAAA record" in found.advice


async def test_a_server_that_is_this_machine_alone_is_doubtful(settings: Settings) -> None:
    assert (await check_domain(settings)).verdict is Verdict.DOUBTFUL
    assert (await check_tls(settings)).verdict is Verdict.DOUBTFUL


async def test_an_origin_by_https_is_good(database_url: str, tmp_path: Path) -> None:
    assert (await check_tls(settings_of(database_url, tmp_path, ORIGIN="https://lille.test"))).verdict is Verdict.GOOD


async def test_a_database_that_takes_a_row_is_good_and_keeps_nothing(home: Context, settings: Settings) -> None:
    found = await check_database(settings)
    assert found.verdict is Verdict.GOOD
    assert ("SQLite" if databases.KIND == "sqlite" else "PostgreSQL") in found.what
    assert await database.select("SELECT * FROM setting") == []


async def test_a_database_that_takes_no_row_is_bad(home: Context, settings: Settings) -> None:
    await database.execute("ALTER TABLE setting RENAME TO mislaid")
    try:
        found = await check_database(settings)
    finally:
        await database.execute("ALTER TABLE mislaid RENAME TO setting")
    assert found.verdict is Verdict.BAD
    assert "disk full" in found.advice


async def test_a_database_that_may_not_be_written_is_bad(home: Context, settings: Settings) -> None:
    if databases.KIND != "sqlite":
        pytest.skip("SQLite has a switch for it")
    await database.execute("PRAGMA query_only = ON")
    assert (await check_database(settings)).verdict is Verdict.BAD
    await database.execute("PRAGMA query_only = OFF")


async def test_room_on_the_disk_is_good_and_too_little_of_it_bad(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_module, "LEAST_FREE_BYTES", 1)
    assert (await check_disk(settings)).verdict is Verdict.GOOD
    monkeypatch.setattr(doctor_module, "LEAST_FREE_BYTES", 2**62)
    assert (await check_disk(settings)).verdict is Verdict.BAD


async def test_a_data_directory_that_is_not_there_is_doubtful(database_url: str, tmp_path: Path) -> None:
    assert (await check_disk(settings_of(database_url, tmp_path / "none"))).verdict is Verdict.DOUBTFUL


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker."""
    valkey = Valkey(tmp_path / "valkey").start()
    yield valkey
    valkey.kill()


async def test_no_broker_is_bad(settings: Settings) -> None:
    found = await check_broker(settings)
    assert (found.verdict, found.what) == (Verdict.BAD, "none is running")


async def test_a_broker_without_workers_is_bad(settings: Settings, valkey: Valkey) -> None:
    found = await check_broker(settings)
    assert (found.verdict, found.what) == (Verdict.BAD, "answers, but no worker is at work")


async def test_a_broker_with_workers_is_good(settings: Settings, valkey: Valkey) -> None:
    pool = await create_pool(redis_settings(valkey.url))
    await pool.set("coopole:health:here/worker-1:12", b"1")
    await pool.set("coopole:health:here/worker-2:13", b"1")
    await pool.aclose()
    found = await check_broker(settings)
    assert (found.verdict, found.what) == (Verdict.GOOD, "answers; 2 workers")


async def test_a_broker_that_was_configured_and_is_away_is_bad(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(database_url, tmp_path, REDIS_URL=f"unix://{tmp_path}/none.sock")
    found = await check_broker(settings)
    assert found.verdict is Verdict.BAD
    assert found.what.startswith("does not answer")


async def test_what_waits_is_counted(home: Context) -> None:
    section = await factories.section(home, "lille", "Section de Lille")
    now = home.now()
    await InboxMessage.create(actor_uri="https://far.test/a", activity_uri="https://far.test/1", body="{}", due_at=now)
    record = await activity_of(section.uri)
    for host in ("far.test", "silent.test"):
        await Delivery.create(activity=record, sender_id=section.id, inbox_uri=f"https://{host}/inbox", host=host)
    await Host.back_off("silent.test", now, "timed out")
    found = await check_backlog(home)
    assert (found.verdict, found.what) == (Verdict.GOOD, "1 arrived, 2 to deliver, 1 silent servers")


async def activity_of(actor_uri: str) -> ActivityRecord:
    """An activity of ours."""
    return await ActivityRecord.create(
        uri=f"{actor_uri}/1", type="Create", actor_uri=actor_uri, is_local=True, document="{}"
    )


async def test_too_much_that_waits_is_doubtful(home: Context) -> None:
    await InboxMessage.bulk_create(
        [
            InboxMessage(actor_uri="https://far.test/a", activity_uri=f"https://far.test/{number}", body="{}")
            for number in range(1001)
        ]
    )
    assert (await check_backlog(home)).verdict is Verdict.DOUBTFUL


async def test_without_a_section_nothing_can_be_found_from_outside(home: Context) -> None:
    assert (await check_incoming(home)).verdict is Verdict.DOUBTFUL


@pytest.fixture
async def front(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Context, Loopback, str]]:
    """An installation whose own address is a server of the test, and the uri of its section."""
    async with serve() as front, running(settings_of(database_url, tmp_path, ORIGIN=front.origin), redis_url="") as ctx:
        section = await factories.section(ctx, "lille", "Section de Lille")
        yield ctx, front, section.uri


async def test_a_server_that_can_be_visited_is_good(front: tuple[Context, Loopback, str]) -> None:
    ctx, server, uri = front
    path = uri.removeprefix(server.origin)
    server.replies[f"/.well-known/webfinger?resource=acct%3Alille%40{server.host.replace(':', '%3A')}"] = Reply(200)
    server.replies[path] = ap({"id": uri, "type": "Group"})
    found = await check_incoming(ctx)
    assert found.verdict is Verdict.GOOD, found
    assert found.what == f"@lille@{server.host} can be found from outside"


async def test_a_server_that_cannot_be_visited_is_bad(front: tuple[Context, Loopback, str]) -> None:
    ctx, _, _ = front
    found = await check_incoming(ctx)
    assert found.verdict is Verdict.BAD
    assert "reverse proxy" in found.advice


async def test_somebody_met_before_who_can_be_fetched_is_good(home: Context, far: Loopback) -> None:
    await meet(home, far)
    found = await check_outgoing(home, None)
    assert (found.verdict, found.what) == (Verdict.GOOD, f"{far.origin}/users/noor was fetched, signed by this server")
    assert "signature" in far.received[0].headers


async def test_somebody_who_cannot_be_fetched_is_bad(home: Context, far: Loopback) -> None:
    await meet(home, far)
    far.replies["/users/noor"] = Reply(500)
    assert (await check_outgoing(home, None)).verdict is Verdict.BAD
    assert (await check_outgoing(home, "@nobody@host.invalid")).verdict is Verdict.BAD
    assert (await check_outgoing(home, "nonsense")).verdict is Verdict.BAD


async def test_with_nobody_met_it_is_said_how_to_try(home: Context) -> None:
    for found in (await check_outgoing(home, None), await check_clock(home)):
        assert found.verdict is Verdict.DOUBTFUL


async def test_a_clock_that_agrees_is_good_and_one_that_does_not_bad(home: Context, far: Loopback) -> None:
    await meet(home, far)
    for off, verdict in ((0, Verdict.GOOD), (-3600, Verdict.BAD), (3600, Verdict.BAD)):
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=off), usegmt=True)
        far.replies["/.well-known/nodeinfo"] = Reply(200, headers=[("Date", date)])
        assert (await check_clock(home)).verdict is verdict


@pytest.mark.parametrize("headers", [[], [("Date", "soon")]])
async def test_a_server_that_does_not_tell_the_time_is_doubtful(
    home: Context, far: Loopback, headers: list[tuple[str, str]]
) -> None:
    await meet(home, far)
    far.replies["/.well-known/nodeinfo"] = Reply(200, headers=headers)
    assert (await check_clock(home)).verdict is Verdict.DOUBTFUL


async def test_a_date_without_a_zone_is_in_utc(home: Context, far: Loopback) -> None:
    await meet(home, far)
    date = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S -0000")
    far.replies["/.well-known/nodeinfo"] = Reply(200, headers=[("Date", date)])
    assert (await check_clock(home)).verdict is Verdict.GOOD


@given(ours=st.datetimes(timezones=st.just(UTC)), theirs=st.datetimes(timezones=st.just(UTC) | st.none()))
def test_any_two_clocks_can_be_compared(ours: datetime, theirs: datetime) -> None:
    found = judge_clock(theirs, ours, "far.test")
    assert (found.verdict is Verdict.GOOD) == (abs(ours - theirs.replace(tzinfo=UTC)) <= timedelta(seconds=30))


@pytest.fixture
def coopole(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """An installation, and its command line."""
    return install(database_url, tmp_path, monkeypatch)


def test_the_command_shows_every_finding_and_fails_if_one_is_bad(coopole: Installation) -> None:
    done = coopole.run("doctor")
    assert done.exit_code == 1
    for subject in ("domain", "TLS", "database", "disk", "broker", "work", "e-mail", "incoming", "outgoing", "clock"):
        assert subject in done.output
    assert "none is running" in done.output


def test_the_command_succeeds_if_nothing_is_bad(coopole: Installation, valkey: Valkey) -> None:
    async def be_at_work() -> None:
        pool = await create_pool(redis_settings(valkey.url))
        await pool.set("coopole:health:here/worker-1:12", b"1")
        await pool.aclose()

    asyncio.run(be_at_work())
    done = coopole.run("doctor")
    assert done.exit_code == 0, done.output
