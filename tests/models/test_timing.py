"""How long the database takes: every statement is told, also one that fails."""

from collections.abc import Iterator

import pytest
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from models import database, timing
from models.setting import Setting


@pytest.fixture
def told(db: str) -> Iterator[list[float]]:
    """The seconds that were told."""
    seconds: list[float] = []
    timing.listen(seconds.append)
    yield seconds
    timing.listen(None)


async def test_a_query_is_told_once(told: list[float]) -> None:
    await database.select("SELECT 1 AS one")
    assert len(told) == 1
    assert told[0] > 0


async def test_one_that_fails_is_told_too(told: list[float]) -> None:
    with pytest.raises(OperationalError):
        await database.select("SELECT * FROM nowhere")
    assert len(told) == 1


async def test_a_transaction_is_told_with_its_beginning_and_its_end(told: list[float]) -> None:
    async with in_transaction():
        await Setting.create(name="a", value="1")
    assert len(told) >= 3


async def test_who_no_longer_listens_is_told_nothing(told: list[float]) -> None:
    timing.listen(None)
    await database.select("SELECT 1 AS one")
    assert told == []
