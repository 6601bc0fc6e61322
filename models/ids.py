"""Sortable 64-bit row ids that no two processes can make alike.

Layout, from the high bit: 41 bits of milliseconds since 2020-01-01T00:00Z, 10 bits of process number, 12 of sequence.
The lower half of a millisecond's sequence is for rows that begin in it, the upper half for old ones placed there later.
The process number comes from the database (`claim_process_number`), so any number of machines may share one.
"""

import itertools
import time
from datetime import datetime
from typing import Any

from tortoise import fields, timezone
from tortoise.models import Model

EPOCH_MS = 1_577_836_800_000
PROCESS_BITS, SEQUENCE_BITS = 10, 12
_PROCESSES, _HALF = 1 << PROCESS_BITS, 1 << (SEQUENCE_BITS - 1)


class ProcessNumber(Model):
    """One row a process start: its id, modulo 1,024, is that process's part of every id it makes."""

    id = fields.IntField(primary_key=True)
    started_at = fields.DatetimeField(default=timezone.now)

    class Meta:
        table = "process_number"


class IdField(fields.BigIntField):
    """The primary key of a row that other servers or clients may name."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"primary_key": True, "generated": False, "default": new_id}
        super().__init__(**kwargs)

    class _db_sqlite:
        SQL_TYPE = "INTEGER"  # and no other is SQLite's own row id, which needs no index: sqlite.org/rowidtable.html


class _Generator:
    """Hands out increasing ids; an id is never handed out twice, even when the clock steps back."""

    def __init__(self) -> None:
        self.process = 0
        self._last_ms = 0
        self._number = -1
        self._placed = itertools.count()

    def next(self) -> int:
        ms = int(time.time() * 1000) - EPOCH_MS
        if ms > self._last_ms:
            self._last_ms, self._number = ms, 0
        elif self._number < _HALF - 1:
            self._number += 1
        else:
            self._last_ms, self._number = self._last_ms + 1, 0
        return self.compose(self._last_ms, self._number)

    def place(self, ms: int) -> int:
        """Make an id in a moment gone by; what is older than ids are shares the first moments."""
        count = next(self._placed)
        return self.compose(ms if ms >= 0 else count // _HALF, _HALF + count % _HALF)

    def compose(self, ms: int, number: int) -> int:
        return (ms << (PROCESS_BITS + SEQUENCE_BITS)) | (self.process << SEQUENCE_BITS) | number


_generator = _Generator()


def new_id() -> int:
    """Make the id of a row that begins to exist now."""
    return _generator.next()


def id_at(unix_ms: int) -> int:
    """Make the id of a row whose place in time is `unix_ms`, such as an old post met today."""
    return _generator.place(min(unix_ms, int(time.time() * 1000)) - EPOCH_MS)


def first_id_at(moment: datetime) -> int:
    """Give the lowest id that a row which begins at this moment could have; no row bears it for that."""
    ms = int(moment.timestamp() * 1000) - EPOCH_MS
    return max(ms, 0) << (PROCESS_BITS + SEQUENCE_BITS)


def unix_ms_of(id_: int) -> int:
    """Tell when, in milliseconds since 1970, a row with this id began."""
    return (id_ >> (PROCESS_BITS + SEQUENCE_BITS)) + EPOCH_MS


async def claim_process_number() -> int:
    """Take this process's number from the database; call once, before any id is made."""
    row = await ProcessNumber.create()
    _generator.process = row.id % _PROCESSES
    await ProcessNumber.filter(id__lte=row.id - _PROCESSES).delete()
    return _generator.process
