"""A number for every request, in the answer and in every line logged for it."""

import secrets

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def new_request_id() -> str:
    """Make a number."""
    return secrets.token_hex(8)


class RequestId:
    """ASGI middleware: `request.state.request_id`, header X-Request-Id, and the logs' request_id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Number one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        id_ = new_request_id()
        scope.setdefault("state", {})["request_id"] = id_

        async def send_numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", id_.encode()))
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=id_)
        await self.app(scope, receive, send_numbered)
