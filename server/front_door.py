"""The front door: whoever asks the very same again is given the very same again, before any routing.

An endpoint says that its answer may be repeated (`repeatable`). It then is, for MOMENT_SECONDS at most: while the state of
the database is the one in which the answer was seen to be true, or in any state where the endpoint says that a moment
does not matter. Two requests are the same when all their headers are, but for those that no answer here depends on.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.state import State, database_state, state_at_once

MOMENT_SECONDS = 2.0
MAX_REPEATS = 2048
MAX_BYTES = 8 * 1024 * 1024
MAX_QUESTION_BYTES = 4096
METHODS = frozenset({"GET", "HEAD"})
BODILESS = frozenset({204, 304})

UNREAD_HEADERS = frozenset(
    {
        b"accept-encoding",
        b"cache-control",
        b"connection",
        b"date",
        b"digest",
        b"dnt",
        b"forwarded",
        b"keep-alive",
        b"pragma",
        b"priority",
        b"referer",
        b"signature",
        b"signature-input",
        b"te",
        b"upgrade-insecure-requests",
        b"user-agent",
        b"via",
        b"x-forwarded-for",
        b"x-real-ip",
    }
)
"""Headers on which no repeatable answer depends. A signature may open what is not for everybody, which is not repeatable."""

_ANY_STATE: State = ("any",)
_REPEATABLE = "coopole.repeatable"
_QUESTION = "coopole.question"
_PLACE = ("root_path", "route")

Question = tuple[Any, ...]
Headers = tuple[tuple[bytes, bytes], ...]


def repeatable(scope: Scope, state: State | None = None) -> None:
    """Say that the answer to this request holds for whoever asks the same, while the database is in this state.

    Without a state it holds for a moment, whatever is written.
    """
    scope[_REPEATABLE] = _ANY_STATE if state is None else state


def is_repeatable(scope: Scope) -> bool:
    """Whether the answer to this request may be given to others, too."""
    return _REPEATABLE in scope


@dataclass(frozen=True, slots=True)
class Repeat:
    """One whole answer, and until when (by the clock of `Repeats`) and in which state it may be given again.

    `place` is what the scope says of the route by which the answer was found. `head` is the headers as they are sent, where
    they say how long the answer is.
    """

    until: float
    state: State
    place: Scope
    status: int
    headers: Headers
    body: bytes
    head: bytes | None = None


@dataclass(slots=True)
class Repeats:
    """The answers that one process may repeat, the longest unasked leaving first."""

    clock: Callable[[], float] = time.monotonic
    answers: OrderedDict[Question, Repeat] = field(default_factory=OrderedDict)
    total_bytes: int = 0

    async def find(self, question: Question) -> Repeat | None:
        """Give the answer to this question, if it is still good."""
        if (found := self.answers.get(question)) is None:
            return None
        if found.until <= self.clock() or found.state not in (_ANY_STATE, await database_state()):
            self.drop(question)
            return None
        if question in self.answers:  # which another request may have dropped meanwhile
            self.answers.move_to_end(question)
        return found

    def find_at_once(self, question: Question) -> Repeat | None:
        """Give the answer to this question, if it is known to be good without waiting."""
        found = self.answers.get(question)
        if found is None or found.until <= self.clock() or found.state not in (_ANY_STATE, state_at_once()):
            return None
        self.answers.move_to_end(question)
        return found

    def keep(self, question: Question, repeat: Repeat) -> None:
        """Remember an answer for a moment."""
        self.drop(question)
        self.answers[question] = repeat
        self.total_bytes += len(repeat.body)
        while len(self.answers) > MAX_REPEATS or self.total_bytes > MAX_BYTES:
            self.drop(next(iter(self.answers)))

    def drop(self, question: Question) -> None:
        """Forget an answer, if it is here."""
        if (dropped := self.answers.pop(question, None)) is not None:
            self.total_bytes -= len(dropped.body)


class FrontDoor:
    """ASGI middleware: repeats answers to requests with GET and HEAD. `app.state.repeats` holds them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] not in METHODS:
            await self.app(scope, receive, send)
            return
        repeats: Repeats = scope["app"].state.repeats
        question = ask(scope)
        if (found := await repeats.find(question)) is None:
            await self.app(scope, receive, Listener(scope, send, repeats, question))
            return
        scope.update(found.place)
        await send({"type": "http.response.start", "status": found.status, "headers": [*found.headers]})
        await send({"type": "http.response.body", "body": found.body})


class Listener:
    """Passes an answer on to `send`, and keeps it when it is whole, if it may be repeated."""

    __slots__ = ("bodies", "question", "repeats", "scope", "send", "start")

    def __init__(self, scope: Scope, send: Send, repeats: Repeats, question: Question) -> None:
        self.scope, self.send, self.repeats, self.question = scope, send, repeats, question
        self.start: tuple[int, Headers] = (0, ())
        self.bodies: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """Hear one message, and pass it on."""
        if (state := self.scope.get(_REPEATABLE)) is not None:
            if message["type"] == "http.response.start":
                self.start = (message["status"], tuple(message["headers"]))
            else:
                self.bodies.append(message.get("body", b""))
                if not message.get("more_body"):
                    self._keep(state)
        await self.send(message)

    def _keep(self, state: State) -> None:
        if size_of(self.question) <= MAX_QUESTION_BYTES:
            until = self.repeats.clock() + MOMENT_SECONDS
            place = {name: self.scope[name] for name in _PLACE if name in self.scope}
            repeat = Repeat(until, state, place, *self.start, b"".join(self.bodies), head_of(*self.start))
            self.repeats.keep(self.question, repeat)


def ask(scope: Scope) -> Question:
    """Tell all of a request that its answer may depend on, as it was when it came in."""
    if _QUESTION not in scope:
        scope[_QUESTION] = question_of(scope)
    question: Question = scope[_QUESTION]
    return question


def question_of(scope: Scope) -> Question:
    """Tell all of a request that its answer may depend on."""
    headers = [pair for pair in scope["headers"] if pair[0] not in UNREAD_HEADERS]
    return (scope["method"], scope["scheme"], scope["path"], scope["query_string"], *headers)


def head_of(status: int, headers: Headers) -> bytes | None:
    """Write headers as they are sent, but for the empty line after them; None where the answer's end would not be known."""
    names = {name for name, _ in headers}
    if (status not in BODILESS and b"content-length" not in names) or b"connection" in names:
        return None
    return b"".join(part for name, value in headers for part in (name, b": ", value, b"\r\n"))


def size_of(question: Question) -> int:
    """About how many bytes a question takes."""
    return sum(len(part) if isinstance(part, (str, bytes)) else len(part[0]) + len(part[1]) for part in question)
