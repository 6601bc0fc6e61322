"""Pages of a timeline: which one is asked for, and the way to its neighbours."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from server.errors import NotFound
from server.posts.queries import PostView
from web.shared.forms import MAX_ID

PAGE_ITEMS = 20

Row = tuple[int, PostView]
Load = Callable[..., Awaitable[list[Row]]]
"""Load rows newest first: `limit` of them, below `max_id` or just above `min_id`."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Which page: the newest, that below `before`, or that just above `after`; with `since` what is newer than that."""

    before: int | None = None
    after: int | None = None
    since: int | None = None

    @classmethod
    def read(cls, request: Request) -> "Cursor":
        """Read it from the address.

        Raises:
            NotFound: it names no id.
        """
        return cls(*(_id(request, name) for name in ("before", "after", "since")))

    @property
    def query(self) -> str:
        """Write it for an address of this page."""
        if self.before is not None:
            return f"?before={self.before}"
        return f"?after={self.after}" if self.after is not None else ""


def _id(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= MAX_ID):
        raise NotFound("This page does not exist.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first, and the cursors of what is older and newer; None where there is nothing."""

    rows: list[Row] = field(default_factory=list)
    older: int | None = None
    newer: int | None = None


async def read_page(load: Load, cursor: Cursor) -> Page:
    """Load the page that is asked for."""
    if cursor.after is not None:
        rows = await load(limit=PAGE_ITEMS + 1, min_id=cursor.after)
        has_more, rows = len(rows) > PAGE_ITEMS, rows[-PAGE_ITEMS:]
        return Page(rows, rows[-1][0] if rows else None, rows[0][0] if has_more else None)
    rows = await load(limit=PAGE_ITEMS + 1, max_id=cursor.before)
    has_more, rows = len(rows) > PAGE_ITEMS, rows[:PAGE_ITEMS]
    newer = rows[0][0] if rows and cursor.before is not None else None
    return Page(rows, rows[-1][0] if has_more else None, newer)


async def read_news(load: Load, since: int) -> list[Row]:
    """Load what is newer than an item, as far as a page reaches, newest first."""
    return [row for row in await load(limit=PAGE_ITEMS) if row[0] > since]
