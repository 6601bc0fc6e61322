"""The files that pages need: style, fonts, pictures. Their address holds a hash of them all, so that it may be kept.

Under its plain address (/static/avatar-missing.png, which other programs are told) a file is asked for anew.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from server.errors import NotFound
from server.kept_answers import has_already

FOLDER = Path(__file__).parents[1] / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=3600"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file, in memory: together they are smaller than one photograph."""

    body: bytes
    media_type: str
    etag: str


@cache
def files() -> dict[str, StaticFile]:
    """Read every file, once a process: by path below the folder, with slashes."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and path.suffix in MEDIA_TYPES:
            body = path.read_bytes()
            etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
            found[path.relative_to(FOLDER).as_posix()] = StaticFile(body, MEDIA_TYPES[path.suffix], etag)
    return found


@cache
def version() -> str:
    """Give the hash of all files together: 12 hexadecimal digits."""
    whole = "".join(f"{path}{file.etag}" for path, file in files().items())
    return hashlib.blake2b(whole.encode(), digest_size=6).hexdigest()


def url_for_static(path: str) -> str:
    """Give the address of a file, good for ever.

    Raises:
        KeyError: there is no such file.
    """
    files()[path]
    return f"/static/{version()}/{path}"


async def static(request: Request) -> Response:
    """GET /static/{version}/{path}, /static/{path}."""
    path: str = request.path_params["path"]
    first, _, rest = path.partition("/")
    is_current = first == version()
    file = files().get(rest if is_current else path) or files().get(rest)
    if file is None:
        raise NotFound("This page does not exist.")
    return answer_file(request, file, FOR_EVER if is_current else A_WHILE)


def for_other_sites(request: Request, path: str) -> Response:
    """Answer with a file that pages of other sites may load."""
    answer = answer_file(request, files()[path], A_WHILE)
    answer.headers.update({"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"})
    return answer


def answer_file(request: Request, file: StaticFile, caching: str) -> Response:
    """Give a file, or say that the reader has it already."""
    headers = {"Cache-Control": caching, "ETag": file.etag, "X-Content-Type-Options": "nosniff"}
    if has_already(request.headers.get("if-none-match", ""), file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=None, headers=headers | {"Content-Type": file.media_type})
