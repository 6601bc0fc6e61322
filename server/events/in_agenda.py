"""Which events stand in a section's agenda, for other servers that read it page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from models.actor import Actor, in_sight
from models.event import Event, Organising, OrganisingState
from models.post import Visibility

FOR_EVERYBODY: dict[str, Any] = {
    "post__visibility": Visibility.PUBLIC,
    "post__actor__gone_at": None,
    **in_sight("post__actor__"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """So many events, in the order in which they begin or, not `is_upward`, against it.

    `beyond` is (starts_at, id) of the one after which they come; `now` leaves out those that have ended.
    """

    limit: int
    beyond: tuple[datetime, int] | None = None
    is_upward: bool = True
    now: datetime | None = None

    def narrowed(self, prefix: str = "") -> Q:
        """Give the filters; `prefix` leads to the event."""
        wanted = FOR_EVERYBODY | ({"ends_at__gte": self.now} if self.now is not None else {})
        found = _all(prefix, wanted)
        if self.beyond is not None:
            moment, id_ = self.beyond
            than = "gt" if self.is_upward else "lt"
            found &= _all(prefix, {f"starts_at__{than}": moment}) | _all(
                prefix, {"starts_at": moment, f"id__{than}": id_}
            )
        return found

    def ordered(self, prefix: str = "") -> tuple[str, str]:
        """Give the order, likewise."""
        sign = "" if self.is_upward else "-"
        return f"{sign}{prefix}starts_at", f"{sign}{prefix}id"


def _all(prefix: str, wanted: Mapping[str, Any]) -> Q:
    filters: dict[str, Any] = {prefix + name: value for name, value in wanted.items()}
    return Q(**filters)


async def post_ids(section: Actor, page: Page) -> list[int]:
    """Name the public events of a section's agenda, by the ids of their posts: its own, and those that it organises, too."""
    own = Event.filter(page.narrowed(), organiser_id=section.id).order_by(*page.ordered()).limit(page.limit)
    rows = [tuple(row) for row in await own.values_list("starts_at", "id", "post_id")]
    together = Organising.filter(page.narrowed("event__"), section_id=section.id, state=OrganisingState.ACCEPTED)
    names = ("event__starts_at", "event__id", "event__post_id")
    rows += [
        tuple(row) for row in await together.order_by(*page.ordered("event__")).limit(page.limit).values_list(*names)
    ]
    rows.sort(key=lambda row: row[:2], reverse=not page.is_upward)
    return [int(str(row[2])) for row in rows[: page.limit]]


async def count(section: Actor, now: datetime | None = None) -> int:
    """Count the public events of a section's agenda; from `now` on, those that have not ended."""
    page = Page(0, now=now)
    own = await Event.filter(page.narrowed(), organiser_id=section.id).count()
    together = Organising.filter(page.narrowed("event__"), section_id=section.id, state=OrganisingState.ACCEPTED)
    return int(own + await together.count())


async def place_in_time(post_id: int) -> tuple[datetime, int] | None:
    """Give where a public event stands in an agenda, for a page to begin beyond it; None where there is none."""
    event = await Event.filter(post_id=post_id, **FOR_EVERYBODY).first()
    return (event.starts_at, event.id) if event is not None else None
