"""Row ids: sortable, and never made twice."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import ids
from models.actor import Actor, ActorType
from models.ids import EPOCH_MS, ProcessNumber, claim_process_number, id_at, new_id, unix_ms_of

LATEST_MS = EPOCH_MS + 2**41 - 1


def test_ids_only_grow() -> None:
    made = [new_id() for _ in range(50_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_only_grow_while_old_posts_are_placed_too() -> None:
    made, placed = [], []
    for _ in range(20_000):
        made.append(new_id())
        placed.append(id_at(unix_ms_of(made[-1])))
    assert made == sorted(made)
    assert len({*made, *placed}) == len(made) + len(placed)


def test_an_id_says_when_its_row_began() -> None:
    before = int(time.time() * 1000)
    assert before - 1000 <= unix_ms_of(new_id()) <= before + 60_000


def test_an_id_fits_a_signed_64_bit_column() -> None:
    generator = ids._Generator()
    generator.process = 1023
    assert generator.compose(2**41 - 1, 4095) == 2**63 - 1


@given(st.integers(min_value=EPOCH_MS, max_value=EPOCH_MS + 6 * 365 * 86_400_000))
def test_an_old_post_is_placed_at_its_moment(unix_ms: int) -> None:
    assert unix_ms_of(id_at(unix_ms)) == unix_ms


@given(st.integers(min_value=-(2**60), max_value=2**60))
def test_any_moment_has_a_place_that_is_not_to_come(unix_ms: int) -> None:
    id_ = id_at(unix_ms)
    assert 0 <= id_ < 2**63
    assert EPOCH_MS <= unix_ms_of(id_) <= int(time.time() * 1000) + 1000


def test_posts_of_one_moment_have_different_places() -> None:
    assert len({id_at(EPOCH_MS + 1000) for _ in range(2000)}) == 2000


def test_posts_from_before_the_first_moment_have_different_places() -> None:
    assert len({id_at(0) for _ in range(20_000)}) == 20_000


def test_a_clock_that_steps_back_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = ids._Generator()
    now = time.time()
    made = []
    for moment in (now, now - 3600, now - 1, now + 1):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        made += [generator.next() for _ in range(10)]
    assert made == sorted(set(made))


def test_a_millisecond_that_is_used_up_lends_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = ids._Generator()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    made = [generator.next() for _ in range(10_000)]
    assert made == sorted(set(made))


async def test_each_process_has_its_number(db: str) -> None:
    numbers = [await claim_process_number() for _ in range(3)]
    assert len(set(numbers)) == 3
    assert (new_id() >> 12) & 1023 == numbers[-1]


async def test_numbers_of_long_ago_are_forgotten_and_used_again(db: str) -> None:
    latest = await ProcessNumber.create()
    for age in (1023, 1022):
        await ProcessNumber.create(id=latest.id - age)
    assert await claim_process_number() == (latest.id + 1) % 1024
    assert not await ProcessNumber.exists(id=latest.id - 1023)
    assert await ProcessNumber.exists(id=latest.id - 1022)


async def test_a_row_has_its_id_before_it_is_written() -> None:
    actor = Actor(uri="https://far.test/1", type=ActorType.PERSON)
    assert actor.id > 0
