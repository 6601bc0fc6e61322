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
    PUBLIC_MEDIA = "public:media"
    PUBLIC_LOCAL_MEDIA = "public:local:media"
    PUBLIC_REMOTE_MEDIA = "public:remote:media"
    HASHTAG = "hashtag"
    HASHTAG_LOCAL = "hashtag:local"
    LIST = "list"
    DIRECT = "direct"


HOMES = (StreamName.USER, StreamName.LIST)
HASHTAGS = (StreamName.HASHTAG, StreamName.HASHTAG_LOCAL)
PUBLIC_WITH_MEDIA = (StreamName.PUBLIC_MEDIA, StreamName.PUBLIC_LOCAL_MEDIA, StreamName.PUBLIC_REMOTE_MEDIA)
PUBLIC = (StreamName.PUBLIC, StreamName.PUBLIC_LOCAL, StreamName.PUBLIC_REMOTE, *PUBLIC_WITH_MEDIA, *HASHTAGS)
WITH_NOTIFICATIONS = (StreamName.USER, StreamName.USER_NOTIFICATION)


class Stream(NamedTuple):
    """A stream; `tag` is the canonical form of a hashtag, where it is of one, and `list_id` the list it is of."""

    name: StreamName
    tag: str = ""
    list_id: int | None = None

    @property
    def words(self) -> list[str]:
        """Give the words by which clients know it."""
        of = self.tag or (str(self.list_id) if self.list_id else "")
        return [self.name.value, of] if of else [self.name.value]


class EventKind(StrEnum):
    """What an event tells of."""

    UPDATE = "update"
    STATUS_UPDATE = "status.update"
    DELETE = "delete"
    NOTIFICATION = "notification"
    CONVERSATION = "conversation"
    FILTERS_CHANGED = "filters_changed"
    NOTIFICATIONS_MERGED = "notifications_merged"


@dataclass(frozen=True, slots=True)
class Event:
    """Something new in a stream: `item` is the view of what its kind names, or the id of what was deleted, or nothing."""

    stream: Stream
    kind: EventKind
    item: Any = None


@dataclass(eq=False, slots=True)
class Connection:
    """One client that listens, for an actor, with a token; a page of ours with a session instead.

    `waiting` holds None once it is to be closed.
    """

    actor: Actor
    token_id: int | None
    scopes: Collection[str]
    address: str
    streams: set[Stream] = field(default_factory=set)
    waiting: "asyncio.Queue[Event | None]" = field(default_factory=lambda: asyncio.Queue(MAX_WAITING))
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    session_id: int | None = None

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


class Counted(StrEnum):
    """What streams are counted by, in words for whoever has too many."""

    TOKEN = "with one access token"  # noqa: S105 - no password
    MEMBER = "for one member"
    ADDRESS = "from one address"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many streams may be open in one process: with one token, for one member, from one address, in all."""

    a_token: int = 16
    a_member: int = 48
    an_address: int = 200
    in_all: int = 5000

    def of(self, counted: Counted) -> int:
        """Tell how many may be open by one of what is counted."""
        most = {Counted.TOKEN: self.a_token, Counted.MEMBER: self.a_member, Counted.ADDRESS: self.an_address}
        return most[counted]


class Connections:
    """The open streams of this process."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._open: set[Connection] = set()
        self._counts: Counter[tuple[Counted, int | str]] = Counter()

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Connection) -> None:
        """Count a new stream in.

        Raises:
            TooMany: there are too many with its token, for its member, from its address, or in all.
        """
        if len(self._open) >= self._limits.in_all:
            raise TooMany("Too many streams are open on this server. Try again later.")
        counted = _counted(connection)
        for kind, name in counted:
            most = self._limits.of(kind)
            if self._counts[kind, name] >= most:
                raise TooMany(f"No more than {most} streams can be open {kind}. Close one first.")
        self._open.add(connection)
        self._counts.update(counted)

    def remove(self, connection: Connection) -> None:
        """Count a stream out; one that was counted out before changes nothing."""
        if connection in self._open:
            self._open.discard(connection)
            for counted in _counted(connection):
                self._counts[counted] -= 1
                if not self._counts[counted]:
                    del self._counts[counted]


def _counted(connection: Connection) -> tuple[tuple[Counted, int | str], ...]:
    return (
        (Counted.TOKEN, f"session {connection.session_id}" if connection.token_id is None else connection.token_id),
        (Counted.MEMBER, connection.actor.id),
        (Counted.ADDRESS, connection.address),
    )


def by_actor(connections: Connections, *names: StreamName) -> dict[int, list[Connection]]:
    """Give those that listen to streams with these names, by the id of their actor."""
    found: dict[int, list[Connection]] = {}
    for connection in connections:
        if connection.listens(*names):
            found.setdefault(connection.actor.id, []).append(connection)
    return found
