"""A number for every request."""

from typing import Any

import structlog
from starlette.types import Receive, Scope, Send
from structlog.contextvars import get_contextvars

from server.request_id import RequestId


class Inner:
    """An application that remembers what it saw."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.logged: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.logged.append(dict(get_contextvars()))
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


async def call(scope: Scope, inner: Inner) -> list[Any]:
    """Ask the application through the middleware; what it sent."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    structlog.contextvars.clear_contextvars()
    await RequestId(inner)(scope, receive, send)
    return sent


async def test_the_answer_the_request_and_the_log_bear_the_same_number() -> None:
    inner = Inner()
    start, _ = await call({"type": "http"}, inner)
    number = inner.scopes[0]["state"]["request_id"]
    assert start["headers"] == [(b"x-request-id", number.encode())]
    assert inner.logged == [{"request_id": number}]


async def test_what_else_the_request_bears_stays() -> None:
    inner = Inner()
    await call({"type": "http", "state": {"other": 1}}, inner)
    assert inner.scopes[0]["state"]["other"] == 1


async def test_what_is_no_request_is_left_alone() -> None:
    inner = Inner()
    assert await call({"type": "lifespan"}, inner) == []
    assert inner.scopes == [{"type": "lifespan"}]
