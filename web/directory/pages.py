"""The directory of sections: by words, near a place, with what each does next."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from server.errors import NotFound
from server.places.communes import Commune
from server.sections import directory
from server.sections.directory import Known, Point
from web.directory.drawing import draw
from web.events.filters import MAX_CHARACTERS, place_of
from web.shared.kept_pages import hour_of, kept_by_the_hour
from web.shared.rendering import render
from web.shared.site import site_of

PAGE_SECTIONS = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: `near` is what was typed, `commune` what it was taken for, `others` what else it may mean."""

    words: str = ""
    near: str = ""
    page: int = 1
    commune: Commune | None = None
    others: tuple[Commune, ...] = ()

    @property
    def is_lost(self) -> bool:
        """Whether the place that was typed is not known."""
        return bool(self.near) and self.commune is None

    @property
    def is_any(self) -> bool:
        """Whether the address asks for anything but the first page of all."""
        return bool(self.words or self.near or self.commune or self.page > 1)

    def link(self, page: int = 1, commune: str = "") -> str:
        """Give the address of another page, or of the same with another place."""
        code = commune or (self.commune.code if self.commune and not self.near else "")
        asked = {"words": self.words, "near": "" if commune else self.near, "commune": code}
        asked |= {"page": str(page)} if page > 1 else {}
        return "?" + urlencode({name: value for name, value in asked.items() if value})


async def read_asked(request: Request) -> Asked:
    """Read ?words= &near=<postal code or name> &commune=<INSEE's code> &page=.

    Raises:
        NotFound: no page of ours leads there.
    """
    query = request.query_params
    words, near = (query.get(name, "").strip()[:MAX_CHARACTERS] for name in ("words", "near"))
    page = query.get("page", "1")
    if not (page.isascii() and page.isdigit() and len(page) < 4 and int(page) > 0):
        raise NotFound("This page does not exist.")
    commune, others = await place_of(near, query.get("commune", ""))
    return Asked(words, near, int(page), commune, others)


@kept_by_the_hour
async def sections(request: Request) -> Response:
    """GET /directory."""
    site, asked = await site_of(request), await read_asked(request)
    found = await directory.known(asked.words, asked.commune)
    first = (asked.page - 1) * PAGE_SECTIONS
    rows = found[first : first + PAGE_SECTIONS]
    if asked.page > 1 and not rows:
        raise NotFound("This page does not exist.")
    centre = Point(asked.commune.latitude, asked.commune.longitude) if asked.commune else None
    return render(
        request,
        "directory/directory.html",
        site=site,
        asked=asked,
        total=len(found),
        sections=await directory.listed(rows, hour_of(request)),
        drawing=await draw(_points(found), centre),
        shown_ids={row.id for row in rows},
        next_page=asked.page + 1 if len(found) > first + PAGE_SECTIONS else None,
    )


def _points(rows: list[Known]) -> list[tuple[int, Point]]:
    return [(row.id, row.point) for row in rows if row.point is not None]
