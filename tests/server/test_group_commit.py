"""Many small writes in few transactions."""

import asyncio
import gc
from typing import Any

import pytest

from server.group_commit import GroupCommit


class Ledger:
    """Writes groups down when the gate is open."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.errors: list[Exception] = []

    async def write(self, group: list[int]) -> None:
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop()
        self.groups.append(group)


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_comes_while_a_group_is_written_shares_the_next_one() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.write)
    first = asyncio.create_task(commit.add(0))
    await settle()
    others = [asyncio.create_task(commit.add(number)) for number in range(1, 6)]
    await settle()
    assert not any(task.done() for task in (first, *others))

    ledger.gate.set()
    await asyncio.gather(first, *others)

    assert ledger.groups == [[0], [1, 2, 3, 4, 5]]


async def test_what_comes_at_the_same_moment_is_one_group() -> None:
    ledger = Ledger()
    ledger.gate.set()
    commit = GroupCommit(ledger.write)
    await asyncio.gather(*(commit.add(number) for number in range(100)))
    assert ledger.groups == [list(range(100))]


async def test_an_error_is_told_to_all_of_its_group_and_to_no_other() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.write)
    failing = [asyncio.create_task(commit.add(number)) for number in range(3)]
    await settle()
    ledger.errors = [RuntimeError("full")]
    later = asyncio.create_task(commit.add(3))
    ledger.gate.set()
    told = await asyncio.gather(*failing, return_exceptions=True)
    await later

    assert [str(error) for error in told] == ["full"] * 3
    assert ledger.groups == [[3]]


async def test_whoever_stops_waiting_does_not_stop_the_write() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.write)
    impatient, patient = asyncio.create_task(commit.add(1)), asyncio.create_task(commit.add(2))
    await settle()
    impatient.cancel()
    await settle()
    gc.collect()
    ledger.gate.set()
    await patient
    assert impatient.cancelled()
    assert ledger.groups == [[1, 2]]


async def test_a_group_that_nobody_waits_for_any_more_is_written_all_the_same() -> None:
    ledger = Ledger()
    commit = GroupCommit(ledger.write)
    impatient = asyncio.create_task(commit.add(1))
    await settle()
    impatient.cancel()
    await settle()
    gc.collect()
    ledger.gate.set()
    await commit.add(2)
    assert ledger.groups == [[1], [2]]


async def test_groups_are_written_one_after_the_other_in_order() -> None:
    at_once: list[int] = []
    order: list[int] = []

    async def write(group: list[int]) -> None:
        at_once.append(1)
        assert len(at_once) == 1
        await settle()
        order.extend(group)
        at_once.pop()

    commit = GroupCommit(write)
    tasks: list[Any] = []
    for number in range(50):
        tasks.append(asyncio.create_task(commit.add(number)))
        if number % 7 == 0:
            await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert order == list(range(50))


async def test_nothing_is_said_of_an_error_that_nobody_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger()
    ledger.errors = [RuntimeError("full")]
    commit = GroupCommit(ledger.write)
    impatient = asyncio.create_task(commit.add(1))
    await settle()
    impatient.cancel()
    ledger.gate.set()
    await settle()
    del commit
    gc.collect()
    assert caplog.records == []
