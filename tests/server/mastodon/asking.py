"""Asking the application by bare ASGI: whatever method, path and body, and streams let go once they have begun."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette

Headers = dict[str, str]


@dataclass
class Answer:
    """What came back."""

    status: int = 0
    headers: Headers = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """What the body says."""
        return orjson.loads(self.body)

    @property
    def error(self) -> str:
        """Why it was refused; '' where it was not."""
        return str(self.json()["error"]) if self.status >= 400 else ""


async def ask(
    app: Starlette, method: str, path: str, *, token: str = "", body: bytes = b"", headers: Headers | None = None
) -> Answer:
    """Ask once."""
    answer, gone = Answer(), asyncio.Event()
    requests = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not requests:
            await gone.wait()
        return requests.pop() if requests else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")
            if answer.headers["content-type"].startswith("text/event-stream"):
                gone.set()

    sent = {"host": "lille.test", "content-length": str(len(body))} | (headers or {})
    if token:
        sent["authorization"] = f"Bearer {token}"
    address, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "scheme": "https", "path": unquote(address), "raw_path": address.encode(), "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("203.0.113.7", 40000), "server": ("lille.test", 443),
    }  # fmt: skip
    await app(scope, receive, send)
    return answer
