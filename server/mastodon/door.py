"""The door of the client API: finds the row of the table, counts, asks for the token, and lets in.

Clients know by a 404 that a server lacks a feature, and fall back; so a wrong method is answered 404 too.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from server.errors import AppError, NotFound
from server.front_door import is_repeatable
from server.mastodon.asking import context
from server.mastodon.limits import Limit, Limits
from server.oauth.scopes import Access, Endpoint

SOCKET = "/v1/streaming"


class Tier(StrEnum):
    """How much clients need an endpoint: all of them, most, few; OURS is what no other server has."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    OURS = "ours"


class Row(Route):
    """One row of the table: an endpoint, who may ask it, how much clients need it, and what they may send.

    `takes` is a TypedDict of the parameters, whatever way they are sent. What is given the endpoint itself says.
    """

    def __init__(
        self,
        methods: str,
        path: str,
        endpoint: Endpoint,
        access: Access,
        tier: Tier,
        takes: type | None = None,
        *,
        limit: Limit | None = None,
    ) -> None:
        super().__init__(path, _guarded(endpoint, access, limit), methods=methods.split())
        self.verbs = methods.split()
        self.access = access
        self.tier = tier
        self.takes = takes


def _guarded(endpoint: Endpoint, access: Access, limit: Limit | None) -> Endpoint:
    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        limits: Limits = request.app.state.limits
        grant = await access.identify(request)
        headers = limits.count(request, grant, limit, context(request).now())
        try:
            access.check(request, grant)
            answer = await endpoint(request)
        except AppError as refused:
            refused.headers |= headers
            raise
        if headers and (grant is not None or not is_repeatable(request.scope)):  # which others are given as it is
            answer.headers.update(headers)
        return answer

    return guarded


class Door:
    """ASGI application: finds a fixed path in a table at once, tries patterns after it, forgives a slash at the end."""

    def __init__(self, rows: Sequence[Row], socket: ASGIApp) -> None:
        self._socket = socket
        self._fixed = {
            (method, row.path): row for row in rows if not row.param_convertors for method in row.methods or ()
        }
        self._patterns = [row for row in rows if row.param_convertors]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            NotFound: there is no such endpoint.
        """
        asked: str = scope["path"]
        scope["path"] = asked.rstrip("/")
        if scope["type"] == "websocket":
            await (self._socket if self._path(scope) == SOCKET else refuse)(scope, receive, send)
        elif scope["type"] == "http" and (row := self._find(scope)) is not None:
            scope["route"] = row
            await row.handle(scope, receive, send)
        else:
            scope["path"] = asked
            raise NotFound("This server has no such endpoint.")

    @staticmethod
    def _path(scope: Scope) -> str:
        path: str = scope["path"]
        return path.removeprefix(scope.get("root_path", ""))

    def _find(self, scope: Scope) -> Row | None:
        path = self._path(scope)
        if (fixed := self._fixed.get((scope["method"], path))) is not None:
            scope["path_params"] = {}
            return fixed
        for row in self._patterns:
            match, child = row.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return row
        return None


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket where there is none."""
    await WebSocket(scope, receive, send).close()
