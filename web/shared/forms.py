"""Reading what was typed into a form, and refusing forms that another site sends."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from server.bodies import read_body
from server.errors import Forbidden, Invalid
from server.media.actions import Upload
from server.media.store import MediaStore
from server.uploads import is_multipart, opened

MAX_FORM_BYTES = 65_536
MAX_FIELDS = 1000
MAX_ID = 2**63 - 1

Files = Mapping[str, Upload]

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


async def read_form(request: Request, most_bytes: int = MAX_FORM_BYTES) -> dict[str, str]:
    """Read an urlencoded form: the last value of each name, no control characters, newlines as \\n.

    One with a file (multipart) gives the text that is in it.

    Raises:
        Invalid: it is no such form, or has too many fields.
        TooLarge, TooSlow: it is too long, or not all here in time.
    """
    if not is_multipart(request):
        return parse_form(await read_body(request, most_bytes))
    async with opened(request, most_bytes=most_bytes, most_files=1, most_fields=MAX_FIELDS) as form:
        files = [(name, file.file.read().decode("utf-8-sig", "replace")) for name, file in form.files.items()]
        return _tidied([*form.pairs, *files])


def parse_form(body: bytes) -> dict[str, str]:
    """Read the body of a form.   Source: url.spec.whatwg.org §5 (application/x-www-form-urlencoded).

    Raises:
        Invalid: it has too many fields.
    """
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise Invalid("This form could not be read.") from error
    return _tidied(pairs)


def _tidied(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: _plain(value) for name, value in pairs}


def _plain(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@asynccontextmanager
async def opened_form(
    request: Request, most_files: int, most_bytes: int = MAX_FORM_BYTES, *, takes_films: bool = False
) -> AsyncIterator[tuple[dict[str, str], Files]]:
    """Read a form with files, urlencoded where it brings none: (what `read_form` gives, the files by their names).

    `most_bytes` are those of one without files. Of films there is room for one.

    Raises:
        Invalid: it is no such form, or has too many fields or files.
        TooLarge, TooSlow: it is too long, or not all here in time.
    """
    if not is_multipart(request):
        yield await read_form(request, most_bytes), {}
        return
    store: MediaStore = request.app.state.media
    most_of_a_file = max(store.max_bytes, -(-store.most_bytes // most_files) if takes_films else 0)
    async with opened(request, most_bytes=most_of_a_file, most_files=most_files, most_fields=MAX_FIELDS) as form:
        yield _tidied(form.pairs), form.files


def check_own_form(request: Request) -> None:
    """Refuse a form that was sent from a page of another site.   Source: Fetch Metadata; RFC 6454 (Origin).

    Raises:
        Forbidden: the browser says so.
    """
    origin = request.headers.get("origin")
    is_foreign = origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    if is_foreign or request.headers.get("sec-fetch-site", "same-origin") in ("cross-site", "same-site"):
        raise Forbidden("This form was sent from another site. Open the page here and try again.")


def read_id(typed: str) -> int:
    """Read the id of a row from a field of ours.

    Raises:
        Invalid: it is none.
    """
    if not (typed.isascii() and typed.isdigit() and len(typed) < 20 and 0 < int(typed) <= MAX_ID):
        raise Invalid("This form could not be read.")
    return int(typed)


def read_number(typed: str) -> int:
    """Read a whole number of at most nine digits.

    Raises:
        Invalid: it is none.
    """
    typed = typed.strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid("This is not a number.")
    return int(typed)
