"""Keeping what arrived: in groups, without waiting for the broker, and never silently not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import pytest

from federation.context import Context, Work
from models import database
from models.inbox import Arrival, InboxMessage
from server.activitypub import journal as journal_module
from server.activitypub.journal import Journal
from server.errors import Unavailable
from tests.world import World

ACTOR = "https://far.test/users/noor"


def message(number: int, now: datetime, body: str = "{}") -> Arrival:
    return Arrival(ACTOR, f"{ACTOR}/follows/{number}", body, now)


async def settle() -> None:
    """Let every task go as far as it can without waiting for the outside."""
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture
def journal(ctx: Context) -> Journal:
    return Journal(ctx)


async def test_messages_of_one_moment_are_kept_in_the_order_of_their_arrival(journal: Journal, now: datetime) -> None:
    await asyncio.gather(*(journal.keep(message(number, now)) for number in range(20)))
    rows = await InboxMessage.all().order_by("id")
    assert [row.activity_uri for row in rows] == [f"{ACTOR}/follows/{number}" for number in range(20)]


async def test_a_duplicate_in_the_same_group_or_a_later_one_is_kept_once(journal: Journal, now: datetime) -> None:
    await asyncio.gather(*(journal.keep(message(1, now)) for _ in range(3)))
    await journal.keep(message(1, now))
    assert await InboxMessage.all().count() == 1


async def test_a_duplicate_changes_nothing_of_what_waits(journal: Journal, now: datetime) -> None:
    await journal.keep(message(1, now))
    await InboxMessage.all().update(attempts=3)
    await journal.keep(message(1, now, body='{"changed": true}'))
    row = await InboxMessage.get()
    assert (row.attempts, row.body) == (3, "{}")


class Broker:
    """A queue that hangs until it is told not to."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.calls = 0
        self.woken = 0

    async def wake(self, work: Work) -> None:
        assert work is Work.INBOX
        self.calls += 1
        await self.answers.wait()
        self.woken += 1


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    broker = Broker()
    yield broker
    broker.answers.set()
    await settle()


async def test_a_broker_that_hangs_holds_up_no_answer(ctx: Context, now: datetime, broker: Broker) -> None:
    journal = Journal(replace(ctx, wake=broker.wake))
    for number in range(5):
        await journal.keep(message(number, now))
    assert await InboxMessage.all().count() == 5
    assert broker.woken == 0


async def test_what_was_kept_during_a_wake_up_is_followed_by_another(
    ctx: Context, now: datetime, broker: Broker
) -> None:
    journal = Journal(replace(ctx, wake=broker.wake))
    for number in range(5):
        await journal.keep(message(number, now))
    await settle()
    assert broker.calls == 1

    broker.answers.set()
    await settle()

    assert broker.woken == 2


async def test_every_message_wakes_somebody(journal: Journal, now: datetime, world: World) -> None:
    for number in range(3):
        await journal.keep(message(number, now))
        await settle()
        assert len(world.woken) == number + 1


async def test_a_journal_that_cannot_be_written_says_so_to_everybody_and_wakes_nobody(
    journal: Journal, now: datetime, world: World
) -> None:
    await database.execute("ALTER TABLE inbox_message RENAME TO mislaid")
    try:
        told = await asyncio.gather(
            *(journal.keep(message(number, now)) for number in range(5)), return_exceptions=True
        )
    finally:
        await database.execute("ALTER TABLE mislaid RENAME TO inbox_message")
    assert [type(error) for error in told] == [Unavailable] * 5
    await settle()
    assert world.woken == []


async def test_after_a_failure_the_next_message_is_kept(journal: Journal, now: datetime) -> None:
    await database.execute("ALTER TABLE inbox_message RENAME TO mislaid")
    try:
        with pytest.raises(Unavailable):
            await journal.keep(message(1, now))
    finally:
        await database.execute("ALTER TABLE mislaid RENAME TO inbox_message")
    await journal.keep(message(2, now))
    assert await InboxMessage.all().count() == 1


async def test_no_more_waits_in_memory_than_there_is_room_for(
    journal: Journal, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "MAX_WAITING_BYTES", 1000)
    told = await asyncio.gather(
        *(journal.keep(message(number, now, body="x" * 300)) for number in range(5)), return_exceptions=True
    )
    assert [type(error) for error in told] == [type(None)] * 3 + [Unavailable] * 2

    await journal.keep(message(9, now, body="x" * 900))
    assert await InboxMessage.all().count() == 4
