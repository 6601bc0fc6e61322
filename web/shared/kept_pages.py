"""Finished pages, kept for as long as nothing is written to the database: what is shown is never older than what is true.

Only pages that everybody is given alike are kept: they depend on their address and the reader's language alone.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from models.state import State, database_state
from server.activitypub.negotiation import has_already
from web.shared.rendering import language_of

MAX_BYTES = 8 * 1024 * 1024
MAX_PAGE_BYTES = 512 * 1024

Page = Callable[[Request], Awaitable[Response]]
Key = tuple[str, str, str]

_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})


@dataclass(slots=True)
class KeptPages:
    """The pages of one process, the longest unread leaving first. All belong to one state of the database."""

    state: State = ()
    pages: OrderedDict[Key, Response] = field(default_factory=OrderedDict)
    total_bytes: int = 0

    def get(self, key: Key, state: State) -> Response | None:
        """Give a page if it still says what the database says."""
        if state != self.state:
            self.state, self.total_bytes = state, 0
            self.pages.clear()
        if (page := self.pages.get(key)) is not None:
            self.pages.move_to_end(key)
        return page

    def keep(self, key: Key, state: State, page: Response) -> None:
        """Keep a page that was made wholly in `state`."""
        if state != self.state or len(page.body) > MAX_PAGE_BYTES or key in self.pages:
            return
        self.pages[key] = page
        self.total_bytes += len(page.body)
        while self.total_bytes > MAX_BYTES:
            _, oldest = self.pages.popitem(last=False)
            self.total_bytes -= len(oldest.body)


def kept(make: Page) -> Page:
    """Have a page made once for each state of the database. It answers a condition (304) itself: `make` sees none."""

    async def answer(request: Request) -> Response:
        pages = _pages_of(request)
        key, state = (request.scope["path"], _query_of(request), language_of(request)), await database_state()
        page = pages.get(key, state)
        if page is None:
            page = await make(_unconditional(request))
            if page.status_code != 200:
                return page
            if _is_worth_keeping(request) and await database_state() == state:
                pages.keep(key, state, page)
        if is_known(request, page):
            return Response(status_code=304, headers=_without_body(page))
        return Response(page.body, headers=dict(page.headers))

    return answer


def _pages_of(request: Request) -> KeptPages:
    state = request.app.state
    if not hasattr(state, "kept_pages"):
        state.kept_pages = KeptPages()
    pages: KeptPages = state.kept_pages
    return pages


def _is_worth_keeping(request: Request) -> bool:
    """Whether the address is one that pages of ours lead to, rather than one made up to fill the memory."""
    query = _query_of(request)
    return not query or query.startswith("before=")


def _query_of(request: Request) -> str:
    """Give the query as it came: it need not be UTF-8."""
    query: bytes = request.scope["query_string"]
    return query.decode("latin-1")


def _unconditional(request: Request) -> Request:
    headers = [pair for pair in request.scope["headers"] if pair[0] not in _CONDITIONS]
    return Request(dict(request.scope, headers=headers), request.receive)


def _without_body(page: Response) -> dict[str, str]:
    return {name: value for name, value in page.headers.items() if name not in ("content-length", "content-type")}


def is_known(request: Request, page: Response) -> bool:
    """Whether the reader has this page already; an ETag, where it sends one, decides alone.   Source: RFC 9110 §13.2.2."""
    if (tags := request.headers.get("if-none-match")) is not None:
        return has_already(tags, page.headers.get("etag", ""))
    since, changed = request.headers.get("if-modified-since"), page.headers.get("last-modified")
    if since is None or changed is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
    return moment.tzinfo is not None and parsedate_to_datetime(changed) <= moment
