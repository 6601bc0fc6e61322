"""Letters that wait: one worker takes each, the one due longest first, and one that was erased is not sent."""

from datetime import datetime, timedelta

import pytest

from models import database
from models.mail import LEASE_SECONDS, Letter
from models.secrets import fingerprint


@pytest.fixture(autouse=True)
async def _database(db: str) -> None:
    """Every test here has an empty database."""


async def letter(address: str, due_at: datetime) -> Letter:
    return await Letter.create(
        recipient=address, recipient_fingerprint=fingerprint(address), message="To: x\n\nBonjour", due_at=due_at
    )


async def test_the_one_due_longest_is_taken_first_and_by_one_alone(now: datetime) -> None:
    await letter("late@post.example", now + timedelta(seconds=1))
    await letter("second@post.example", now)
    await letter("first@post.example", now - timedelta(seconds=1))
    taken = [await Letter.claim(now) for _ in range(3)]
    assert [one and one.recipient for one in taken] == ["first@post.example", "second@post.example", None]
    assert not await Letter.are_due(now)


async def test_one_whose_worker_died_is_taken_again(now: datetime) -> None:
    await letter("zoe@post.example", now)
    assert await Letter.are_due(now)
    assert await Letter.claim(now) is not None
    later = now + timedelta(seconds=LEASE_SECONDS + 1)
    assert await Letter.are_due(later)
    assert await Letter.claim(later) is not None


async def test_one_that_is_put_off_comes_back_later(now: datetime) -> None:
    await letter("zoe@post.example", now)
    taken = await Letter.claim(now)
    assert taken is not None
    await taken.put_off(now + timedelta(minutes=1))
    assert await Letter.claim(now) is None
    again = await Letter.claim(now + timedelta(minutes=1))
    assert again is not None
    assert again.attempts == 1


async def test_what_waits_for_an_address_is_dropped_however_it_is_spelt(now: datetime) -> None:
    await letter("zoe@post.example", now)
    await letter("ali@post.example", now)
    await Letter.forget(" Zoe@Post.example")
    assert [one.recipient for one in await Letter.all()] == ["ali@post.example"]


async def test_a_letter_is_unreadable_in_the_database(now: datetime) -> None:
    await letter("zoe@post.example", now)
    [row] = await database.select("SELECT * FROM letter")
    assert not [
        value for value in dict(row).values() if b"zoe" in str(value).encode() or b"Bonjour" in str(value).encode()
    ]
