"""Fetch ActivityPub documents from their home, and believe only what their home says.

A document speaks for its own `id` alone, and only when it was found there; anything else is asked for again at that
`id`.   Source: ActivityPub §3.2; FEP-fe34 (origin-based security model).
"""

import asyncio
import re
from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from federation.errors import FederationError, MalformedActivity, NotAuthorised, ObjectGone, RejectedByPolicy
from federation.http import Answer, HttpClient, RequestSigner
from federation.jsonld import Json, each, load
from federation.uris import HttpUri, parse_uri, same_origin

ACCEPT = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
MEDIA_TYPES = frozenset({"application/activity+json", "application/ld+json"})
MAX_NESTED_LEVELS = 64
MAX_LINK_HEADER_CHARACTERS = 8192

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_LINK_PARAMETER = re.compile(r';\s*(rel|type)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WorkLimits:
    """How much one piece of work (an activity, a search) may fetch, and how many references deep."""

    max_documents: int = 20
    max_depth: int = 3


@dataclass(slots=True)
class _Work:
    """What one piece of work has fetched so far, by url; a failure is remembered too."""

    fetched_count: int = 0
    documents: dict[str, Json] = field(default_factory=dict)
    failures: dict[str, FederationError] = field(default_factory=dict)
    locks: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))


class Dereferencer:
    """The fetches of one piece of work: bounded in number and depth, each document once however many ask for it."""

    def __init__(self, client: HttpClient, signer: RequestSigner | None, *, limits: WorkLimits = WorkLimits()) -> None:
        """Begin a piece of work; its fetches are signed by `signer`, if any."""
        self._client = client
        self._signer = signer
        self._limits = limits
        self._depth = 0
        self._work = _Work()

    def deeper(self) -> "Dereferencer":
        """Give the same piece of work one reference further on, as when following `inReplyTo`.

        Raises:
            RejectedByPolicy: that is too far.
        """
        if self._depth >= self._limits.max_depth:
            raise RejectedByPolicy(f"references are followed {self._limits.max_depth} deep, no more")
        further = copy(self)
        further._depth += 1
        return further

    async def document(self, uri: str) -> dict[str, Any]:
        """Fetch the document of `uri`, or the one that contains it when `uri` has a fragment; not to be changed.

        Raises:
            NotAuthorised: what was found there is the word of another server, or we may not see it.
            MalformedActivity: it is no ActivityPub document.
            ObjectGone: it is no more, never was, or is a Tombstone.
            RejectedByPolicy: we do not go there, or this piece of work has fetched enough.
            RemoteUnavailable: not now.
        """
        asked, work = parse_uri(uri), self._work
        async with work.locks[asked.url]:
            if asked.url in work.failures:
                raise work.failures[asked.url]
            if asked.url not in work.documents:
                try:
                    work.documents[asked.url] = await self._fetch(asked)
                except FederationError as error:
                    work.failures[asked.url] = error
                    raise
            return work.documents[asked.url]

    async def _fetch(self, asked: HttpUri) -> Json:
        """Find the document, then if it names itself otherwise, find it again under its own name."""
        document, found_at = await self._find(asked)
        named = _name_of(document)
        if named.origin != asked.origin:
            raise NotAuthorised(f"{asked.url} gave {named.url}, which is not of its origin")
        if named.url not in (asked.url, found_at.url):
            if (known := self._work.documents.get(named.url)) is not None:
                return known
            document, found_at = await self._find(named)
            if _name_of(document).url not in (named.url, found_at.url):
                raise NotAuthorised(f"{named.url} gave a document of another name")
        if "Tombstone" in each(document.get("type")):
            raise ObjectGone(f"{asked.url} was deleted", is_permanent=True)
        self._work.documents[named.url] = document
        return document

    async def _find(self, asked: HttpUri) -> tuple[Json, HttpUri]:
        """Fetch what is at a url, or at the alternate that a web page there names; (document, where it was)."""
        answer = await self._get(asked.url, asked)
        if not _is_activitypub(answer):
            alternate = read_alternate(answer.headers.get("link", ""), answer.url)
            if alternate is None or not same_origin(alternate, asked.url):
                raise MalformedActivity(f"{asked.url} is not an ActivityPub document")
            answer = await self._get(alternate, asked)
            if not _is_activitypub(answer):
                raise MalformedActivity(f"{alternate} is not an ActivityPub document")
        return parse_document(answer.body), parse_uri(answer.url)

    async def _get(self, url: str, asked: HttpUri) -> Answer:
        """Fetch once, within the bounds of this piece of work, and stay with the server that was asked."""
        if self._work.fetched_count >= self._limits.max_documents:
            raise RejectedByPolicy(f"one piece of work may fetch {self._limits.max_documents} documents, no more")
        self._work.fetched_count += 1
        answer = await self._client.get(url, accept=ACCEPT, signer=self._signer)
        if not same_origin(answer.url, asked.url):
            raise NotAuthorised(f"{asked.url} led to {answer.url}, which is not of its origin")
        return answer


def parse_document(body: bytes) -> Json:
    """Parse a document of another server: a JSON object, not nested so deeply that walking it would hurt.

    Raises:
        MalformedActivity: it is not JSON, not an object, or has more than 64 levels.
    """
    document = load(body)
    level: list[Any] = [document]
    for _ in range(MAX_NESTED_LEVELS):
        values = (value for node in level for value in (node.values() if isinstance(node, dict) else node))
        level = [value for value in values if isinstance(value, dict | list)]
        if not level:
            return document
    raise MalformedActivity(f"the document is nested more than {MAX_NESTED_LEVELS} levels deep")


def read_alternate(header: str, base: str) -> str | None:
    """Find the ActivityPub alternate in a Link header, made absolute against `base`.   Source: RFC 8288 §3"""
    links: list[tuple[str, str]] = _LINK.findall(header[:MAX_LINK_HEADER_CHARACTERS])
    for target, text in links:
        parameters: dict[str, str] = {}
        for name, quoted, plain in _LINK_PARAMETER.findall(text):
            parameters.setdefault(name.lower(), quoted or plain)
        is_alternate = "alternate" in parameters.get("rel", "").lower().split()
        if is_alternate and media_type(parameters.get("type", "")) in MEDIA_TYPES:
            try:
                return urljoin(base, target)
            except ValueError:
                continue
    return None


def media_type(header: str) -> str:
    """Give the media type in a Content-Type header, lower-case, without its parameters."""
    return header.partition(";")[0].strip().lower()


def _is_activitypub(answer: Answer) -> bool:
    return media_type(answer.headers.get("content-type", "")) in MEDIA_TYPES


def _name_of(document: Json) -> HttpUri:
    """Read the `id` of a document."""
    name = document.get("id")
    if not isinstance(name, str):
        raise MalformedActivity("the document has no id")
    return parse_uri(name)
