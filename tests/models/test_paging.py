"""Pages of rows by their ids."""

from datetime import datetime

import pytest

from models.actor import Actor
from models.mute import HostMute
from models.paging import page_of


@pytest.fixture
async def ids(member: Actor, now: datetime) -> list[int]:
    """Five rows, the oldest first."""
    return [(await HostMute.create(muter=member, host=f"h{number}.test", created_at=now)).id for number in range(5)]


@pytest.mark.parametrize(
    ("limit", "below", "above", "found"),
    [
        (2, None, None, [4, 3]),
        (None, None, None, [4, 3, 2, 1, 0]),
        (2, 3, None, [2, 1]),
        (2, None, 0, [2, 1]),
        (9, 4, 1, [3, 2]),
        (2, 0, None, []),
        (2, None, 4, []),
    ],
)
async def test_the_newest_come_first_and_only_those_between(
    ids: list[int], limit: int | None, below: int | None, above: int | None, found: list[int]
) -> None:
    rows = await page_of(
        HostMute.all(),
        limit=limit,
        max_id=None if below is None else ids[below],
        min_id=None if above is None else ids[above],
    )

    assert [row.id for row in rows] == [ids[number] for number in found]
