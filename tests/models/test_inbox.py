"""The journal: in which order messages are taken, and that each actor's stay in order."""

import asyncio
from datetime import datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from models.inbox import LEASE_SECONDS, ORDERED_ATTEMPTS, InboxMessage
from tests import databases

NOOR, MAX = "https://far.test/users/noor", "https://elsewhere.test/users/max"


async def arrived(actor: str, number: int, now: datetime, **more: object) -> InboxMessage:
    values = {"actor_uri": actor, "activity_uri": f"{actor}/{number}", "body": "{}", "received_at": now, "due_at": now}
    return await InboxMessage.create(**(values | more))


async def numbers(worker: str, now: datetime, limit: int = 100) -> list[str]:
    """The activities that a worker gets."""
    return [row.activity_uri for row in await InboxMessage.claim(worker, now, limit)]


async def test_messages_are_taken_oldest_first(db: str, now: datetime) -> None:
    rows = [await arrived(actor, number, now) for number in range(3) for actor in (NOOR, MAX)]
    claimed = await InboxMessage.claim("worker-1", now, 4)
    assert [row.id for row in claimed] == [row.id for row in rows[:4]]
    assert {(row.leased_by, row.leased_until) for row in claimed} == {
        ("worker-1", now + timedelta(seconds=LEASE_SECONDS))
    }


async def test_the_same_activity_is_kept_once(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now)
    with pytest.raises(IntegrityError):
        await arrived(NOOR, 1, now)


async def test_what_one_worker_has_no_other_gets(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now)
    await arrived(MAX, 1, now)
    assert await numbers("worker-1", now, 1) == [f"{NOOR}/1"]
    assert await numbers("worker-2", now) == [f"{MAX}/1"]
    assert await numbers("worker-3", now) == []


async def test_an_actors_next_message_waits_for_the_one_that_is_being_performed(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now)
    await numbers("worker-1", now)
    await arrived(NOOR, 2, now)
    await arrived(MAX, 1, now)
    assert await numbers("worker-2", now) == [f"{MAX}/1"]


async def test_an_actors_next_message_waits_for_the_one_that_waits(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now, due_at=now + timedelta(minutes=1), attempts=1)
    await arrived(NOOR, 2, now)
    assert await numbers("worker-1", now) == []
    assert await numbers("worker-1", now + timedelta(minutes=1)) == [f"{NOOR}/1", f"{NOOR}/2"]


async def test_one_that_waits_for_the_last_does_not_hold_up_those_before_it(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now)
    await arrived(NOOR, 2, now, due_at=now + timedelta(minutes=1))
    await arrived(NOOR, 3, now)
    assert await numbers("worker-1", now) == [f"{NOOR}/1"]


async def test_one_that_failed_too_often_holds_up_its_actor_no_longer(db: str, now: datetime) -> None:
    later = now + timedelta(hours=1)
    await arrived(NOOR, 1, now, due_at=later, attempts=ORDERED_ATTEMPTS + 1)
    await arrived(MAX, 1, now, due_at=later, attempts=ORDERED_ATTEMPTS)
    for actor in (NOOR, MAX):
        await arrived(actor, 2, now)
    assert await numbers("worker-1", now) == [f"{NOOR}/2"]


async def test_what_a_dead_worker_held_is_free_when_its_lease_ends(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now)
    await arrived(NOOR, 2, now)
    await numbers("worker-1", now, 1)
    assert await numbers("worker-2", now + timedelta(seconds=LEASE_SECONDS)) == []
    later = now + timedelta(seconds=LEASE_SECONDS + 1)
    assert await numbers("worker-2", later) == [f"{NOOR}/1", f"{NOOR}/2"]


async def test_what_a_dead_worker_held_can_be_given_back_at_once(db: str, now: datetime) -> None:
    await arrived(NOOR, 1, now)
    await arrived(MAX, 1, now)
    await numbers("worker-1", now, 1)
    await numbers("worker-2", now)
    assert await InboxMessage.release("worker-1") == 1
    assert await numbers("worker-3", now) == [f"{NOOR}/1"]


@pytest.mark.skipif(databases.KIND != "postgres", reason="only PostgreSQL lets two connections of one process write")
async def test_of_many_workers_at_once_no_two_get_the_same_or_the_same_actor(db: str, now: datetime) -> None:
    for number in range(10):
        for actor in range(4):
            await arrived(f"https://far.test/users/{actor}", number, now)
    claims = await asyncio.gather(*(InboxMessage.claim(f"worker-{n}", now, 6) for n in range(8)))
    taken = [row.id for claim in claims for row in claim]
    assert len(taken) == len(set(taken))
    holders: dict[str, set[str | None]] = {}
    for claim in claims:
        assert [row.id for row in claim] == sorted(row.id for row in claim)
        for row in claim:
            holders.setdefault(row.actor_uri, set()).add(row.leased_by)
    assert all(len(workers) == 1 for workers in holders.values())
