"""One URI, two forms: the ActivityPub document for a server, the page for a person. The Accept header says which.

Source: RFC 9110 §12.5.1 (Accept), §8.8.3 (ETag), §13.1.2 (If-None-Match); ActivityPub §3.2
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from federation.vocabulary import ACTIVITY_JSON, LD_JSON, NAMESPACE
from server.kept_answers import Endpoint, Key, has_already, kept

MAX_ACCEPT_CHARACTERS = 512
MAX_AGE_SECONDS = 60
ACTIVITY_JSON_UTF8 = f"{ACTIVITY_JSON}; charset=utf-8"

_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;"]*)')
_QUALITY = re.compile(r"[01](?:\.[0-9]{0,6})?")
_PROFILES = frozenset({NAMESPACE, NAMESPACE.replace("https:", "http:")})


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One element of an Accept header. `quality` is 0.0 to 1.0; `profiles` are the URIs of its profile parameter."""

    name: str
    quality: float
    profiles: frozenset[str]


def read_accept(accept: str) -> tuple[MediaRange, ...]:
    """Read an Accept header; what cannot be read is passed over, as is all beyond 512 characters."""
    ranges = (_read_range(element) for element in _ELEMENT.findall(accept[:MAX_ACCEPT_CHARACTERS]))
    return tuple(found for found in ranges if found is not None)


def _read_range(element: str) -> MediaRange | None:
    name, semicolon, rest = element.partition(";")
    parameters = {key.lower(): value.strip() for key, value in _PARAMETER.findall(semicolon + rest)}
    quality = parameters.get("q", "1")
    if not _QUALITY.fullmatch(quality):
        return None
    profiles = frozenset(parameters.get("profile", "").strip('"').split())
    return MediaRange(name.strip().lower(), min(float(quality), 1.0), profiles)


def wants_activitypub(accept: str) -> bool:
    """Whether a request with this Accept header is for the ActivityPub document rather than the page."""
    return preferred_type(accept) is not None


@lru_cache(maxsize=1024)
def preferred_type(accept: str) -> str | None:
    """Choose the content type of the ActivityPub answer; None where a page is preferred to any.

    A server says so by name: wildcards, as programs send that do not care, get the page. Named as highly as a page,
    the document wins. application/json counts as activity+json, as with Mastodon.
    """
    ranges = read_accept(accept)
    ld = max((item.quality for item in ranges if _is_ld_json(item)), default=0.0)
    plain = max((item.quality for item in ranges if item.name in (ACTIVITY_JSON, "application/json")), default=0.0)
    if max(ld, plain) == 0 or max(ld, plain) < _page_quality(ranges):
        return None
    return LD_JSON if ld > plain else ACTIVITY_JSON_UTF8


def _is_ld_json(item: MediaRange) -> bool:
    return item.name == "application/ld+json" and (not item.profiles or not item.profiles.isdisjoint(_PROFILES))


def _page_quality(ranges: tuple[MediaRange, ...]) -> float:
    """Say how welcome a page is: the most exact range that covers text/html decides."""
    for name in ("text/html", "text/*", "*/*"):
        qualities = [item.quality for item in ranges if item.name == name]
        if qualities:
            return max(qualities)
    return 0.0


class NegotiatedRoute(Route):
    """A route for requests that want ActivityPub. The others go on to the page of the same path, further down the list."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any route does, if the request wants ActivityPub."""
        match, child_scope = super().matches(scope)
        if match is Match.NONE or not wants_activitypub(_accept_of(scope)):
            return Match.NONE, {}
        return match, child_scope


def _accept_of(scope: Scope) -> str:
    values: list[bytes] = [value for name, value in scope["headers"] if name == b"accept"]
    return b", ".join(values).decode("latin-1")


def respond(request: Request, document: dict[str, Any], *, is_open: bool = True, status: int = 200) -> Response:
    """Answer with an ActivityPub document, in the type that was asked for.

    `is_open` is false for what not everybody may read, as nothing is where every reader must sign: no cache may keep it.
    """
    type_ = preferred_type(_accept_of(request.scope)) or ACTIVITY_JSON_UTF8
    is_cacheable = is_open and not request.app.state.settings.signed_fetch
    caching = f"public, max-age={MAX_AGE_SECONDS}" if is_cacheable else "private, no-store"
    return respond_bytes(
        request,
        orjson.dumps(document),
        status,
        {"Content-Type": type_, "Cache-Control": caching, "Vary": "Accept"},
    )


def respond_bytes(request: Request, body: bytes, status: int, headers: dict[str, str]) -> Response:
    """Answer with these bytes under a strong ETag; with 304 and none where the client has them already."""
    if status != 200:
        return Response(body, status, headers)
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = headers | {"ETag": etag}
    if has_already(request.headers.get("if-none-match", ""), etag):
        kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        return Response(status_code=304, headers=kept)
    return Response(body, 200, headers)


def tombstone(uri: str, former_type: str | None = None) -> dict[str, Any]:
    """Write what is left of an object that was deleted.   Source: ActivityPub §6.4; Activity Vocabulary Tombstone"""
    left = {"@context": NAMESPACE, "id": uri, "type": "Tombstone"}
    return left | ({"formerType": former_type} if former_type else {})


def kept_document(make: Endpoint) -> Endpoint:
    """Have a document that is open to everybody made once for each state of the database."""
    return kept(make, _key_of)


def _key_of(request: Request) -> Key | None:
    """Tell what a document depends on; None for an address that nobody was given."""
    if request.scope["query_string"]:
        return None
    return ("document", request.scope["path"], preferred_type(_accept_of(request.scope)) or "")


def kept_discovery(make: Endpoint) -> Endpoint:
    """Have an answer that depends on path and query alone made once for each state of the database."""
    return kept(make, lambda request: (request.scope["path"], request.scope["query_string"].decode("latin-1")))
