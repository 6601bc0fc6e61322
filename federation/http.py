"""The one door to other servers: pooled HTTP that reaches no private address and reads no endless answer.

A name may resolve to anything, at any moment, so addresses are checked three times: in the URL, in what the resolver
says, and once more on the socket about to be connected. Only this module imports aiohttp.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from multidict import CIMultiDict
from yarl import URL

from federation.answers import Answer, raise_for_status
from federation.errors import MalformedActivity, RejectedByPolicy, RemoteUnavailable
from federation.ip_addresses import AddressRefused, is_reachable, open_socket
from federation.knocking import Knocker, RequestSigner
from federation.name_look_ups import NameLookUps
from federation.uris import HttpUri, parse_uri
from models.host import SignatureScheme

__all__ = ["Answer", "HttpClient", "Limits", "RequestSigner"]

LOWEST_FREE_PORT = 1024
WEB_PORTS = frozenset({80, 443})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
READ_BUFFER_BYTES = 65_536
MAX_REFUSAL_BYTES = 65_536  # of an answer whose status says all; the rest is not read


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of our time, memory and connections another server may take."""

    connect_seconds: float = 5
    total_seconds: float = 15
    keep_alive_seconds: float = 30
    dns_cache_seconds: int = 60
    max_body_bytes: int = 1_048_576
    max_redirects: int = 3
    per_host_connections: int = 8
    total_connections: int = 832  # more than a worker's lanes use, of which many may hang
    resolver_threads: int = 48


class HttpClient:
    """A pool of connections to other servers, opened inside the running loop on first use; one per process."""

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private_addresses: bool = False,
        allow_http: bool = False,
        limits: Limits = Limits(),
        tls: ssl.SSLContext | None = None,
        knocker: Knocker | None = None,
    ) -> None:
        """Prepare a client; `allow_*` are for tests and a demonstration, `tls` for a private authority.

        `knocker` remembers which signatures the hosts take; without one, only this client remembers.
        """
        self.allow_http = allow_http
        self._allow_private = allow_private_addresses
        self._user_agent = user_agent
        self._limits = limits
        self._tls = tls
        self._knocker = knocker or Knocker()
        self._session: aiohttp.ClientSession | None = None
        self._resolver: _GuardedResolver | None = None

    async def get(
        self,
        url: str,
        *,
        accept: str,
        signer: RequestSigner | None = None,
        now: datetime | None = None,
        max_body_bytes: int | None = None,
        max_redirects: int | None = None,
    ) -> Answer:
        """Fetch what another server has at `url`; each redirect is checked and signed like the first request.

        Raises:
            RemoteUnavailable: no answer in time, or a 5xx, 408 or 429.
            RejectedByPolicy: an address, scheme or port we do not visit; too large; too many redirects.
            ObjectGone: 404 or 410.
            NotAuthorised: 401, 403 or 451.
            MalformedActivity: any other answer without a document.
        """
        deadline, moment = self._deadline(), now or datetime.now(UTC)
        limit = self._limits.max_body_bytes if max_body_bytes is None else max_body_bytes
        hops = self._limits.max_redirects if max_redirects is None else max_redirects

        async def ask(uri: HttpUri) -> Answer:
            return await self._get_once(uri, accept, signer, moment, deadline, limit)

        return await self._followed(url, hops, moment, ask)

    async def download(
        self, url: str, into: BinaryIO, *, accept: str, max_body_bytes: int, seconds: float | None = None
    ) -> Answer:
        """Write what another server has at `url` into a file, unsigned; the answer itself has no body.

        `seconds` is how long all of it may take, where that is not what everything may.

        Raises:
            FederationError: as for `get`; the file may then hold a part of it.
        """
        deadline, headers = self._deadline(seconds), CIMultiDict({"Accept": accept, "Accept-Encoding": "identity"})

        async def ask(uri: HttpUri) -> Answer:
            return await self._exchange("GET", uri, headers, None, deadline, max_body_bytes, into)

        return await self._followed(url, self._limits.max_redirects, datetime.now(UTC), ask)

    async def _followed(
        self, url: str, hops: int, now: datetime, ask: Callable[[HttpUri], Awaitable[Answer]]
    ) -> Answer:
        uri = self._checked(url)
        for _ in range(hops + 1):
            answer = await ask(uri)
            if answer.status not in REDIRECTS:
                raise_for_status(answer, now)
                return answer
            uri = self._next_hop(uri, answer)
        raise RejectedByPolicy(f"{url} redirects more than {hops} times")

    async def _get_once(
        self, uri: HttpUri, accept: str, signer: RequestSigner | None, now: datetime, deadline: float, limit: int
    ) -> Answer:
        async def send(scheme: SignatureScheme) -> Answer:
            signed = signer.sign("GET", uri.url, None, now=now, scheme=scheme) if signer else {}
            return await self._exchange("GET", uri, CIMultiDict({"Accept": accept, **signed}), None, deadline, limit)

        return await (self._knocker.knock(uri.authority, now, send) if signer else send(SignatureScheme.CAVAGE))

    async def post(
        self, url: str, body: bytes, *, content_type: str, signer: RequestSigner, now: datetime | None = None
    ) -> Answer:
        """Send `body`, signed, and return the answer whatever its status; redirects are not followed.

        A connection that the other side closed meanwhile is no sign of trouble: one more is tried. A refused signature
        is made once more with the other scheme.

        Raises:
            RemoteUnavailable: no answer in time.
            RejectedByPolicy: an address, scheme or port we do not visit.
        """
        deadline, moment = self._deadline(), now or datetime.now(UTC)
        uri = self._checked(url)

        async def send(scheme: SignatureScheme) -> Answer:
            headers = CIMultiDict({"Content-Type": content_type, "Accept-Encoding": "identity"})
            headers.update(signer.sign("POST", uri.url, body, now=moment, content_type=content_type, scheme=scheme))
            try:
                return await self._exchange("POST", uri, headers, body, deadline, MAX_REFUSAL_BYTES)
            except _ConnectionDropped:
                return await self._exchange("POST", uri, headers, body, deadline, MAX_REFUSAL_BYTES)

        return await self._knocker.knock(uri.authority, moment, send)

    async def push(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` to a push service, unsigned, and return the answer whatever its status; no redirect is followed.

        Raises:
            RemoteUnavailable: no answer in time.
            RejectedByPolicy: an address, scheme or port we do not visit.
        """
        uri, deadline = self._checked(url), self._deadline()
        return await self._exchange("POST", uri, CIMultiDict(headers), body, deadline, MAX_REFUSAL_BYTES)

    async def close(self) -> None:
        """Close every connection; a later request opens anew."""
        session, self._session = self._session, None
        resolver, self._resolver = self._resolver, None
        if session is not None and resolver is not None:
            await session.close()
            await resolver.close()

    def _deadline(self, seconds: float | None = None) -> float:
        return asyncio.get_running_loop().time() + (self._limits.total_seconds if seconds is None else seconds)

    def _checked(self, url: str) -> HttpUri:
        """Refuse what we do not visit, before a name is looked up."""
        try:
            uri = parse_uri(url)
        except MalformedActivity as error:
            raise RejectedByPolicy(str(error)) from error
        if uri.scheme == "http" and not self.allow_http:
            raise RejectedByPolicy(f"{uri.url} is not encrypted")
        if uri.port < LOWEST_FREE_PORT and uri.port not in WEB_PORTS:
            raise RejectedByPolicy(f"port {uri.port} of {uri.host} is not one of the web")
        if uri.is_address and not is_reachable(uri.host, allow_private=self._allow_private):
            raise RejectedByPolicy(f"{uri.host} is not a public address")
        return uri

    def _next_hop(self, current: HttpUri, answer: Answer) -> HttpUri:
        """Check where a redirect leads; never from https to http."""
        location = answer.headers.get("location")
        if not location:
            raise MalformedActivity(f"{current.url} redirects nowhere")
        try:
            following = self._checked(urljoin(current.url, location))
        except ValueError as error:
            raise RejectedByPolicy(f"{current.url} redirects to {location!r}") from error
        if current.scheme == "https" and following.scheme == "http":
            raise RejectedByPolicy(f"{current.url} redirects to {following.url}, which is not encrypted")
        return following

    async def _exchange(
        self,
        method: str,
        uri: HttpUri,
        headers: CIMultiDict[str],
        body: bytes | None,
        deadline: float,
        max_body_bytes: int,
        into: BinaryIO | None = None,
    ) -> Answer:
        """Send one request and read its answer, no more of it than `max_body_bytes`; a document goes `into` a file."""
        session = self._session or self._open_session()
        is_post = method == "POST"
        unpacks = not is_post and into is None  # a picture needs no packing
        url = URL(uri.url, encoded=True)  # yarl would respell it, and the signature covers the spelling
        try:
            async with (
                asyncio.timeout_at(deadline),
                session.request(
                    method, url, data=body, headers=headers, allow_redirects=False, auto_decompress=unpacks
                ) as response,
            ):
                is_document = not is_post and 200 <= response.status < 300
                if into is None:
                    content = await _read(response, max_body_bytes, is_document=is_document)
                else:
                    content = await _write(response, max_body_bytes, into) if is_document else b""
                return Answer(response.status, uri.url, _plain_headers(response), content)
        except TimeoutError as error:
            raise RemoteUnavailable(f"{uri.authority} did not answer in time") from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, AddressRefused):
                raise RejectedByPolicy(str(error.os_error)) from error
            raise RemoteUnavailable(f"{uri.authority} cannot be reached: {error}") from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            raise _ConnectionDropped(f"{uri.authority} closed the connection") from error
        except aiohttp.ClientError as error:
            raise RemoteUnavailable(f"{uri.authority} did not answer properly: {error}") from error

    def _open_session(self) -> aiohttp.ClientSession:
        limits = self._limits
        self._resolver = _GuardedResolver(allow_private=self._allow_private, threads=limits.resolver_threads)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            socket_factory=lambda address: open_socket(address, allow_private=self._allow_private),
            ttl_dns_cache=limits.dns_cache_seconds,
            keepalive_timeout=limits.keep_alive_seconds,
            limit=limits.total_connections,
            limit_per_host=limits.per_host_connections,
            ssl=self._tls or True,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits.connect_seconds),
            read_bufsize=READ_BUFFER_BYTES,
            trust_env=False,
        )
        return self._session


class _ConnectionDropped(RemoteUnavailable):
    """The connection ended before the answer, as an idle one may."""


class _GuardedResolver(AbstractResolver):
    """The system's resolver, without the addresses we do not visit."""

    def __init__(self, *, allow_private: bool, threads: int) -> None:
        self._allow_private = allow_private
        self._look_ups = NameLookUps(threads)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """List the public addresses of a name."""
        infos = await self._look_ups.addresses(host, port, family)
        results = [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=0)
            for kind, _, protocol, _, address in infos
            if is_reachable(str(address[0]), allow_private=self._allow_private)
        ]
        if not results:
            raise AddressRefused(f"{host} has no public address")
        return results

    async def close(self) -> None:
        """Let the threads end when they have their answers."""
        self._look_ups.close()


async def _read(response: aiohttp.ClientResponse, max_bytes: int, *, is_document: bool) -> bytes:
    """Read a body, counting what it unpacks to; a document that is too large is refused, anything else cut short."""
    if is_document and (response.content_length or 0) > max_bytes:
        raise RejectedByPolicy(f"{response.url} is larger than {max_bytes} bytes")
    parts: list[bytes] = []
    size = 0
    try:
        while part := await response.content.readany():
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                break
    except aiohttp.ClientPayloadError:
        if is_document:
            raise
    if size > max_bytes and is_document:
        raise RejectedByPolicy(f"{response.url} is larger than {max_bytes} bytes")
    return b"".join(parts)[:max_bytes]


async def _write(response: aiohttp.ClientResponse, max_bytes: int, into: BinaryIO) -> bytes:
    """Write a body into a file as it comes; nothing is left of it to be given."""
    size, announced = 0, response.content_length or 0
    while announced <= max_bytes and size <= max_bytes:
        if not (part := await response.content.readany()):
            return b""
        into.write(part)
        size += len(part)
    raise RejectedByPolicy(f"{response.url} is larger than {max_bytes} bytes")


def _plain_headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """Flatten headers: lower-case names, repeated ones joined by a comma.   Source: RFC 9110 §5.3"""
    plain: dict[str, str] = {}
    for name, value in response.headers.items():
        key = name.lower()
        plain[key] = f"{plain[key]}, {value}" if key in plain else value
    return plain
