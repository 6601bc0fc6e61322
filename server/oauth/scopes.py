"""What a token allows, and who may ask an endpoint.   Source: docs.joinmastodon.org/api/oauth-scopes; RFC 6750 §3.1.

A scope covers those below it: `read` covers `read:accounts`. `follow`, of old, covers reading and writing of follows,
blocks and mutes.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Forbidden, Invalid, Unauthorised
from server.oauth.tokens import Grant, authenticate, refuse_half_made

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

NOT_LOGGED_IN = "This needs a valid access token."
OUTSIDE_SCOPES = "This action is outside the authorized scopes"
"""In Mastodon's words, by which clients know that they must ask for more."""


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


@dataclass(frozen=True, slots=True)
class Access:
    """Who may ask an endpoint: whoever holds a token for one of `scopes`, and the public where it `is_public`.

    Without scopes any token will do. Whether there is a token does not matter where it `is_for_all`, and is seen to by the
    endpoint itself where it `is_inside`.
    """

    scopes: tuple[str, ...] = ()
    is_public: bool = False
    is_for_all: bool = False
    is_inside: bool = False

    async def identify(self, request: Request) -> Grant | None:
        """Tell what a token allows; None for the public. Sets `request.state.grant`, `.member` and `.actor`.

        Raises:
            Forbidden: its member has no account yet.
        """
        if self.is_for_all or self.is_inside:
            return None
        await authenticate(request)
        grant: Grant | None = request.state.grant
        if grant is None and not self.is_public:
            await refuse_half_made(request)
        return grant

    def check(self, request: Request, grant: Grant | None) -> None:
        """Let a request pass.

        Raises:
            Unauthorised: there is no valid token, and the public may not ask.
            Forbidden: there is a valid token, for other things.
        """
        if self.is_for_all or self.is_inside:
            return
        if grant is None:
            if not self.is_public:
                raise Unauthorised(NOT_LOGGED_IN, challenge(request))
        elif self.scopes and not any(covers(grant.scopes, scope) for scope in self.scopes):
            lacking = f'Bearer error="insufficient_scope", scope="{" ".join(self.scopes)}"'
            raise Forbidden(OUTSIDE_SCOPES, {"WWW-Authenticate": lacking})


EVERYBODY = Access(is_for_all=True)
ANY_TOKEN = Access()


def requires(*scopes: str) -> Access:
    """Let in only requests with a token for one of these scopes."""
    return Access(scopes)


def optional(*scopes: str) -> Access:
    """Let everybody in, but for those whose token is for other things."""
    return Access(scopes, is_public=True)


def inside(*scopes: str) -> Access:
    """Leave it to the endpoint to require one of these scopes, as where a token may stand in the address."""
    return Access(scopes, is_inside=True)


def challenge(request: Request) -> dict[str, str]:
    """Say how to ask, and that the token is no good where there was one.   Source: RFC 6750 §3"""
    error = ', error="invalid_token"' if "authorization" in request.headers else ""
    return {"WWW-Authenticate": f'Bearer realm="client API"{error}'}
