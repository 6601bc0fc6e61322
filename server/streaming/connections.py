"""Open streams of one process: who listens to what, what waits for each, and how many there may be.

What waits is bounded: whoever does not take it in time is let go, and comes again.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from models.actor import Actor
from server.errors import TooMany

MAX_WAITING = 64
MAX_STREAMS = 32


class StreamName(StrEnum):
    """What one may listen to."""

    USER = "user"
    USER_NOTIFICATION = "user:notification"
    PUBLIC = "public"
    PUBLIC_LOCAL = "public:local"
    PUBLIC_REMOTE = "public:remote"
    HASHTAG = "hashtag"
    HASHTAG_LOCAL = "hashtag:local"
    DIRECT = "direct"


class Stream(NamedTuple):
    """A stream; `tag` is the canonical form of a hashtag, where it is of one."""

    name: StreamName
    tag: str = ""


class EventKind(StrEnum):
    """What an event tells of."""

    UPDATE = "update"
    STATUS_UPDATE = "status.update"
    DELETE = "delete"
    NOTIFICATION = "notification"
    CONVERSATION = "conversation"


@dataclass(frozen=True, slots=True)
class Event:
    """Something new in a stream: `item` is the view of what its kind names, or the id of what was deleted."""

    stream: Stream
    kind: EventKind
    item: Any


@dataclass(eq=False, slots=True)
class Connection:
    """One client that listens, for an actor, with a token. `waiting` holds None once it is to be closed."""

    actor: Actor
    token_id: int
    scopes: Collection[str]
    address: str
    streams: set[Stream] = field(default_factory=set)
    waiting: "asyncio.Queue[Event | None]" = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, event: Event) -> None:
        """Let an event wait for the client; one that has too much waiting is closed."""
        if self.closing.is_set():
            return
        if self.waiting.full():
            self.close()
        else:
            self.waiting.put_nowait(event)

    def close(self) -> None:
        """Have the client let go; what waits for it is dropped."""
        self.closing.set()
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)

    def listens(self, *names: StreamName) -> list[Stream]:
        """Give those of the streams with these names that it listens to."""
        return [stream for stream in self.streams if stream.name in names]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many streams may be open in one process: with one token, from one address, in all."""

    a_token: int = 16
    an_address: int = 200
    in_all: int = 5000


class Connections:
    """The open streams of this process."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._open: set[Connection] = set()
        self._counts: Counter[tuple[str, int | str]] = Counter()

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Count a new stream in.

        Raises:
            TooMany: there are too many with its token, from its address, or in all.
        """
        token, address = _counted(connection)
        limits = self._limits
        is_full = len(self._open) >= limits.in_all
        if is_full or self._counts[token] >= limits.a_token or self._counts[address] >= limits.an_address:
            raise TooMany("Too many streams are open; close one first.")
        self._open.add(connection)
        self._counts.update((token, address))

    def remove(self, connection: Connection) -> None:
        """Count a stream out; one that was counted out before changes nothing."""
        if connection in self._open:
            self._open.discard(connection)
            self._counts.subtract(_counted(connection))
            self._counts += Counter()  # forgets what is zero


def _counted(connection: Connection) -> tuple[tuple[str, int | str], tuple[str, int | str]]:
    return ("token", connection.token_id), ("address", connection.address)
