"""Whether the web pages that a profile names are the same person's: they link back to it with rel="me".

Source: microformats.org/wiki/rel-me; docs.joinmastodon.org/user/profile#verification
"""

import asyncio
import re
from html.parser import HTMLParser

from federation.context import Context
from federation.errors import FederationError
from federation.jsonld import written_instant
from models.actor import Actor

MAX_PAGE_BYTES = 1_000_000
ACCEPT = "text/html,application/xhtml+xml"

_TAG = re.compile(r"<(?:a|link)\s[^<>]{1,2000}>", re.IGNORECASE)


class _Link(HTMLParser):
    """Reads one tag: `href`, where its rel has a word."""

    def __init__(self, word: str) -> None:
        super().__init__(convert_charrefs=True)
        self.href = ""
        self._word = word

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at its attributes."""
        said = dict(attrs)
        if self._word in (said.get("rel") or "").lower().split():
            self.href = (said.get("href") or "").strip()


def links_in(html: str, *, rel: str = "me") -> set[str]:
    """Give the addresses that a page links to with this word in its rel, tag by tag: a page may be as large as it likes."""
    found = set()
    for tag in _TAG.findall(html):
        link = _Link(rel)
        link.feed(tag)
        found.add(link.href)
    return found - {""}


async def verify(actor: Actor, ctx: Context) -> int:
    """Look at the pages that the profile of an actor of ours names, and note since when each links back; how many do.

    A page that cannot be read now, or no longer links back, loses its mark.
    """
    own = {address.rstrip("/") for address in (actor.url, actor.uri)}
    are_own = await asyncio.gather(*(_links_back(field.get("value", ""), own, ctx) for field in actor.profile_fields))
    marked = [
        {"name": field["name"], "value": field["value"]}
        | ({"verified_at": field.get("verified_at") or written_instant(ctx.now())} if is_own else {})
        for field, is_own in zip(actor.profile_fields, are_own, strict=True)
    ]
    if marked != actor.profile_fields:
        actor.profile_fields = marked
        await actor.save(update_fields=["profile_fields"])
    return sum(are_own)


async def _links_back(value: str, own: set[str], ctx: Context) -> bool:
    """Whether the page in a field, if there is just one, links to one of these addresses."""
    pages = {address for address in links_in(value) if address.startswith("https://")}
    if len(pages) != 1:
        return False
    try:
        answer = await ctx.client.get(pages.pop(), accept=ACCEPT, now=ctx.now(), max_body_bytes=MAX_PAGE_BYTES)
    except FederationError:
        return False
    return any(link.rstrip("/") in own for link in links_in(answer.body.decode("utf-8", "replace")))
