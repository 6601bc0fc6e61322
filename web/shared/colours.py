"""The stylesheet of a section's colours: loaded after that of all pages, as the policy of our pages allows no style in them.

Its address names the two colours, so that nothing is asked of the database, and a change is seen at once.
"""

import hashlib
import re
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from models.section import Section
from server.errors import NotFound
from web.shared import palette
from web.shared.palette import Palette
from web.shared.static import StaticFile, answer_file

A_DAY = "public, max-age=86400"

_PAIR = re.compile(r"([0-9a-f]{6})-([0-9a-f]{6})")


def url_for_colours(section: Section | None) -> str:
    """Give the address of a section's colours; '' where it has chosen none. One that has but one has it twice."""
    if section is None or not (section.first_colour or section.second_colour):
        return ""
    first = section.first_colour or palette.FIRST
    return f"/colours/{first[1:]}-{(section.second_colour or first)[1:]}.css"


async def colours(request: Request) -> Response:
    """GET /colours/{pair}.css: pair is two colours, 0f5263-c2451e."""
    found = _PAIR.fullmatch(request.path_params["pair"])
    if found is None:
        raise NotFound("This page does not exist.")
    return answer_file(request, _stylesheet(f"#{found[1]}", f"#{found[2]}"), A_DAY)


@lru_cache(maxsize=64)
def _stylesheet(first: str, second: str) -> StaticFile:
    light, dark = palette.light(first, second), palette.dark(first, second)
    rules = [
        ("screen", ":root,.theme-light", light),
        ("screen and (prefers-color-scheme:dark)", ":root:where(:not([data-theme=light]))", dark),
        ("screen", ":root:where([data-theme=dark]),.theme-dark", dark),
        ("print", ":root", {"section": light["section"]}),
    ]
    body = "".join(f"@media {where}{_written(what, said)}\n" for where, what, said in rules).encode()
    return StaticFile(body, "text/css; charset=utf-8", f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"')


def _written(what: str, said: Palette) -> str:
    return "{" + what + "{" + ";".join(f"--{name}:{colour}" for name, colour in said.items()) + "}}"
