"""What somebody asks of an agenda by its address: a month or what is next, a kind, words, a place to be near."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from models.event import EventKind
from server.errors import NotFound
from server.events.agenda import Near
from server.events.agenda import Place as After
from server.places import communes
from server.places.communes import Commune
from web.profiles.pages import MAX_ID

KILOMETRES = (5, 10, 25, 50, 100)
USUAL_KILOMETRES = 25
MAX_CHARACTERS = 100
MOST_READ, MOST_OFFERED = 60, 8
FIRST_YEAR, LAST_YEAR = 1990, 2200

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_AFTER = re.compile(r"([0-9]{1,12})-([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked. `near` is what was typed, `commune` what it was taken for, `others` what else it may mean."""

    month: date | None = None
    after: After | None = None
    kind: EventKind | None = None
    words: str = ""
    near: str = ""
    kilometres: int = USUAL_KILOMETRES
    commune: Commune | None = None
    others: tuple[Commune, ...] = ()

    @property
    def is_lost(self) -> bool:
        """Whether the place that was typed is not known."""
        return bool(self.near) and self.commune is None

    @property
    def are_any(self) -> bool:
        """Whether anything is left out of the agenda."""
        return bool(self.kind or self.words or self.commune)

    async def circle(self) -> Near | None:
        """Give the place to be near, for the agenda."""
        if (at := self.commune) is None:
            return None
        codes = await communes.postal_codes_near(at.latitude, at.longitude, self.kilometres)
        return Near(at.latitude, at.longitude, self.kilometres, codes)

    def link(self, **changes: str | None) -> str:
        """Give the query of the same agenda, but for these; None leaves one out. Pages start anew, but for `after`."""
        asked = {
            "month": f"{self.month:%Y-%m}" if self.month else None,
            "kind": self.kind.value if self.kind else None,
            "words": self.words or None,
            "near": self.near or None,
            "commune": self.commune.code if self.commune and not self.near else None,
            "km": str(self.kilometres) if self.commune and self.kilometres != USUAL_KILOMETRES else None,
        }
        return "?" + urlencode({name: value for name, value in (asked | changes).items() if value is not None})


async def read_filters(query: Mapping[str, str]) -> Filters:
    """Read ?month=2026-12 &after=<cursor> &kind= &words= &near=<postal code or name> &km= &commune=<INSEE's code>.

    Raises:
        NotFound: a value is none that a page of ours gives.
    """
    kind, words = query.get("kind", ""), query.get("words", "").strip()[:MAX_CHARACTERS]
    near, code = query.get("near", "").strip()[:MAX_CHARACTERS], query.get("commune", "")
    if kind and kind not in set(EventKind):
        raise NotFound("This page does not exist.")
    commune, others = await place_of(near, code)
    return Filters(
        read_month(query.get("month", "")),
        read_after(query.get("after", "")),
        EventKind(kind) if kind else None,
        words,
        near,
        _kilometres(query.get("km", "")),
        commune,
        others,
    )


async def place_of(near: str, code: str) -> tuple[Commune | None, tuple[Commune, ...]]:
    """Find what was typed: a whole name goes before one that only begins so. What else it may mean is offered."""
    if not near:
        commune = await communes.of_code(code) if code else None
        if code and commune is None:
            raise NotFound("This page does not exist.")
        return commune, ()
    found = await communes.find(near, MOST_READ)
    if near.isdigit() or not found:
        return next(iter(found), None), ()
    named = [commune for commune in found if communes.folded(commune.name) == communes.folded(near)]
    first = (named or found)[0]
    return first, tuple(named or found)[1 : MOST_OFFERED + 1]


def _kilometres(text: str) -> int:
    if not text:
        return USUAL_KILOMETRES
    if text not in {str(number) for number in KILOMETRES}:
        raise NotFound("This page does not exist.")
    return int(text)


def read_month(text: str) -> date | None:
    """Read a month as its first day; None for ''.

    Raises:
        NotFound: it is none.
    """
    if not text:
        return None
    if (found := _MONTH.fullmatch(text)) is None:
        raise NotFound("This page does not exist.")
    year, month = int(found[1]), int(found[2])
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise NotFound("This page does not exist.")
    return date(year, month, 1)


def read_after(text: str) -> After | None:
    """Read where a page begins, as `written_after` wrote it; None for ''.

    Raises:
        NotFound: it is no such place.
    """
    if not text:
        return None
    if (found := _AFTER.fullmatch(text)) is None or int(found[2]) > MAX_ID:
        raise NotFound("This page does not exist.")
    try:
        return After(datetime.fromtimestamp(int(found[1]), UTC), int(found[2]))
    except (ValueError, OverflowError, OSError) as error:
        raise NotFound("This page does not exist.") from error


def written_after(starts_at: datetime, id_: int) -> str:
    """Write where the next page begins: behind this event."""
    return f"{int(starts_at.timestamp())}-{id_}"
