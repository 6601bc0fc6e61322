"""Pages of a list: which one is asked for, and the Link header that leads to its neighbours.

`max_id` gives what is older, `since_id` the newest above it, `min_id` what stands right above it.
Source: docs.joinmastodon.org/api/guidelines#pagination; RFC 8288.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request

from federation.naming import Names
from server.mastodon.parameters import Parameters

CURSORS = frozenset({"max_id", "since_id", "min_id"})


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that a client asks for."""

    limit: int
    max_id: int | None = None
    min_id: int | None = None
    since_id: int | None = None

    @classmethod
    def read(cls, parameters: Parameters, *, default: int = 20, most: int = 40) -> "Page":
        """Read it from the parameters.

        Raises:
            Invalid: a cursor or the limit is no number.
        """
        limit = parameters.number("limit", default, least=1, most=most)
        return cls(limit, parameters.id("max_id"), parameters.id("min_id"), parameters.id("since_id"))

    def reaches(self, id_: int) -> bool:
        """Whether a row belongs to what was asked for: `since_id` cuts off the older ones."""
        return self.since_id is None or id_ > self.since_id


def link_header(request: Request, names: Names, page: Page, ids: Sequence[int]) -> dict[str, str]:
    """Build the Link header of a page whose rows have these ids, newest first; no header where there are no rows.

    A page that is not full is the last one, and leads to no next.
    """
    if not ids:
        return {}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in CURSORS]
    here = names.origin + quote(request.scope["path"])

    def link(cursor: str, id_: int, relation: str) -> str:
        return f'<{here}?{urlencode([*kept, (cursor, str(id_))])}>; rel="{relation}"'

    links = [link("max_id", ids[-1], "next")] if len(ids) >= page.limit else []
    return {"Link": ", ".join([*links, link("min_id", ids[0], "prev")])}
