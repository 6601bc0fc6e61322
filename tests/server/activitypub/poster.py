"""Another server that POSTs to our inboxes, over ASGI, on the real application."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from starlette.applications import Starlette

from federation.context import Context
from models.actor import Actor
from server.activitypub.journal import Journal
from server.config import read_settings
from server.main import create_app
from tests import factories
from tests.world import ACTIVITY_JSON, ORIGIN, World

MAX_BODY_BYTES = 256 * 1024
FAR = "https://far.test/users/noor"


def build_app(ctx: Context, data: Path) -> Starlette:
    """The application as it is served, over a database that is open already."""
    environment = {"COOPOLE_DATA": str(data), "COOPOLE_ORIGIN": ORIGIN, "COOPOLE_MAX_BODY_BYTES": str(MAX_BODY_BYTES)}
    app = create_app(read_settings(environment))
    app.state.context, app.state.journal = ctx, Journal(ctx)
    return app


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def error(self) -> str:
        """The sentence that says what was wrong: it must be there, and JSON."""
        assert self.headers["content-type"] == "application/json"
        sentence = orjson.loads(self.body)["error"]
        assert isinstance(sentence, str)
        assert sentence
        return sentence


@dataclass(slots=True)
class Upload:
    """A body that arrives in pieces; `taken` counts those that the application read."""

    chunks: Iterable[bytes]
    taken: int = 0
    hangs_up: bool = False
    left: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = list(self.chunks)

    async def receive(self) -> dict[str, Any]:
        """Give the next piece, as ASGI does."""
        await asyncio.sleep(0)
        if not self.left and self.hangs_up:
            return {"type": "http.disconnect"}
        self.taken += 1
        body = self.left.pop(0) if self.left else b""
        return {"type": "http.request", "body": body, "more_body": bool(self.left) or self.hangs_up}


class Poster:
    """Signs as whoever it is told to, by the world's clock."""

    def __init__(self, app: Starlette, world: World) -> None:
        self.app = app
        self._world = world

    async def post(
        self,
        document: Mapping[str, Any],
        *,
        actor: str | None = None,
        url: str = f"{ORIGIN}/inbox",
        key: int = 0,
        signed_for: str | None = None,
        drop: Iterable[str] = (),
        **more: str,
    ) -> Reply:
        """POST a document, signed by its actor or another; `drop` names headers left out, `more` those put in place."""
        signer = actor or str(document["actor"])
        body, headers = self._world.signed(signer, document, signed_for or url, key=key)
        return await self.send(body, headers, url=url, drop=drop, **more)

    async def send(
        self,
        body: bytes,
        headers: Mapping[str, str],
        *,
        url: str = f"{ORIGIN}/inbox",
        drop: Iterable[str] = (),
        **more: str,
    ) -> Reply:
        """POST a body with the headers given, in one piece."""
        sent = {name: value for name, value in headers.items() if name not in set(drop)}
        sent |= {name.replace("_", "-"): value for name, value in more.items()}
        return await self.upload(Upload([body]), {"content-length": str(len(body))} | sent, url=url)

    async def upload(self, upload: Upload, headers: Mapping[str, str], *, url: str = f"{ORIGIN}/inbox") -> Reply:
        """POST a body in pieces."""
        return await self.ask("POST", url, headers, upload)

    async def ask(self, method: str, url: str, headers: Mapping[str, str], upload: Upload | None = None) -> Reply:
        """Make any request."""
        path = url.removeprefix(ORIGIN)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
        }
        messages: list[Any] = []

        async def send(message: Any) -> None:
            messages.append(message)

        await self.app(scope, (upload or Upload([])).receive, send)
        got = {name.decode(): value.decode("latin-1") for name, value in messages[0]["headers"]}
        return Reply(messages[0]["status"], got, b"".join(part.get("body", b"") for part in messages[1:]))

    async def burst(self, documents: Iterable[Mapping[str, Any]]) -> AsyncIterator[Reply]:
        """POST many documents at the same moment; the replies, in order."""
        for reply in await asyncio.gather(*(self.post(document) for document in documents)):
            yield reply


def plain_headers(**more: str) -> dict[str, str]:
    """The headers of a POST that nobody signed."""
    return {"host": ORIGIN.partition("://")[2], "content-type": ACTIVITY_JSON} | more


def follow_of(followed: Actor, number: int = 1, actor: str = FAR) -> dict[str, Any]:
    """A numbered Follow."""
    return factories.activity("Follow", actor, followed.uri, number)
