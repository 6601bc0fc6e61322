"""The periodic look: whatever is due wakes somebody, and what is too old is given up."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from arq.connections import ArqRedis

from federation.context import Work
from models.actor import Actor
from models.delivery import LEASE_SECONDS, Delivery
from models.event import Event
from models.host import Host
from models.inbox import InboxMessage
from models.poll import Poll
from server.events import series
from server.events.drafts import EventDraft, PlaceDraft
from server.events.recurrence import Frequency, Rule
from server.queue import QUEUE_NAME, Queue
from tests import factories
from tests.valkey import Valkey
from tests.workers.doors import owe
from tests.world import World
from workers.sweep import sweep

FAR = "https://far.test/inbox"


async def arrived(now: datetime) -> InboxMessage:
    """A message in the journal."""
    uri = "https://far.test/follows/1"
    return await InboxMessage.create(actor_uri="https://far.test/noor", activity_uri=uri, body="{}", due_at=now)


async def test_with_nothing_due_nobody_is_woken(job: dict[str, Any], world: World, now: datetime) -> None:
    await arrived(now + timedelta(seconds=1))
    await sweep(job)
    assert world.woken == []


async def test_a_message_that_nobody_was_woken_for_is_found(job: dict[str, Any], world: World, now: datetime) -> None:
    await arrived(now)
    await sweep(job)
    assert world.woken == [Work.INBOX]


async def test_a_mark_whose_owner_died_before_it_woke_anybody_holds_nothing_up(
    job: dict[str, Any], redis: ArqRedis, now: datetime
) -> None:
    await redis.set("coopole:woken:inbox", b"1")
    await arrived(now)

    await sweep(job)

    assert not await redis.exists("coopole:woken:inbox")


async def test_a_delivery_that_nobody_was_woken_for_is_found(
    job: dict[str, Any], section: Actor, world: World, now: datetime
) -> None:
    await owe(section, FAR, now=now)
    await sweep(job)
    assert world.woken == [Work.DELIVERY]


async def test_a_delivery_to_a_host_that_waits_wakes_nobody_until_it_is_due(
    job: dict[str, Any], section: Actor, world: World, now: datetime
) -> None:
    await owe(section, FAR, now=now)
    await Host.back_off("far.test", now, "timed out")
    await sweep(job)
    assert world.woken == []
    world.pass_time(seconds=30)
    await sweep(job)
    assert world.woken == [Work.DELIVERY]


async def test_a_delivery_under_way_wakes_nobody_until_its_lease_has_run_out(
    job: dict[str, Any], section: Actor, world: World, now: datetime
) -> None:
    await owe(section, FAR, now=now)
    await Delivery.claim("dead", "far.test", now, 10)
    await sweep(job)
    assert world.woken == []
    world.pass_time(seconds=LEASE_SECONDS + 1)
    await sweep(job)
    assert world.woken == [Work.DELIVERY]


async def test_what_is_too_old_is_given_up_and_wakes_nobody(
    job: dict[str, Any], section: Actor, world: World, now: datetime
) -> None:
    await owe(section, FAR, now=now)
    world.pass_time(days=7, seconds=1)
    await sweep(job)
    assert world.woken == []
    assert (await Delivery.get()).due_at is None


async def test_a_poll_whose_time_has_come_is_closed(job: dict[str, Any], section: Actor, now: datetime) -> None:
    await factories.poll(section, closes_at=now)
    await sweep(job)
    assert (await Poll.get()).closed_at == now


async def test_a_mark_left_by_somebody_who_died_before_waking_anybody_silences_nobody(
    job: dict[str, Any], redis: ArqRedis, shared_valkey: Valkey, now: datetime
) -> None:
    queue = Queue(shared_valkey.url)
    job["context"] = replace(job["context"], wake=queue.wake)
    await queue.wake(Work.INBOX)
    await redis.delete(QUEUE_NAME)
    await arrived(now)
    await sweep(job)
    await queue.close()
    assert [found.function for found in await redis.queued_jobs()] == ["process_inbox"]


async def test_the_next_event_of_a_series_is_announced_when_it_is_time(
    job: dict[str, Any], section: Actor, world: World, now: datetime
) -> None:
    starts = (now + timedelta(days=2)).replace(tzinfo=None)
    draft = EventDraft("Réunion", starts, place=PlaceDraft("Local"))
    await series.begin(section, draft, Rule(Frequency.WEEKLY, count=9), job["context"])
    await sweep(job)
    assert await Event.all().count() == 2
    world.pass_time(days=1)
    await sweep(job)
    await sweep(job)
    assert await Event.all().count() == 3
