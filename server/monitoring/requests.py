"""Counting and logging every request, by what was asked in general: never by whom, nor the path or query itself."""

from functools import lru_cache
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.config import Settings
from server.monitoring.metrics import HTTP_SECONDS

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"

log = structlog.get_logger()
_seconds_of = lru_cache(maxsize=1024)(HTTP_SECONDS.labels)


def count_request(scope: Scope, status: int, seconds: float) -> tuple[str, str]:
    """Count a request by method, route and status; (method, route) as they are counted."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    route = route_of(scope)
    _seconds_of(method, route, status).observe(seconds)
    return method, route


def route_of(scope: Scope) -> str:
    """Name what was asked in general: the path itself may hold a secret, as that of a private link does."""
    return f"{scope.get('root_path', '')}{scope['route'].path}" if "route" in scope else NO_ROUTE


def logs_requests(settings: Settings) -> bool:
    """Whether the settings ask for a line a request."""
    return settings.log_requests or settings.log_level == "debug"


class RequestWatch:
    """ASGI middleware: one number and, where the settings ask for it, one line a request.

    A request that fails without an answer counts as the 500 that is given in its stead.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._is_logged = logs_requests(settings)
        self._level = "info" if settings.log_requests else "debug"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = perf_counter(), 500

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        finally:
            self._note(scope, status, perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = count_request(scope, status, seconds)
        if self._is_logged:
            say = getattr(log, self._level)
            say("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
