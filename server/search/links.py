"""Posts that link to a page: found by the words of its address, which stand in the index of words, then read for the link.

There is no table of links: that would be a list of who reads what. Only what may be found by everybody here is.
"""

import re
from html import unescape
from urllib.parse import urlsplit

from models import search
from models.actor import Actor
from models.search import Words
from server.errors import Invalid
from server.posts.queries import PostView
from server.search import posts
from server.search.posts import Part
from server.search.questions import Question

MAX_ADDRESS_CHARACTERS = 2048
MOST_READ = 200

_LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]*)"')


async def linking(
    address: str, viewer: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[PostView]:
    """Load the newest public posts that link to a page, newest first: those below `max_id`, or just above `min_id`.

    Raises:
        Invalid: it is no address of a page.
    """
    wanted = same_page(address)
    words = search.split(address.partition("://")[2])
    if len(address) > search.MAX_ASKED_CHARACTERS:
        words = words[:-1]  # which may have been cut
    if not wanted or not words:
        raise Invalid("url must be the address of a page.")
    asked = Question(Words(phrases=(tuple(words),)), traits=[("in:public", True)])
    part = Part(MOST_READ, max_id=max_id, min_id=min_id)
    found = [view for view in await posts.found(asked, viewer, part) if wanted in links_of(view.post.content_html)]
    return found[-limit:] if min_id is not None else found[:limit]


def links_of(html: str) -> set[str]:
    """Name the pages to which HTML that has passed the gate links, as `same_page` does."""
    return {same_page(unescape(address)) for address in _LINK.findall(html)} - {""}


def same_page(address: str) -> str:
    """Write an address as it is compared: without scheme, fragment and a slash at its end; '' for what is no page."""
    try:
        parts = urlsplit(address.strip()[: MAX_ADDRESS_CHARACTERS + 1])
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or len(address) > MAX_ADDRESS_CHARACTERS:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.casefold()}{parts.path.rstrip('/')}{query}"
