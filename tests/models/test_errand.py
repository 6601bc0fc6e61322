"""Errands: asked for once, taken by one, resting when done."""

from datetime import datetime, timedelta

import pytest

from models.errand import LEASE_SECONDS, Errand, ErrandType

ALL = tuple(ErrandType)
URI = "https://far.test/notes/1"


@pytest.fixture(autouse=True)
async def _database(db: str) -> None:
    """Every test here has an empty database."""


async def test_what_is_asked_for_twice_is_to_be_fetched_once(now: datetime) -> None:
    await Errand.ask(ErrandType.REPLIES, URI, now)
    await Errand.ask(ErrandType.REPLIES, URI, now, depth=2)
    await Errand.ask(ErrandType.ANCESTORS, URI, now)
    assert sorted([(row.type, row.depth) for row in await Errand.all()]) == [("ancestors", 0), ("replies", 0)]


async def test_the_one_due_longest_is_taken_first_and_by_one_alone(now: datetime) -> None:
    await Errand.ask_many(ErrandType.REPLIES, [f"{URI}/late"], now, due_at=now + timedelta(seconds=1))
    await Errand.ask(ErrandType.REPLIES, f"{URI}/second", now)
    await Errand.ask(ErrandType.REPLIES, f"{URI}/first", now - timedelta(seconds=1))

    taken = [await Errand.claim(now, ALL) for _ in range(3)]

    assert [errand and errand.uri for errand in taken] == [f"{URI}/first", f"{URI}/second", None]


async def test_a_type_that_nobody_runs_is_left(now: datetime) -> None:
    await Errand.ask(ErrandType.FEATURED, URI, now)
    assert await Errand.claim(now, [ErrandType.REPLIES]) is None
    assert not await Errand.are_due(now, [ErrandType.REPLIES])
    assert await Errand.are_due(now, ALL)


async def test_one_whose_worker_died_is_taken_again_when_its_lease_has_run_out(now: datetime) -> None:
    await Errand.ask(ErrandType.REPLIES, URI, now)
    assert await Errand.claim(now, ALL) is not None
    later = now + timedelta(seconds=LEASE_SECONDS)
    assert not await Errand.are_due(later, ALL)
    assert await Errand.claim(later, ALL) is None
    later += timedelta(seconds=1)
    assert await Errand.are_due(later, ALL)
    assert await Errand.claim(later, ALL) is not None


async def test_what_is_done_rests_and_is_not_asked_for_meanwhile(now: datetime) -> None:
    await Errand.ask(ErrandType.REPLIES, URI, now)
    errand = await Errand.claim(now, ALL)
    assert errand is not None
    await errand.rest(now + timedelta(minutes=15))

    await Errand.ask(ErrandType.REPLIES, URI, now + timedelta(minutes=14))
    assert not await Errand.are_due(now + timedelta(minutes=14), ALL)
    await Errand.ask(ErrandType.REPLIES, URI, now + timedelta(minutes=15))
    assert await Errand.are_due(now + timedelta(minutes=15), ALL)


async def test_what_has_rested_goes(now: datetime) -> None:
    await Errand.ask(ErrandType.REPLIES, URI, now)
    await Errand.ask(ErrandType.ANCESTORS, URI, now)
    errand = await Errand.claim(now, [ErrandType.REPLIES])
    assert errand is not None
    await errand.rest(now + timedelta(minutes=15))
    await Errand.expire(now)
    assert await Errand.all().count() == 2
    await Errand.expire(now + timedelta(minutes=15))
    assert [row.type for row in await Errand.all()] == [ErrandType.ANCESTORS]
