"""What we owe to other servers: who may take which rows, and for how long."""

import asyncio
from datetime import datetime, timedelta

import pytest

from models.activity import ActivityRecord
from models.actor import Actor
from models.delivery import LEASE_SECONDS, Delivery
from models.host import Host
from tests import databases, factories


async def owe(host: str, now: datetime, number: int = 0, **more: object) -> Delivery:
    """A row of its own activity, to an inbox of a host."""
    record = await ActivityRecord.create(
        uri=f"https://lille.test/activities/{host}/{number}", type="Create", actor_uri="https://lille.test/actors/1",
        is_local=True, document="{}",
    )  # fmt: skip
    values = {"inbox_uri": f"https://{host}/inbox", "host": host, "due_at": now, "created_at": now, "sender_id": 1}
    return await Delivery.create(activity=record, **(values | more))


async def test_what_is_due_is_leased_oldest_first_with_its_activity(db: str, now: datetime) -> None:
    rows = [await owe("far.test", now, number) for number in range(5)]
    claimed = await Delivery.claim("worker-1", "far.test", now, 3)
    assert [row.id for row in claimed] == [row.id for row in rows[:3]]
    assert {row.leased_by for row in claimed} == {"worker-1"}
    assert {row.leased_until for row in claimed} == {now + timedelta(seconds=LEASE_SECONDS)}
    assert claimed[0].activity.document == "{}"


async def test_only_one_worker_serves_a_host(db: str, now: datetime) -> None:
    for number in range(3):
        await owe("far.test", now, number)
    await Delivery.claim("worker-1", "far.test", now, 1)
    assert await Delivery.claim("worker-2", "far.test", now, 10) == []


async def test_another_host_is_another_lane(db: str, now: datetime) -> None:
    await owe("far.test", now)
    await owe("elsewhere.test", now)
    await Delivery.claim("worker-1", "far.test", now, 10)
    assert [row.host for row in await Delivery.claim("worker-2", "elsewhere.test", now, 10)] == ["elsewhere.test"]


async def test_many_hosts_are_claimed_at_once_so_many_rows_of_each(db: str, now: datetime) -> None:
    hosts = ["far.test", "elsewhere.test", "served.test", "idle.test"]
    for number in range(3):
        for host in hosts[:3]:
            await owe(host, now, number)
    await Delivery.claim("worker-2", "served.test", now, 1)
    claimed = await Delivery.claim_many("worker-1", hosts, now, 2)
    assert {host: len(rows) for host, rows in claimed.items()} == dict(zip(hosts, (2, 2, 0, 0), strict=True))
    for host in hosts[:2]:
        assert [row.activity.uri[-1] for row in claimed[host]] == ["0", "1"]
        assert {(row.host, row.leased_by) for row in claimed[host]} == {(host, "worker-1")}


@pytest.mark.skipif(databases.KIND != "postgres", reason="only PostgreSQL lets two connections of one process write")
async def test_workers_that_claim_many_hosts_in_any_order_share_them(db: str, now: datetime) -> None:
    hosts = [f"{host}.test" for host in range(12)]
    for host in hosts:
        await owe(host, now)
    orders = [hosts[start:] + hosts[:start] for start in range(0, 12, 2)]
    claims = await asyncio.gather(
        *(Delivery.claim_many(f"worker-{n}", order, now, 9) for n, order in enumerate(orders))
    )
    taken = [row.host for claim in claims for rows in claim.values() for row in rows]
    assert sorted(taken) == sorted(hosts)


@pytest.mark.parametrize("due", [timedelta(seconds=1), timedelta(days=1), None])
async def test_what_is_not_due_is_left_alone(db: str, now: datetime, due: timedelta | None) -> None:
    await owe("far.test", now, due_at=now + due if due else None)
    assert await Delivery.claim("worker-1", "far.test", now, 10) == []
    assert await Delivery.due_hosts(now, 10) == []


async def test_what_a_dead_worker_held_is_free_when_its_lease_ends(db: str, now: datetime) -> None:
    await owe("far.test", now)
    await Delivery.claim("worker-1", "far.test", now, 10)
    assert await Delivery.claim("worker-2", "far.test", now + timedelta(seconds=LEASE_SECONDS), 10) == []
    later = now + timedelta(seconds=LEASE_SECONDS + 1)
    assert len(await Delivery.claim("worker-2", "far.test", later, 10)) == 1


async def test_what_a_dead_worker_held_can_be_given_back_at_once(db: str, now: datetime) -> None:
    for number, worker in enumerate(("worker-1", "worker-1", "worker-2")):
        await owe(f"{number}.test", now)
        await Delivery.claim(worker, f"{number}.test", now, 10)
    assert await Delivery.release("worker-1") == 2
    assert await Delivery.release("worker-1") == 0
    assert sorted(await Delivery.due_hosts(now, 10)) == ["0.test", "1.test"]


async def test_hosts_that_wait_longest_come_first(db: str, now: datetime) -> None:
    for name, minutes in (("b.test", 5), ("a.test", 1), ("c.test", 9)):
        await owe(name, now, due_at=now - timedelta(minutes=minutes))
        await owe(name, now, 1)
    assert await Delivery.due_hosts(now, 10) == ["c.test", "b.test", "a.test"]
    assert await Delivery.due_hosts(now, 1) == ["c.test"]


async def test_a_host_that_is_served_or_rests_is_not_named(db: str, now: datetime) -> None:
    for name in ("served.test", "resting.test", "rested.test", "free.test"):
        await owe(name, now)
        await owe(name, now, 1)
    await Delivery.claim("worker-1", "served.test", now, 1)
    await Host.create(name="resting.test", retry_at=now + timedelta(seconds=1))
    await Host.create(name="rested.test", retry_at=now)
    assert sorted(await Delivery.due_hosts(now, 10)) == ["free.test", "rested.test"]


@pytest.mark.skipif(databases.KIND != "postgres", reason="only PostgreSQL lets two connections of one process write")
async def test_of_many_workers_at_once_one_gets_the_host(db: str, now: datetime) -> None:
    rows = [await owe("far.test", now, number) for number in range(20)]
    claims = await asyncio.gather(*(Delivery.claim(f"worker-{n}", "far.test", now, 5) for n in range(8)))
    assert sorted(len(claim) for claim in claims) == [0] * 7 + [5]
    [claimed] = [claim for claim in claims if claim]
    assert [row.id for row in claimed] == [row.id for row in rows[:5]]
    assert len({row.leased_by for row in claimed}) == 1


@pytest.mark.skipif(databases.KIND != "postgres", reason="only PostgreSQL lets two connections of one process write")
async def test_many_workers_at_once_share_the_hosts(db: str, now: datetime) -> None:
    for host in range(6):
        for number in range(3):
            await owe(f"{host}.test", now, number)
    hosts = [f"{host}.test" for host in range(6)] * 2
    claims = await asyncio.gather(*(Delivery.claim(f"worker-{n}", host, now, 9) for n, host in enumerate(hosts)))
    taken = [row.id for claim in claims for row in claim]
    assert len(taken) == len(set(taken)) == 18


async def test_every_follower_elsewhere_is_owed_through_one_inbox_a_host(
    member: Actor, other_member: Actor, remote_actor: Actor, now: datetime
) -> None:
    record = (await owe("other.test", now)).activity
    for follower in (other_member, remote_actor):
        await factories.follow(follower, member)
    await Delivery.all().delete()
    await Delivery.plan_to_followers(record, member.id, now)
    row = await Delivery.get()
    assert (row.inbox_uri, row.host, row.sender_id, row.attempts, row.due_at) == (
        "https://far.test/inbox", "far.test", member.id, 0, now,
    )  # fmt: skip


async def test_nobody_is_owed_when_nobody_is_named(member: Actor, remote_actor: Actor, now: datetime) -> None:
    record = (await owe("other.test", now)).activity
    await Delivery.all().delete()
    await Delivery.plan_to_actors(record, member.id, [], now)
    await Delivery.plan_to_actors(record, member.id, [member.uri, "https://nobody.test/1"], now)
    assert await Delivery.all().count() == 0


async def test_hosts_that_failed_are_told_from_those_that_did_not(db: str, now: datetime) -> None:
    for host in ("new.test", "well.test", "failing.test"):
        await owe(host, now)
    await Host.create(name="well.test")
    await Host.create(name="failing.test", failures=1)
    assert sorted(await Delivery.due_hosts(now, 10, are_failing=False)) == ["new.test", "well.test"]
    assert await Delivery.due_hosts(now, 10, are_failing=True) == ["failing.test"]
    assert len(await Delivery.due_hosts(now, 10)) == 3
