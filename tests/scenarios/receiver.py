"""A fediverse of fakes in the test process: actors with inboxes of their own, on many loopback hosts.

It keeps every POST it gets, proves its signature without any code of ours, accepts every Follow, and signs what it sends.
"""

import asyncio
import base64
import hashlib
import itertools
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from federation.keys import generate_rsa_key, load_private_key
from federation.signatures import Signer

ACTIVITY_JSON = "application/activity+json"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONNECTIONS = 32
ANSWER_SECONDS = 20

Json = dict[str, Any]


@lru_cache(maxsize=1)
def shared_key() -> tuple[str, str]:
    """Give the one RSA key that all fakes use under their own names, since making hundreds takes long: (private, public)."""
    return generate_rsa_key()


@dataclass(frozen=True, slots=True)
class Arrival:
    """A POST to one of the fakes. `is_signed` is false when signature or digest does not hold; `port` is the sender's."""

    inbox: str
    activity: Json
    at: float
    is_signed: bool
    port: int

    @property
    def pair(self) -> tuple[str, str]:
        """The activity's id and the inbox."""
        return self.activity["id"], self.inbox

    def says(self, text: str) -> bool:
        """Whether it is about a post with this text in it."""
        embedded = self.activity.get("object")
        return isinstance(embedded, dict) and text in str(embedded.get("content"))


@dataclass(slots=True)
class Fake:
    """One actor of another server."""

    uri: str
    name: str
    signer: Signer

    @property
    def inbox(self) -> str:
        """Its own inbox: these servers have no shared one."""
        return f"{self.uri}/inbox"

    @property
    def followers(self) -> str:
        """Its followers, as an address."""
        return f"{self.uri}/followers"

    def document(self) -> Json:
        """Write the actor for other servers."""
        key = {"id": f"{self.uri}#main-key", "owner": self.uri, "publicKeyPem": shared_key()[1]}
        return {
            "@context": CONTEXT,
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.name,
            "inbox": self.inbox,
            "outbox": f"{self.uri}/outbox",
            "followers": self.followers,
            "publicKey": key,
        }


@dataclass(slots=True)
class Fediverse:
    """All the fakes. `on_arrival` is called with each POST before it is answered.

    `documents` are served under their ids. `answers` holds the statuses that an inbox answers next, taking nothing.
    """

    hosts: Sequence[str]
    actors_per_host: int
    arrivals: list[Arrival] = field(default_factory=list)
    on_arrival: Callable[[Arrival], None] | None = None
    fakes: list[Fake] = field(default_factory=list)
    documents: dict[str, Json] = field(default_factory=dict)
    answers: dict[str, list[int]] = field(default_factory=dict)
    port: int = 0
    _by_uri: dict[str, Fake] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _runner: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None

    async def start(self) -> "Fediverse":
        """Listen on every host, on one port that is free on all of them."""
        application = web.Application()
        application.router.add_get("/users/{name}", self._show)
        application.router.add_get("/users/{name}/{kind}/{number}", self._show_document)
        application.router.add_post("/users/{name}/inbox", self._receive)
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        listeners = _listeners(self.hosts)
        self.port = listeners[0].getsockname()[1]
        for listener in listeners:
            await web.SockSite(self._runner, listener, backlog=512).start()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS), timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        )
        private = load_private_key(shared_key()[0])
        for host, number in itertools.product(self.hosts, range(self.actors_per_host)):
            uri = f"http://{host}:{self.port}/users/fake{number}"
            fake = Fake(uri, f"fake{number}", Signer(f"{uri}#main-key", private))
            self.fakes.append(fake)
            self._by_uri[uri] = fake
        return self

    async def stop(self) -> None:
        """Close every connection."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def new_uri(self, fake: Fake, kind: str) -> str:
        """Name something new of a fake."""
        return f"{fake.uri}/{kind}/{next(self._numbers)}"

    def follow(self, fake: Fake, followed_uri: str) -> Json:
        """Write a Follow."""
        return {"id": self.new_uri(fake, "follows"), "type": "Follow", "actor": fake.uri, "object": followed_uri}

    def create(self, fake: Fake, text: str) -> Json:
        """Write the Create of a public note."""
        addressed = {"to": [PUBLIC], "cc": [fake.followers]}
        note = addressed | {
            "id": self.new_uri(fake, "notes"),
            "type": "Note",
            "attributedTo": fake.uri,
            "content": f"<p>{text}</p>",
            "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return addressed | {"id": f"{note['id']}/create", "type": "Create", "actor": fake.uri, "object": note}

    async def send(self, fake: Fake, activity: Json, inbox: str) -> int:
        """Send an activity, signed; the status of the answer.

        Raises:
            aiohttp.ClientError, TimeoutError: there was none.
        """
        assert self._session is not None
        body = orjson.dumps({"@context": CONTEXT[0]} | activity)
        headers = fake.signer.sign("POST", inbox, body, now=datetime.now(UTC))
        async with self._session.post(inbox, data=body, headers=headers) as response:
            await response.read()
            return response.status

    def deliveries(self, text: str) -> Counter[tuple[str, str]]:
        """Count how often each (activity, inbox) arrived, of those about a post with this text."""
        return Counter(arrival.pair for arrival in self.arrivals if arrival.says(text))

    def of_type(self, kind: str) -> list[Arrival]:
        """List what arrived of one type."""
        return [arrival for arrival in self.arrivals if arrival.activity.get("type") == kind]

    async def _show(self, request: web.Request) -> web.Response:
        fake = self._by_uri.get(f"http://{request.host}{request.path}")
        if fake is None:
            raise web.HTTPNotFound
        return web.Response(
            body=orjson.dumps(self.documents.get(fake.uri) or fake.document()), content_type=ACTIVITY_JSON
        )

    async def _show_document(self, request: web.Request) -> web.Response:
        document = self.documents.get(f"http://{request.host}{request.path}")
        if document is None:
            raise web.HTTPNotFound
        return web.Response(body=orjson.dumps({"@context": CONTEXT[0]} | document), content_type=ACTIVITY_JSON)

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        inbox = f"http://{request.host}{request.path}"
        fake = self._by_uri.get(inbox.removesuffix("/inbox"))
        if fake is None:
            raise web.HTTPNotFound
        if refusals := self.answers.get(inbox):
            return web.Response(status=refusals.pop(0))
        is_signed = await self._is_signed(request, body)
        port = request.transport.get_extra_info("peername")[1] if request.transport else 0
        arrival = Arrival(inbox, orjson.loads(body), time.monotonic(), is_signed, port)
        self.arrivals.append(arrival)
        if self.on_arrival is not None:
            self.on_arrival(arrival)
        if arrival.activity["type"] == "Follow":
            self._accept(fake, arrival.activity)
        return web.Response(status=202)

    def _accept(self, fake: Fake, follow: Json) -> None:
        accept = {"id": self.new_uri(fake, "accepts"), "type": "Accept", "actor": fake.uri, "object": follow}
        task = asyncio.create_task(self.send(fake, accept, f"{follow['actor']}/inbox"))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _is_signed(self, request: web.Request, body: bytes) -> bool:
        """Prove a draft-cavage signature and the digest it covers."""
        parameters = dict(re.findall(r'(\w+)="([^"]*)"', request.headers.get("Signature", "")))
        covered = parameters.get("headers", "").split()
        if not {"(request-target)", "host", "date", "digest"} <= set(covered):
            return False
        digest = "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
        target = {"(request-target)": f"{request.method.lower()} {request.path_qs}"}
        lines = [f"{name}: {target.get(name) or request.headers[name]}" for name in covered]
        key = await self._key(parameters["keyId"])
        try:
            key.verify(base64.b64decode(parameters["signature"]), "\n".join(lines).encode(), PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return request.headers["Digest"] == digest

    async def _key(self, key_id: str) -> RSAPublicKey:
        """Fetch a public key once."""
        if key_id not in self._keys:
            assert self._session is not None
            async with self._session.get(key_id, headers={"Accept": ACTIVITY_JSON}) as response:
                document = orjson.loads(await response.read())
            assert document["publicKey"]["id"] == key_id
            key = load_pem_public_key(document["publicKey"]["publicKeyPem"].encode())
            assert isinstance(key, RSAPublicKey)
            self._keys[key_id] = key
        return self._keys[key_id]


def _listeners(hosts: Sequence[str]) -> list[socket.socket]:
    """Bind every host to one port; another port is tried where one of them is taken."""
    for _ in range(20):
        made = [socket.create_server((hosts[0], 0), backlog=512)]
        port = made[0].getsockname()[1]
        try:
            made += [socket.create_server((host, port), backlog=512) for host in hosts[1:]]
        except OSError:
            for listener in made:
                listener.close()
            continue
        return made
    raise OSError("no port is free on all of these hosts")
