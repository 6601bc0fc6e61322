"""The outside world, in memory: what other servers answer, what we send them, a clock to move, a queue that remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, BinaryIO

import orjson

from federation.answers import Answer, raise_for_status
from federation.context import Context, Work
from federation.errors import RejectedByPolicy, RemoteUnavailable
from federation.http import HttpClient
from federation.keys import generate_rsa_key, load_private_key
from federation.naming import Names
from federation.signatures import SignedRequest, Signer
from federation.uris import parse_uri
from server.reactions import react

ORIGIN = "https://lille.test"
ACTIVITY_JSON = "application/activity+json"


@lru_cache(maxsize=4)
def key_pair(number: int = 0) -> tuple[str, str]:
    """An RSA key made once a run: (private PEM, public PEM)."""
    return generate_rsa_key()


@dataclass(slots=True)
class Sent:
    """A POST of ours to another server."""

    url: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def document(self) -> dict[str, Any]:
        """The activity in it."""
        return dict(orjson.loads(self.body))


class WorldClient(HttpClient):
    """The HTTP client of tests: answers from `World` in place of the network."""

    def __init__(self, world: "World") -> None:
        super().__init__(user_agent="tests", allow_http=True)
        self._world = world

    async def get(
        self,
        url: str,
        *,
        accept: str,
        signer: Any = None,
        now: Any = None,
        max_body_bytes: Any = None,
        max_redirects: Any = None,
    ) -> Answer:
        """Give what the world serves at `url`, with the errors that a real answer of that status would be."""
        self._world.fetched.append(url)
        self._world.fetched_by.append(signer.key_id if signer else "")
        answer = self._world.answer(url)
        raise_for_status(answer, self._world.now)
        return answer

    async def download(
        self, url: str, into: BinaryIO, *, accept: str, max_body_bytes: int, seconds: float | None = None
    ) -> Answer:
        """Write what the world serves at `url` into a file."""
        answer = await self.get(url, accept=accept)
        if len(answer.body) > max_body_bytes:
            raise RejectedByPolicy(f"{url} is too large")
        into.write(answer.body)
        return answer

    async def post(self, url: str, body: bytes, *, content_type: str, signer: Any, now: Any = None) -> Answer:
        """Keep what we send, and answer as the world was told to."""
        status = self._world.inbox_status.get(url, self._world.inbox_status.get(parse_uri(url).host, 202))
        if status == 0:
            raise RemoteUnavailable(f"{url} does not answer")
        headers = signer.sign("POST", url, body, now=self._world.now, content_type=content_type)
        self._world.sent.append(Sent(url, body, headers))
        return Answer(status, url, {}, b"")

    async def push(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Keep what we push, and answer as the world was told to."""
        status = self._world.inbox_status.get(url, 201)
        if status == 0:
            raise RemoteUnavailable(f"{url} does not answer")
        self._world.sent.append(Sent(url, body, dict(headers)))
        return Answer(status, url, {}, b"")


@dataclass(slots=True)
class World:
    """Documents by url, statuses by inbox or host, and everything we asked (by whose key) and sent."""

    documents: dict[str, Any] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)
    inbox_status: dict[str, int] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    fetched_by: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    woken: list[Work] = field(default_factory=list)
    signers: dict[str, Signer] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def serve(self, document: Mapping[str, Any], *, url: str | None = None, content_type: str = ACTIVITY_JSON) -> None:
        """Have another server serve a document, at its id or elsewhere."""
        url = url or str(document["id"])
        self.documents[url] = document
        self.content_types[url] = content_type

    def answer(self, url: str) -> Answer:
        """Give what stands at a url: 404 when nothing does."""
        if (status := self.statuses.get(url)) is not None:
            if status == 0:
                raise RemoteUnavailable(f"{url} does not answer")
            return Answer(status, url, {}, b"")
        if url not in self.documents:
            return Answer(404, url, {}, b"")
        document = self.documents[url]
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        return Answer(200, url, {"content-type": self.content_types[url]}, body)

    def signer(self, actor_uri: str, *, key: int = 0) -> Signer:
        """Give the signer of a remote actor."""
        return Signer(f"{actor_uri}#main-key", load_private_key(key_pair(key)[0]))

    def signed(
        self, actor_uri: str, document: Mapping[str, Any], url: str, *, key: int = 0
    ) -> tuple[bytes, dict[str, str]]:
        """Sign a POST as a remote actor would: (body, headers)."""
        body = orjson.dumps(document)
        return body, self.signer(actor_uri, key=key).sign("POST", url, body, now=self.now, content_type=ACTIVITY_JSON)

    def signed_request(self, actor_uri: str, document: Mapping[str, Any], url: str, *, key: int = 0) -> SignedRequest:
        """The same in the form that verification reads."""
        body, headers = self.signed(actor_uri, document, url, key=key)
        path = url.removeprefix(parse_uri(url).origin)
        return SignedRequest("POST", path, {name.lower(): value for name, value in headers.items()}, body)

    def context(self, now: datetime) -> Context:
        """Lend this world as a Context."""
        self.now = now
        return Context(
            names=Names(ORIGIN),
            now=lambda: self.now,
            client=WorldClient(self),
            signer=None,
            react=react,
            wake=self._wake,
        )

    async def _wake(self, work: Work) -> None:
        self.woken.append(work)

    def pass_time(self, **amount: float) -> datetime:
        """Move the clock forward: pass_time(minutes=5)."""
        self.now += timedelta(**amount)
        return self.now


def at_origin(ctx: Context, origin: str) -> Context:
    """Give the same context for a server of another origin."""
    return replace(ctx, names=Names(origin))
