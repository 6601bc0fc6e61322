"""Turning templates into answers: one environment a language, made once, with nothing left to do at a request.

Everything is escaped. The only HTML let through is what the gate of federation/sanitise.py has passed: a post's
content, an actor's note, the values of its fields.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import BytecodeCache, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from federation import sanitise
from federation.objects import event_line, place
from models.event import Place
from models.media import SMALL_SIDE, small_url
from models.post import Attachment
from server.activitypub.negotiation import respond_bytes
from server.config import VERSION, Settings
from web.shared import charts, dates
from web.shared.colours import url_for_colours
from web.shared.headers import page_headers
from web.shared.languages import translations
from web.shared.reading import language_of as language_of
from web.shared.reading import theme_of
from web.shared.site import Site
from web.shared.static import url_for_static

ROOMS = Path(__file__).parents[1]
REVALIDATE = "no-cache"
NEVER_KEEP = "no-store"

_SMALL_WORDS = frozenset(["and", "de", "des", "du", "en", "et", "la", "le", "les", "of", "section", "the"])
_WORDS = re.compile(r"[^\W_]+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class SharedBytecode(BytecodeCache):
    """Compiled templates in memory, so that the second language costs no second compilation."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled before."""
        if (code := self._compiled.get(bucket.key)) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_BYTECODE = SharedBytecode()


@cache
def environment(language: str) -> Environment:
    """Give the templates of a language, all compiled."""
    loader = PrefixLoader({path.parent.name: FileSystemLoader(path) for path in sorted(ROOMS.glob("*/templates"))})
    made = Environment(
        loader=loader,
        autoescape=True,
        auto_reload=False,
        bytecode_cache=_BYTECODE,
        cache_size=-1,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "language": language,
        "static": url_for_static,
        "colours": url_for_colours,
        "version": VERSION,
        "day": partial(dates.written_day, language=language),
        "date": partial(dates.written_date, language=language),
        "clock": partial(dates.written_clock, language=language),
        "wall_clock": partial(dates.written_wall_clock, language=language),
        "number": partial(dates.written_number, language=language),
        "weekday": partial(dates.written_weekday, language=language),
        "month_name": partial(dates.written_month, language=language),
        "weekdays": dates.weekdays(language),
        "date_block": partial(dates.date_block, language=language),
        "zone_of": dates.zone_of,
        "city_of": event_line.city,
        "is_same_clock": dates.is_same_clock,
        "last_moment": dates.last_moment,
        "address_line": place.address_line,
        "map_link": map_link,
        "initials": initials,
        "host_of": host_of,
        "contact_link": contact_link,
        "small_url": small_url,
        "small_width": small_width,
        "small_height": small_height,
        "map_address": map_address,
        "reckoned_bars": charts.bars,
        "reckoned_line": charts.line,
    }
    made.filters |= {"excerpt": excerpt}
    for name in made.list_templates():
        made.get_template(name)
    return made


def render(
    request: Request,
    template: str,
    *,
    site: Site | None,
    status: int = 200,
    caching: str = REVALIDATE,
    vary: str = "Accept-Language",
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """Render a page. `vary` names the request headers that it depends on; unkept or failed pages bear no ETag."""
    language = language_of(request)
    text = (
        environment(language)
        .get_template(template)
        .render(site=site, request=request, theme=theme_of(request), **values)
    )
    settings: Settings = request.app.state.settings
    every = page_headers(is_secure=settings.is_secure) | {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Cache-Control": caching,
        "Vary": vary if "Cookie" in vary else f"{vary}, Cookie",
        **(headers or {}),
    }
    if caching == NEVER_KEEP:
        return Response(text, status, every)
    return respond_bytes(request, text.encode(), status, every)


def gettext_of(request: Request) -> Callable[[str], str]:
    """Give the function that puts a sentence into the visitor's language."""
    return translations(language_of(request)).gettext


def initials(name: str, username: str) -> str:
    """Give one or two letters to stand for somebody who shows no picture."""
    words = _WORDS.findall(name) or _WORDS.findall(username) or ["·"]
    telling = [word for word in words if word.lower() not in _SMALL_WORDS and len(word) > 1] or words
    return "".join(word[0] for word in telling[:2]).upper()


def host_of(url: str) -> str:
    """Give the host that a link leads to, without www."""
    return url.partition("://")[2].partition("/")[0].removeprefix("www.")


def contact_link(contact: str) -> Markup | str:
    """Give a way to write to a section as a link, where it is an e-mail address or a web page."""
    if _EMAIL.fullmatch(contact):
        return Markup('<a href="mailto:{0}">{0}</a>').format(contact)
    if sanitise.safe_url(contact):
        return Markup('<a href="{0}" rel="noopener noreferrer">{1}</a>').format(contact, host_of(contact))
    return contact


def map_link(at: Place) -> str:
    """Give the page of a map that shows a place: its point, else what is found under its address."""
    if at.latitude is not None and at.longitude is not None:
        return map_address(at.latitude, at.longitude)
    return f"https://www.openstreetmap.org/search?{urlencode({'query': place.full_name(at)})}"


def map_address(latitude: float, longitude: float) -> str:
    """Give the address of a map with a mark on a place, in degrees: a page of another server, to be opened by choice."""
    place = f"{latitude:.5f}", f"{longitude:.5f}"
    return "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=17/{0}/{1}".format(*place)


def small_width(picture: Attachment) -> int:
    """Tell how wide the small version of a picture of ours is."""
    width, height = picture.width or SMALL_SIDE, picture.height or SMALL_SIDE
    return min(width, round(SMALL_SIDE * width / max(width, height)))


def small_height(picture: Attachment) -> int:
    """Tell how high the small version of a picture of ours is."""
    width, height = picture.width or SMALL_SIDE, picture.height or SMALL_SIDE
    return min(height, round(SMALL_SIDE * height / max(width, height)))


def excerpt(html: str, max_characters: int = 200) -> str:
    """Give the beginning of an HTML text as one line of plain text, cut between words."""
    text = " ".join(sanitise.plain_text(html).split())
    if len(text) <= max_characters:
        return text
    return text[: max_characters + 1].rpartition(" ")[0].rstrip(" ,;:.") + "…"
