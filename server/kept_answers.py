"""Finished answers, kept until the database says something else: what is shown is never older than what is true.

Most are answers that everybody is given alike: documents for other servers, and pages.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response

from models.state import State, database_state
from models.trail import Trail, followed
from server.front_door import repeatable

MAX_BYTES = 16 * 1024 * 1024
MAX_ANSWER_BYTES = 512 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]
Key = tuple[str, ...]

_CONDITIONS = frozenset({b"if-none-match", b"if-modified-since"})


@dataclass(slots=True)
class Kept:
    """An answer, what was asked of the database for it, and the last state in which it was seen to be true."""

    answer: Response
    trail: Trail
    state: State
    bytes: int


@dataclass(slots=True)
class KeptAnswers:
    """The answers of one process, the longest unread leaving first."""

    answers: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)
    total_bytes: int = 0

    async def find(self, key: Key) -> Response | None:
        """Give an answer if it still says what the database says: nothing was written, or nothing that it asked for."""
        if (kept := self.answers.get(key)) is None:
            return None
        if (state := await database_state()) != kept.state:
            if not await kept.trail.stands():
                self.drop(key)
                return None
            if await database_state() == state:
                kept.state = state
        if key in self.answers:  # which another request may have dropped meanwhile
            self.answers.move_to_end(key)
        return kept.answer

    async def make(self, key: Key, request: Request, make: Endpoint, *, is_private: bool = False) -> Response:
        """Make an answer and keep it; one made while somebody wrote is looked at again before it is given."""
        state = await database_state()
        with followed() as trail:
            answer = await make(request)
        if answer.status_code == 200 and (is_private or is_for_everybody(answer)) and trail.is_whole:
            seen = state if await database_state() == state else ()
            self.keep(key, Kept(answer, trail, seen, len(answer.body) + trail.bytes))
        return answer

    def offer(self, key: Key | None, request: Request, state: State | None = None) -> None:
        """Have the front door repeat the answer to this request while it is known to be true.

        A `state` given is the one in which it was seen who asks: nothing may have been written since, either.
        """
        kept = None if key is None else self.answers.get(key)
        if kept is not None and kept.state and state in (None, kept.state):
            repeatable(request.scope, kept.state)

    def keep(self, key: Key, kept: Kept) -> None:
        """Keep an answer, unless it is too large."""
        self.drop(key)
        if kept.bytes > MAX_ANSWER_BYTES:
            return
        self.answers[key] = kept
        self.total_bytes += kept.bytes
        while self.total_bytes > MAX_BYTES:
            self.drop(next(iter(self.answers)))

    def drop(self, key: Key) -> None:
        """Forget an answer, if it is here."""
        if (kept := self.answers.pop(key, None)) is not None:
            self.total_bytes -= kept.bytes


def kept(make: Endpoint, key_of: Callable[[Request], Key | None]) -> Endpoint:
    """Have an answer made once, until the database says something else; conditions (304) are answered here.

    `key_of` tells all that the answer depends on beside the database; None where it is not worth keeping, such as an
    address that somebody made up to fill the memory. What `make` calls private, or not to be stored, is never kept.
    """

    async def answer(request: Request) -> Response:
        answers, key = _answers_of(request), key_of(request)
        found = await answers.find(key) if key is not None else None
        if found is None:
            plain = _unconditional(request)
            found = await (make(plain) if key is None else answers.make(key, plain, make))
            if found.status_code != 200:
                return found
        answers.offer(key, request)
        if is_known(request, found):
            return Response(status_code=304, headers=_without_body(found))
        return Response(found.body, headers=dict(found.headers))

    return answer


async def kept_for(request: Request, key: Key, make: Endpoint) -> Response:
    """Give one reader the answer made for them, until the database says something else; `key` must name the reader."""
    answers = _answers_of(request)

    async def make_tagged(asking: Request) -> Response:
        made = await make(asking)
        if made.status_code == 200:
            tag = hashlib.blake2b(made.body, digest_size=16).hexdigest()
            made.headers.update({"ETag": f'"{tag}"', "Cache-Control": "private, no-cache", "Vary": "Authorization"})
        return made

    found = await answers.find(key) or await answers.make(key, request, make_tagged, is_private=True)
    answers.offer(key, request, request.state.grant.state)
    if found.status_code == 200 and has_already(request.headers.get("if-none-match", ""), found.headers["etag"]):
        return Response(status_code=304, headers=_without_body(found))
    return Response(found.body, found.status_code, dict(found.headers))


def _answers_of(request: Request) -> KeptAnswers:
    state = request.app.state
    if not hasattr(state, "kept_answers"):
        state.kept_answers = KeptAnswers()
    answers: KeptAnswers = state.kept_answers
    return answers


def is_for_everybody(answer: Response) -> bool:
    """Whether an answer says that others may be given the same."""
    caching = answer.headers.get("cache-control", "")
    return "private" not in caching and "no-store" not in caching


def _unconditional(request: Request) -> Request:
    headers = [pair for pair in request.scope["headers"] if pair[0] not in _CONDITIONS]
    return Request(dict(request.scope, headers=headers), request.receive)


def _without_body(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}


def is_known(request: Request, answer: Response) -> bool:
    """Whether the reader has this answer already; an ETag, where it sends one, decides alone.

    Source: RFC 9110 §13.2.2
    """
    if (tags := request.headers.get("if-none-match")) is not None:
        return has_already(tags, answer.headers.get("etag", ""))
    since, changed = request.headers.get("if-modified-since"), answer.headers.get("last-modified")
    if since is None or changed is None:
        return False
    try:
        moment = parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
    return moment.tzinfo is not None and parsedate_to_datetime(changed) <= moment


def has_already(if_none_match: str, etag: str) -> bool:
    """Whether an If-None-Match header names this ETag; weak marks do not count.   Source: RFC 9110 §13.1.2"""
    named = [item.strip().removeprefix("W/") for item in if_none_match.split(",")]
    return etag in named or named == ["*"]
