"""Somebody who asks our application over ASGI: another server, a browser, a curious stranger."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette

from federation.signatures import Signer
from tests.world import ACTIVITY_JSON, ORIGIN, World

LISTENS_FOR_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are lower-case, and the number of the request is left out."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The document in it."""
        return orjson.loads(self.body)


class Asker:
    """Asks with GET or HEAD; signs as whoever `signer` is, by the world's clock."""

    def __init__(self, app: Starlette, world: World) -> None:
        self._app = app
        self._world = world

    async def get(
        self, target: str, *, accept: str | None = ACTIVITY_JSON, signer: Signer | None = None, **headers: str
    ) -> Reply:
        """Ask for a path, or a uri of ours; header names are written with underscores."""
        return await self.ask("GET", target, accept=accept, signer=signer, **headers)

    async def ask(
        self, method: str, target: str, *, accept: str | None = None, signer: Signer | None = None, **headers: str
    ) -> Reply:
        """Ask with any method, without a body."""
        target = target.removeprefix(ORIGIN)
        sent = {"host": ORIGIN.partition("://")[2]} | ({} if accept is None else {"accept": accept})
        if signer is not None:
            sent |= signer.sign(method, ORIGIN + target, None, now=self._world.now)
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._call(method, target, sent)

    async def _call(self, method: str, target: str, headers: dict[str, str]) -> Reply:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }
        messages: list[Any] = []
        is_read = False

        async def receive() -> dict[str, Any]:
            nonlocal is_read
            if is_read:  # what never ends is listened to for a moment
                await asyncio.sleep(LISTENS_FOR_SECONDS)
                return {"type": "http.disconnect"}
            is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        start = messages[0]
        got = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        del got["x-request-id"]
        return Reply(start["status"], got, b"".join(part.get("body", b"") for part in messages[1:]))
