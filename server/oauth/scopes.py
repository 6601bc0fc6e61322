"""What a token allows, and the two guards that ask for it.   Source: docs.joinmastodon.org/api/oauth-scopes; RFC 6750 §3.1.

A scope covers those below it: `read` covers `read:accounts`. `follow`, of old, covers reading and writing of follows,
blocks and mutes.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Forbidden, Invalid, Unauthorised
from server.oauth.tokens import authenticate, refuse_half_made

Endpoint = Callable[[Request], Awaitable[Response]]

BOTH = (
    "accounts",
    "blocks",
    "bookmarks",
    "favourites",
    "filters",
    "follows",
    "lists",
    "mutes",
    "notifications",
    "statuses",
)
READ = (*BOTH, "search")
WRITE = (*BOTH, "conversations", "media", "reports")
BROAD = ("read", "write", "follow", "push", "profile")
SCOPES = frozenset({*BROAD, *(f"read:{name}" for name in READ), *(f"write:{name}" for name in WRITE)})

COVERED_BY_FOLLOW = frozenset(f"{verb}:{name}" for verb in ("read", "write") for name in ("blocks", "follows", "mutes"))
DEFAULT = ("read",)


def parse(text: str) -> tuple[str, ...]:
    """Read a list of scopes separated by spaces, each once; none at all is `read`.

    Raises:
        Invalid: one of them is no scope of this server.
    """
    found = tuple(dict.fromkeys(text.replace("+", " ").split()))
    if unknown := [scope for scope in found if scope not in SCOPES]:
        raise Invalid(f"There is no scope {unknown[0][:64]!r}.")
    return found or DEFAULT


def covers(granted: Collection[str], wanted: str) -> bool:
    """Whether somebody granted these scopes may do what needs `wanted`."""
    broad = wanted.partition(":")[0]
    return wanted in granted or broad in granted or ("follow" in granted and wanted in COVERED_BY_FOLLOW)


def requires(*wanted: str) -> Callable[[Endpoint], Endpoint]:
    """Let in only requests with a token for one of these scopes.

    The endpoint finds `request.state.member` and `.actor`.

    Raises:
        Unauthorised: there is no valid token.
        Forbidden: the token is for other things, or its member has no account yet.
    """

    def guard(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if await authenticate(request) is None:
                await refuse_half_made(request)
                raise Unauthorised("This needs a valid access token.", _challenge(request))
            _check(request.state.grant.scopes, wanted)
            return await endpoint(request)

        return guarded

    return guard


def optional(*wanted: str) -> Callable[[Endpoint], Endpoint]:
    """Let everybody in; the endpoint finds `request.state.member` and `.actor`, None for the public.

    Raises:
        Forbidden: there is a valid token, for other things.
    """

    def guard(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if await authenticate(request) is not None:
                _check(request.state.grant.scopes, wanted)
            return await endpoint(request)

        return guarded

    return guard


def _challenge(request: Request) -> dict[str, str]:
    """Say how to ask, and that the token is no good where there was one.   Source: RFC 6750 §3"""
    error = ', error="invalid_token"' if "authorization" in request.headers else ""
    return {"WWW-Authenticate": f'Bearer realm="client API"{error}'}


def _check(granted: Collection[str], wanted: Iterable[str]) -> None:
    wanted = tuple(wanted)
    if not any(covers(granted, scope) for scope in wanted):
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(wanted)}"'
        raise Forbidden(f"This access token does not allow {' or '.join(wanted)}.", {"WWW-Authenticate": challenge})
