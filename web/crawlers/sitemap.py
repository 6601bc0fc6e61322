"""The sitemap: every page that search engines may look at, in parts; nothing else, and of nobody who did not agree.

Source: https://www.sitemaps.org/protocol.html
"""

from collections.abc import Iterable
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from server.activitypub.negotiation import respond_bytes
from server.errors import NotFound
from server.search import for_engines
from server.search.for_engines import Told
from server.throttle import throttled
from web.profiles.pages import MAX_ID
from web.shared.kept_pages import kept
from web.shared.site import context_of, site_of

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
HEADERS = {
    "Content-Type": "application/xml; charset=utf-8",
    "Cache-Control": "public, max-age=3600",
    "X-Content-Type-Options": "nosniff",
}


@throttled("sitemap", burst=30, every_seconds=2)
@kept
async def index(request: Request) -> Response:
    """GET /sitemap.xml: where the parts are."""
    origin = context_of(request).names.origin
    speakers, parts = await for_engines.speakers(), await for_engines.parts()
    last = max((told.changed_at for told, _ in speakers if told.changed_at is not None), default=None)
    pages = [Told(f"{origin}/sitemap/pages.xml", last)]
    posts = [Told(f"{origin}/sitemap/posts/{part.address}.xml", part.changed_at) for part in parts]
    return _answer(request, "sitemapindex", "sitemap", [*pages, *posts])


@throttled("sitemap", burst=30, every_seconds=2)
@kept
async def pages(request: Request) -> Response:
    """GET /sitemap/pages.xml: of the server, of sections with their agendas, of members who agreed."""
    site = await site_of(request)
    origin = site.names.origin
    fixed = [Told(f"{origin}{path}", None) for path in ("/", "/agenda", "/directory", "/about")]
    shown: list[Told] = []
    for told, is_section in await for_engines.speakers():
        if site.section is not None and told.address == site.section.actor.url:
            continue  # its page is the front page, and its agenda that of the server
        shown += [told, Told(f"{told.address}/agenda", None)] if is_section else [told]
    return _answer(request, "urlset", "url", [*(fixed if site.section is not None else []), *shown])


@throttled("sitemap", burst=30, every_seconds=2)
@kept
async def posts(request: Request) -> Response:
    """GET /sitemap/posts/{behind}.xml: the public posts behind this id, events too."""
    behind: int = request.path_params["behind"]
    found = await for_engines.posts_behind(behind) if behind <= MAX_ID else []
    if not found:
        raise NotFound("This page does not exist.")
    return _answer(request, "urlset", "url", found)


def _answer(request: Request, root: str, item: str, told: Iterable[Told]) -> Response:
    written = "".join(f"<{item}><loc>{escape(row.address)}</loc>{_last(row)}</{item}>\n" for row in told)
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">\n{written}</{root}>\n'
    return respond_bytes(request, body.encode(), 200, HEADERS)


def _last(row: Told) -> str:
    if row.changed_at is None:
        return ""
    return f"<lastmod>{row.changed_at.isoformat(timespec='seconds')}</lastmod>"
