"""The questions that were asked of the database while something was made, and what it answered.

Whatever depends on nothing else is made alike while the same questions get the same answers; so to know whether it still
stands, they are asked again. That takes some microseconds a question: no row becomes an object, nothing is written.
"""

import marshal
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError

from models import database

Rows = list[tuple[Any, ...]]

MAX_ROWS = 2000


@dataclass(slots=True)
class Trail:
    """Questions, each with its values and the rows it gave. `is_whole` is false where it cannot be walked again."""

    steps: list[tuple[str, tuple[Any, ...], Rows]] = field(default_factory=list)
    is_whole: bool = True
    is_open: bool = True

    def note(self, query: str, values: Sequence[Any] | None, rows: Sequence[Any]) -> None:
        """Remember one question and its answer; what writes, or gives more than is worth remembering, breaks the trail."""
        if not self.is_open or not self.is_whole:
            return
        if not query.lstrip("( \n").startswith(("SELECT", "WITH")) or len(rows) > MAX_ROWS:
            self.is_whole = False
            self.steps.clear()
            return
        self.steps.append((query, tuple(values or ()), [tuple(row) for row in rows]))

    def extend(self, other: "Trail") -> None:
        """Add what something used here was made of."""
        if other is self or not self.is_open:
            return
        self.is_whole = self.is_whole and other.is_whole
        self.steps += other.steps

    @property
    def bytes(self) -> int:
        """About how much memory the rows take."""
        rows = [rows for _, _, rows in self.steps]
        try:
            return len(marshal.dumps(rows))
        except ValueError:  # times and the like, as PostgreSQL gives them
            return len(repr(rows))

    async def stands(self) -> bool:
        """Ask everything again, up to the first answer that is another."""
        if not self.is_whole:
            return False
        for query, values, rows in self.steps:
            if await _ask(query, values) != rows:
                return False
        return True


async def _ask(query: str, values: tuple[Any, ...]) -> Rows:
    """Ask one question, for bare values.

    Raises:
        OperationalError: the database cannot work now.
    """
    client = database.connection()
    if database.is_postgres():
        return [tuple(row) for row in (await client.execute_query(query, list(values)))[1]]
    async with client.acquire_connection() as connection:
        try:
            rows: Rows = connection.fetch_tuples(query, values)
        except sqlite3.Error as error:
            raise OperationalError(error) from error
    return rows


_CURRENT: ContextVar[Trail | None] = ContextVar("trail", default=None)


@contextmanager
def followed() -> Iterator[Trail]:
    """Note what is asked meanwhile; whoever follows further out has it noted, too."""
    outer, inner = _CURRENT.get(), Trail()
    token = _CURRENT.set(inner)
    try:
        yield inner
    finally:
        _CURRENT.reset(token)
        if outer is not None:
            outer.extend(inner)
        inner.is_open = False


@contextmanager
def unnoted() -> Iterator[None]:
    """Ask something on which what is being made does not depend."""
    token = _CURRENT.set(None)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def used(trail: Trail) -> None:
    """Say that something made earlier, of which this is the trail, is a part of what is being made now."""
    if (current := _CURRENT.get()) is not None:
        current.extend(trail)


def note(query: str, values: Sequence[Any] | None, rows: Sequence[Any]) -> None:
    """Note a question in the trail that is being followed, if one is."""
    if (trail := _CURRENT.get()) is not None:
        trail.note(query, values, rows)


class FollowedClient(BaseDBAsyncClient):
    """A Tortoise client whose questions are noted in the trail that is being followed, if one is."""

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Any]:
        """Run a statement: how many rows it changed or gave, and the rows."""
        count, rows = await super().execute_query(query, values)
        note(query, values, rows)
        return count, rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run a statement: its rows."""
        if _CURRENT.get() is None:
            return await super().execute_query_dict(query, values)
        _, rows = await self.execute_query(query, values)
        return [dict(row) for row in rows]
