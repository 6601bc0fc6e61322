"""How somebody reads the pages: in which language, light or dark. They choose it once, and a cookie tells it afterwards.

The cookie says nothing of who they are: it has one of nine values, and any other is passed over. What a member chose
of the language counts before it on their own pages.
"""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from web.shared.cookies import READING, read_cookie, set_reading
from web.shared.languages import LANGUAGES, negotiate

THEMES = ("light", "dark")

_WRITTEN = re.compile(rf"({'|'.join(LANGUAGES)}|)\.({'|'.join(THEMES)}|)")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was chosen; '' leaves it to the browser."""

    language: str = ""
    theme: str = ""

    @property
    def written(self) -> str:
        """What the cookie holds."""
        return f"{self.language}.{self.theme}"


def reading_of(request: Request) -> Reading:
    """Read what was chosen in this browser."""
    found = _WRITTEN.fullmatch(read_cookie(request, READING))
    return Reading(found[1], found[2]) if found else Reading()


def language_of(request: Request) -> str:
    """Give the language in which this visitor reads: the one chosen, else the one that their browser wishes for most."""
    chosen: str = getattr(request.state, "reads_in", None) or reading_of(request).language
    return chosen if chosen in LANGUAGES else negotiate(request.headers.get("accept-language", ""))


def theme_of(request: Request) -> str:
    """Give "light" or "dark" where one was chosen; '' leaves it to the browser."""
    return reading_of(request).theme


def keep(request: Request, response: Response, chosen: Reading) -> None:
    """Have the browser remember what was chosen, unless it does."""
    if chosen != reading_of(request):
        set_reading(request, response, "" if chosen == Reading() else chosen.written)
