"""Another server, on a loopback port: it keeps every request as it came over the wire and answers what it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson

from federation.http import HttpClient

AP = "application/activity+json"


@dataclass
class Received:
    """A request, byte for byte: `target` is what stood on the request line."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    """What to answer. `raw` replaces the whole answer; `closes` ends the connection after it."""

    status: int = 200
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
    raw: bytes | None = None
    closes: bool = False

    def encode(self) -> bytes:
        if self.raw is not None:
            return self.raw
        lines = [f"HTTP/1.1 {self.status} Whatever", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


class Hang(Reply):
    """Never answer."""


def ap(document: object, *, type_: str = AP, **more: object) -> Reply:
    """An ActivityPub document."""
    return Reply(body=orjson.dumps(document), headers=[("Content-Type", type_)], **more)


def redirect(location: str, status: int = 302) -> Reply:
    return Reply(status, headers=[("Location", location)])


@dataclass
class Loopback:
    """`replies` by target (a reply, or a function of the request); `received` in order of arrival."""

    origin: str = ""
    replies: dict[str, Reply | Callable[[Received], Reply]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    sockets: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]

    @property
    def targets(self) -> list[str]:
        return [request.target for request in self.received]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.sockets.add(writer)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = first.split(" ", 2)
        request = Received(method, target, headers, body)
        self.received.append(request)
        reply = self.replies.get(target, Reply(404))
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, Hang):
            await reader.read()
            return False
        writer.write(reply.encode())
        await writer.drain()
        return not reply.closes


@asynccontextmanager
async def serve(host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Loopback]:
    """Run such a server while a test lasts."""
    loopback = Loopback()
    server = await asyncio.start_server(loopback.talk, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    netloc = f"[{host}]" if ":" in host else host
    loopback.origin = f"{'https' if tls else 'http'}://{netloc}:{port}"
    try:
        yield loopback
    finally:
        server.close()
        for writer in loopback.sockets:
            writer.transport.abort()
        await server.wait_closed()


class PlainSigner:
    """A signer whose signature is the text that a real one would sign."""

    def sign(self, method, url, body, *, now, content_type="application/activity+json", scheme=None):
        headers = {"date": now.isoformat(), "signature": f"{method} {url}"}
        return headers if body is None else headers | {"content-type": content_type}


@asynccontextmanager
async def connect(**choices) -> AsyncIterator[HttpClient]:
    """Lend a client to which loopback and plain HTTP are open, unless said otherwise."""
    open_ = {"user_agent": "Test/1.0", "allow_private_addresses": True, "allow_http": True}
    client = HttpClient(**(open_ | choices))
    try:
        yield client
    finally:
        await client.close()
