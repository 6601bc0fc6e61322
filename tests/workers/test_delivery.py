"""Delivering: in order, once, and no host at another's cost."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from federation.context import Context
from federation.http import Limits
from models import database
from models.actor import Actor
from models.delivery import LEASE_SECONDS, Delivery
from models.host import Host
from tests import databases
from tests.workers.conftest import SLOT
from tests.workers.doors import Doors, behind, owe, until
from tests.world import World
from workers.delivery import FAILING_HOSTS_AT_ONCE, HOSTS_AT_ONCE, INBOXES_AT_ONCE, ROWS_A_CLAIM, Lanes, deliver

FAR = "https://far.test/inbox"
SLOW = "https://slow.test/inbox"


@pytest.fixture
def doors(world: World) -> Doors:
    """The way out, all doors open."""
    return Doors(world)


@pytest.fixture
def out(ctx: Context, doors: Doors) -> Context:
    """The context that sends through the doors."""
    return behind(ctx, doors)


@pytest.fixture
def lanes(db: str) -> Lanes:
    """A worker's lanes."""
    return Lanes(SLOT)


def numbers_sent(world: World, inbox: str) -> list[int]:
    """The numbers of the activities that an inbox received, in order."""
    return [int(sent.document["id"].rpartition("/")[2]) for sent in world.sent if sent.url == inbox]


async def test_what_is_delivered_is_signed_by_its_actor_and_owed_no_longer(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    record = await owe(section, FAR, now=now)
    await lanes.serve(out)
    [sent] = world.sent
    assert (sent.url, sent.body.decode()) == (FAR, record.document)
    assert f'keyId="{section.uri}#main-key"' in sent.headers["signature"]
    assert not await Delivery.exists()


async def test_an_inbox_receives_everything_in_order(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    count = ROWS_A_CLAIM * 2 + 5
    for number in range(count):
        await owe(section, FAR, f"https://far.test/users/{number % 7}/inbox", number=number, now=now)
    await lanes.serve(out)
    assert numbers_sent(world, FAR) == list(range(count))
    for user in range(7):
        received = numbers_sent(world, f"https://far.test/users/{user}/inbox")
        assert received == list(range(user, count, 7))


async def test_a_host_is_sent_to_over_few_connections_and_an_inbox_over_one(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, now: datetime
) -> None:
    inboxes = [f"https://far.test/users/{user}/inbox" for user in range(20)]
    for number in range(3):
        await owe(section, *inboxes, number=number, now=now)
    await lanes.serve(out)
    assert doors.most_at_once["far.test"] == INBOXES_AT_ONCE
    assert {doors.most_at_once[inbox] for inbox in inboxes} == {1}


async def test_a_host_that_has_not_answered_yet_is_sent_one_thing_at_first(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, now: datetime
) -> None:
    await owe(section, *(f"https://slow.test/users/{user}/inbox" for user in range(20)), now=now)
    doors.close_door("slow.test")
    serving = asyncio.create_task(lanes.serve(out))
    await until(lambda: begun(doors, 1))
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(doors.begun) == 1
    doors.open_door("slow.test")
    await serving
    assert len(doors.begun) == 20


async def left_for(*hosts: str) -> bool:
    """Whether nothing is owed any more but to these hosts."""
    return not await Delivery.exclude(host__in=list(hosts)).exists()


async def test_hosts_that_hang_delay_nobody_else(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    hanging = [f"hang{number}.test" for number in range(30)]
    healthy = [f"https://well{number}.test/inbox" for number in range(200)]
    await owe(section, *(f"https://{host}/inbox" for host in hanging), *healthy, now=now)
    for host in hanging:
        doors.close_door(host)
    serving = asyncio.create_task(lanes.serve(out))

    await until(lambda: left_for(*hanging))

    assert sorted(sent.url for sent in world.sent) == sorted(healthy)
    assert await Delivery.all().count() == len(hanging)
    assert not serving.done()
    for host in hanging:
        doors.open_door(host)
    await serving
    assert not await Delivery.exists()


async def test_hosts_that_hang_again_and_again_leave_room_for_the_others(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    hanging = [f"hang{number}.test" for number in range(HOSTS_AT_ONCE + 10)]
    await Host.bulk_create([Host(name=host, failures=3) for host in hanging])
    await owe(section, *(f"https://{host}/inbox" for host in hanging), now=now - timedelta(hours=1))
    for host in hanging:
        doors.close_door(host)
    serving = asyncio.create_task(lanes.serve(out))
    await until(lambda: begun(doors, FAILING_HOSTS_AT_ONCE))

    await owe(section, FAR, number=2, now=now)
    await lanes.serve(out)
    await until(lambda: left_for(*hanging))

    assert len(doors.begun) == FAILING_HOSTS_AT_ONCE + 1
    for host in hanging:
        doors.open_door(host)
    await serving
    assert not await Delivery.exists()
    assert not await Host.exists(failures__gt=0)


async def test_hosts_that_refuse_delay_nobody_else(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    broken = [f"broken{number}.test" for number in range(HOSTS_AT_ONCE + 10)]
    world.inbox_status |= dict.fromkeys(broken, 0)
    await owe(section, *(f"https://{host}/inbox" for host in broken), FAR, now=now)
    await lanes.serve(out)
    assert [sent.url for sent in world.sent] == [FAR]
    assert await Delivery.filter(leased_by=None).count() == len(broken)


async def test_what_becomes_due_while_a_host_hangs_is_delivered_by_the_same_job(
    section: Actor, job: dict[str, Any], out: Context, doors: Doors, world: World, now: datetime
) -> None:
    job["context"] = out
    doors.close_door("slow.test")
    await owe(section, SLOW, number=1, now=now)
    first = asyncio.create_task(deliver(job))
    await until(lambda: begun(doors, 1))

    await owe(section, FAR, number=2, now=now)
    await deliver(job)
    await until(lambda: left_for("slow.test"))

    assert [sent.url for sent in world.sent] == [FAR]
    assert not first.done()
    doors.open_door("slow.test")
    await first


async def begun(doors: Doors, count: int) -> bool:
    """Whether so many requests have reached their hosts."""
    return len(doors.begun) >= count


async def test_what_becomes_due_for_a_host_being_served_follows_in_order(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    doors.close_door("far.test")
    await owe(section, FAR, number=1, now=now)
    serving = asyncio.create_task(lanes.serve(out))
    await until(lambda: begun(doors, 1))
    await owe(section, FAR, number=2, now=now)
    doors.open_door("far.test")
    await serving
    assert numbers_sent(world, FAR) == [1, 2]


async def test_two_workers_send_everything_once_and_in_order(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    inboxes = [f"https://host{number}.test/inbox" for number in range(20)]
    for number in range(10):
        await owe(section, *inboxes, number=number, now=now)
    await asyncio.gather(lanes.serve(out), Lanes("here/worker-2").serve(out))
    for inbox in inboxes:
        assert numbers_sent(world, inbox) == list(range(10))
    assert not await Delivery.exists()


def test_there_is_a_connection_for_every_lane_at_its_widest() -> None:
    """Or hosts that hang in the midst of their turn would keep the others from connecting."""
    assert Limits().total_connections > HOSTS_AT_ONCE * INBOXES_AT_ONCE


async def test_no_other_worker_takes_a_host_whose_answers_take_longer_than_a_lease(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    for number in range(20):
        await owe(section, SLOW, number=number, now=now)
    taken: list[Delivery] = []

    async def take_long(url: str) -> None:
        world.pass_time(seconds=15)
        taken.extend(await Delivery.claim("another", "slow.test", world.now, 40))

    doors.before = take_long
    await lanes.serve(out)

    assert taken == []
    assert numbers_sent(world, SLOW) == list(range(20))


async def test_what_a_dead_worker_held_is_sent_when_its_lease_has_run_out(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    await owe(section, FAR, now=now)
    await Delivery.claim("dead", "far.test", now, 10)
    await lanes.serve(out)
    assert world.sent == []
    world.pass_time(seconds=LEASE_SECONDS + 1)
    await lanes.serve(out)
    assert len(world.sent) == 1


async def test_a_worker_that_comes_back_gives_back_what_it_held(
    section: Actor, lanes: Lanes, out: Context, world: World, now: datetime
) -> None:
    await owe(section, FAR, SLOW, now=now)
    await Delivery.claim("dead", "far.test", now, 10)
    await Delivery.claim("alive", "slow.test", now, 10)
    assert await Delivery.release("dead") == 1
    await lanes.serve(out)
    assert [sent.url for sent in world.sent] == [FAR]


async def test_a_job_that_is_cancelled_sends_nothing_more(
    section: Actor, lanes: Lanes, out: Context, doors: Doors, world: World, now: datetime
) -> None:
    doors.close_door("slow.test")
    await owe(section, SLOW, now=now)
    serving = asyncio.create_task(lanes.serve(out))
    await until(lambda: begun(doors, 1))
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    doors.open_door("slow.test")
    for _ in range(50):
        await asyncio.sleep(0)
    assert world.sent == []

    await Delivery.release(SLOT)
    await lanes.serve(out)
    assert len(world.sent) == 1


async def test_deliveries_of_one_moment_are_settled_together(
    section: Actor, lanes: Lanes, out: Context, now: datetime
) -> None:
    if databases.KIND != "sqlite":
        pytest.skip("only SQLite tells every statement it runs")
    statements: list[str] = []
    await owe(section, *(f"https://host{number}.test/inbox" for number in range(100)), now=now)
    connection: Any = database.connection()
    connection._connection._conn.set_trace_callback(statements.append)
    await lanes.serve(out)
    deletions = [statement for statement in statements if statement.startswith("DELETE")]
    assert 1 <= len(deletions) <= 20
    assert not await Delivery.exists()


async def test_with_nothing_owed_the_task_ends_at_once(job: dict[str, Any], world: World) -> None:
    await deliver(job)
    assert world.sent == []
