"""One field that finds sections, events, posts, people and hashtags; members may have other servers asked."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from models.search import MAX_ASKED_CHARACTERS
from server.errors import AppError, NotFound
from server.search.everything import Asked, Kind, fetch, look, named
from server.search.posts import MOST_PLACES
from server.throttle import throttled
from web.shared.kept_pages import hour_of
from web.shared.logged_in import LoggedIn, Typed, go, member_page, own_form, who_is
from web.shared.site import context_of

OF_EACH = 5
PAGE_ROWS = 20
PAGED = (Kind.POSTS, Kind.PEOPLE, Kind.TAGS)


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks: `kind` is None for a few of everything, `page` counts from 1."""

    text: str
    kind: Kind | None = None
    page: int = 1

    @property
    def offset(self) -> int:
        """How many were on the pages before."""
        return (self.page - 1) * PAGE_ROWS if self.kind else 0

    def link(self, kind: str | None, page: int = 1) -> str:
        """Give the address of another page of the same search."""
        asked = {"q": self.text} | ({"kind": str(kind)} if kind else {}) | ({"page": str(page)} if page > 1 else {})
        return f"/search?{urlencode(asked)}"


def read_query(request: Request) -> Query:
    """Read ?q= &kind= &page=.

    Raises:
        NotFound: no page of ours leads there.
    """
    asked = request.query_params
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in asked.get("q", "")).split())
    kind, page = asked.get("kind", ""), asked.get("page", "1")
    if kind and kind not in set(PAGED):
        raise NotFound("This page does not exist.")
    is_page = page.isascii() and page.isdigit() and len(page) < 4 and 0 < int(page) <= MOST_PLACES // PAGE_ROWS
    if not is_page or (page != "1" and not kind):
        raise NotFound("This page does not exist.")
    return Query(text[:MAX_ASKED_CHARACTERS], Kind(kind) if kind else None, int(page))


@throttled("search", burst=30, every_seconds=2)
async def search(request: Request) -> Response:
    """GET /search: ?q= the words, an address or a link; &kind=posts, people or tags with &page= for more of them."""
    return await _page(request, await who_is(request), read_query(request))


@throttled("search elsewhere", burst=10, every_seconds=6)
async def search_elsewhere(request: Request) -> Response:
    """POST /search: have the server of an address (q) asked for what is there; for members. 303 to what was found."""
    return await _ask(request)


@own_form
async def _ask(request: Request, who: LoggedIn, typed: Typed) -> Response:
    text = typed.get("q", "")[:MAX_ASKED_CHARACTERS]
    try:
        uri = await fetch(text, context_of(request))
    except NotFound as problem:
        return await _page(request, who, Query(text), problem)
    return go(Query(uri).link(None))


async def _page(request: Request, who: LoggedIn | None, query: Query, problem: AppError | None = None) -> Response:
    viewer = who.actor if who else None
    kinds = frozenset([query.kind] if query.kind else Kind)
    most = PAGE_ROWS if query.kind else OF_EACH
    found = await look(Asked(query.text, viewer, hour_of(request), kinds, most, query.offset))
    answer = await member_page(
        request,
        who,
        "search/search.html",
        status=problem.status if problem else 200,
        problem=problem.message if problem else "",
        query=query,
        found=found,
        named=await named(query.text, viewer, context_of(request)),
    )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
