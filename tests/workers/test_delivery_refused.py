"""Deliveries that do not arrive: tried again, put off, or given up with the reason."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from structlog.testing import capture_logs

from federation.context import Context
from models.actor import Actor
from models.delivery import DELIVER_FOR, Delivery
from models.follow import Follow
from models.host import Host
from models.post import Post
from tests import factories
from tests.workers.conftest import SLOT
from tests.workers.doors import Doors, behind, owe
from tests.world import World
from workers.delivery import ORDERED_ATTEMPTS, Lanes, expire

FAR = "https://far.test/inbox"
NOOR = "https://far.test/users/noor/inbox"


@pytest.fixture
def doors(world: World) -> Doors:
    """The way out."""
    return Doors(world)


@pytest.fixture
def out(ctx: Context, doors: Doors) -> Context:
    """The context that sends through the doors."""
    return behind(ctx, doors)


@pytest.fixture
def lanes(db: str) -> Lanes:
    """A worker's lanes."""
    return Lanes(SLOT)


async def owed() -> Delivery:
    """The one delivery there is, held by nobody."""
    row = await Delivery.get()
    assert (row.leased_by, row.leased_until) == (None, None)
    return row


@pytest.mark.parametrize("status", [301, 400, 403, 404, 405, 413, 422])
async def test_a_refusal_is_final_and_its_reason_is_kept(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime, status: int
) -> None:
    world.inbox_status[FAR] = status
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    row = await owed()
    assert row.due_at is None
    assert str(status) in row.last_error

    world.pass_time(days=1)
    await lanes.serve(out)
    assert len(world.sent) == 1


@pytest.mark.parametrize("status", [0, 408, 425, 429, 500, 502, 503, 504, 507, 599])
async def test_a_host_in_trouble_is_left_alone_for_a_while_and_tried_again(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime, status: int
) -> None:
    world.inbox_status[FAR] = status
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    assert (await owed()).due_at == now
    host = await Host.get(name="far.test")
    assert (host.failures, host.failing_since, host.retry_at) == (1, now, now + timedelta(seconds=30))

    attempted = len(world.sent)
    await lanes.serve(out)
    assert len(world.sent) == attempted

    del world.inbox_status[FAR]
    world.pass_time(seconds=30)
    await lanes.serve(out)
    assert not await Delivery.exists()


async def test_pauses_of_a_host_grow_to_hours(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    world.inbox_status[FAR] = 0
    await owe(section, FAR, now=now)
    pauses = []
    for _ in range(14):
        await lanes.serve(out)
        host = await Host.get(name="far.test")
        assert host.retry_at is not None
        pauses.append((host.retry_at - world.now).total_seconds())
        world.now = host.retry_at
    assert pauses[:4] == [30, 60, 120, 240]
    assert pauses[-1] == 6 * 3600


@pytest.mark.parametrize("status", [429, 503])
async def test_a_host_that_says_when_to_come_back_is_left_alone_until_then(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime, status: int
) -> None:
    world.inbox_status["far.test"] = status
    doors.headers["far.test"] = {"retry-after": "3600"}
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    assert (await Host.get(name="far.test")).retry_at == now + timedelta(hours=1)


async def test_a_date_to_come_back_at_counts_too(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    world.inbox_status["far.test"] = 503
    doors.headers["far.test"] = {"retry-after": format_datetime(now + timedelta(hours=2), usegmt=True)}
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    assert (await Host.get(name="far.test")).retry_at == now + timedelta(hours=2)


async def test_nobody_makes_us_wait_for_longer_than_six_hours_at_a_time(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    world.inbox_status["far.test"] = 429
    doors.headers["far.test"] = {"retry-after": "99999999"}
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    assert (await Host.get(name="far.test")).retry_at == now + timedelta(hours=6)


async def test_order_is_kept_across_a_failure(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    for number in range(5):
        await owe(section, FAR, number=number, now=now)
    world.inbox_status[FAR] = 503
    await lanes.serve(out)
    assert len(world.sent) == 1
    assert await Delivery.filter(leased_by=None).count() == 5

    del world.inbox_status[FAR]
    world.sent.clear()
    world.pass_time(seconds=30)
    await lanes.serve(out)
    assert [sent.document["id"].rpartition("/")[2] for sent in world.sent] == ["0", "1", "2", "3", "4"]


async def test_an_activity_that_a_host_stumbles_over_does_not_hold_up_the_others_for_long(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    block, *_ = [await owe(section, FAR, number=number, now=now) for number in range(3)]
    doors.stumbling_blocks.add(block.uri)
    for _ in range(ORDERED_ATTEMPTS):
        await lanes.serve(out)
        assert world.sent == []
        world.now = (await Host.get(name="far.test")).retry_at or now
    assert world.now - now < timedelta(minutes=5)
    await lanes.serve(out)
    world.pass_time(minutes=4)

    await lanes.serve(out)

    assert [sent.document["id"].rpartition("/")[2] for sent in world.sent] == ["1", "2"]
    row = await owed()
    assert (row.attempts, row.due_at and row.due_at > world.now) == (ORDERED_ATTEMPTS + 1, True)
    assert (await Host.get(name="far.test")).failures == 0


async def test_a_host_that_answers_again_starts_afresh(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    await Host.create(name="far.test", failures=9, failing_since=now - timedelta(days=1), last_error="timed out")
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    host = await Host.get(name="far.test")
    assert (host.failures, host.failing_since, host.retry_at, host.last_error) == (0, None, None, "")


async def test_a_host_that_fails_after_it_answered_is_failing_since_then_only(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    await Host.create(name="far.test", failures=9, failing_since=now - timedelta(days=1), last_error="timed out")
    world.inbox_status[NOOR] = 503
    await owe(section, FAR, number=1, now=now)
    await owe(section, NOOR, number=2, now=now)
    await lanes.serve(out)
    host = await Host.get(name="far.test")
    assert (host.failures, host.failing_since, host.retry_at) == (1, now, now + timedelta(seconds=30))


async def test_a_host_that_only_refuses_has_answered(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    await Host.create(name="far.test", failures=9, failing_since=now - timedelta(days=1))
    world.inbox_status[FAR] = 404
    await owe(section, FAR, now=now)
    await lanes.serve(out)
    assert (await Host.get(name="far.test")).failures == 0


async def test_an_inbox_that_cannot_verify_us_yet_is_tried_again_while_its_host_is_served(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    world.inbox_status[NOOR] = 401
    await owe(section, NOOR, FAR, now=now)
    await lanes.serve(out)
    row = await owed()
    assert (row.inbox_uri, row.attempts, row.due_at) == (NOOR, 1, now + timedelta(seconds=60))
    assert "401" in row.last_error
    assert not await Host.exists()

    del world.inbox_status[NOOR]
    world.pass_time(seconds=60)
    await lanes.serve(out)
    assert not await Delivery.exists()


async def test_an_inbox_that_never_verifies_us_is_given_up_after_a_week(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    world.inbox_status[NOOR] = 401
    await owe(section, NOOR, now=now)
    while (due_at := (await owed()).due_at) is not None:
        world.now = due_at
        await lanes.serve(out)
        assert world.now - now <= DELIVER_FOR
    assert len(world.sent) > 10
    assert "401" in (await owed()).last_error


async def test_a_host_that_is_silent_for_a_week_is_owed_nothing_more(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    await owe(section, FAR, number=1, now=now)
    world.pass_time(days=6)
    await owe(section, FAR, number=2, now=world.now)
    assert await expire(out) == 0
    world.pass_time(days=1, seconds=1)

    assert await expire(out) == 1

    [given_up] = await Delivery.filter(due_at=None)
    assert given_up.last_error == "the host did not answer for a week"
    await lanes.serve(out)
    assert [sent.document["id"].rpartition("/")[2] for sent in world.sent] == ["2"]
    assert await expire(out) == 0


async def test_an_actor_whose_own_inbox_is_gone_follows_and_is_followed_no_more(
    section: Actor, member: Actor, lanes: Lanes, out: Context, world: World, ctx: Context, now: datetime
) -> None:
    noor = await factories.remote_actor(ctx, world, "https://far.test/users/noor", endpoints={})
    await factories.follow(noor, section)
    await factories.follow(member, noor)
    await factories.post(noor)
    world.inbox_status[NOOR] = 410
    await owe(section, noor.delivery_uri, now=now)
    await lanes.serve(out)

    assert not await Follow.exists()
    assert not await Post.exists()
    assert (await Actor.get(id=noor.id)).gone_at == now
    assert not await Delivery.exists()  # a row would name its inbox


@pytest.mark.parametrize(("inbox", "status"), [(FAR, 410), (NOOR, 404)])
async def test_nobody_is_buried_because_a_shared_inbox_is_gone_or_an_own_one_not_found(
    section: Actor,
    remote_actor: Actor,
    lanes: Lanes,
    out: Context,
    world: World,
    now: datetime,
    inbox: str,
    status: int,
) -> None:
    await factories.follow(remote_actor, section)
    world.inbox_status[inbox] = status
    await owe(section, inbox, now=now)
    await lanes.serve(out)
    assert await Follow.exists()
    assert (await Actor.get(id=remote_actor.id)).gone_at is None
    assert (await owed()).due_at is None


@pytest.mark.parametrize("domain", ["far.test", "test"])
async def test_a_host_blocked_meanwhile_is_sent_nothing_and_owed_nothing(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime, domain: str
) -> None:
    for number in range(50):
        await owe(section, FAR, number=number, now=now)
    await owe(section, "https://well.example/inbox", number=99, now=now)
    await factories.blocked_origin(domain)
    await lanes.serve(out)
    assert [sent.url for sent in world.sent] == ["https://well.example/inbox"]
    rows = await Delivery.all()
    assert {(row.due_at, row.leased_by, row.last_error) for row in rows} == {(None, None, "far.test is blocked here")}
    assert len(rows) == 50
    assert not await Host.exists()


async def test_a_host_blocked_while_it_is_served_is_sent_nothing_more_after_the_claim(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    for number in range(100):
        await owe(section, FAR, number=number, now=now)

    async def block(url: str) -> None:
        if len(world.sent) == 10:
            await factories.blocked_origin("far.test")

    doors.before = block
    await lanes.serve(out)
    assert len(world.sent) == 40
    assert await Delivery.filter(due_at=None).count() == 60


async def test_a_row_that_breaks_something_breaks_it_alone(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    for number in range(3):
        await owe(section, f"https://far.test/users/{number}/inbox", number=number, now=now)

    async def break_on_one(url: str) -> None:
        if url == "https://far.test/users/0/inbox":
            raise RuntimeError("nobody thought of this")

    doors.before = break_on_one
    with capture_logs() as logs:
        await lanes.serve(out)

    assert sorted(sent.url for sent in world.sent) == [f"https://far.test/users/{number}/inbox" for number in (1, 2)]
    row = await owed()
    assert (row.attempts, row.due_at) == (1, now + timedelta(seconds=60))
    assert "nobody thought of this" in row.last_error
    assert [line["event"] for line in logs] == ["delivery broke"]


async def test_what_an_actor_without_a_key_owes_is_put_off_and_holds_up_nobody(
    section: Actor, member: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    record = await owe(section, NOOR, number=1, now=now)
    await Delivery.filter(activity_id=record.id).update(sender_id=1)
    await owe(section, FAR, number=2, now=now)
    await lanes.serve(out)
    assert [sent.url for sent in world.sent] == [FAR]
    assert "no private key" in (await owed()).last_error
