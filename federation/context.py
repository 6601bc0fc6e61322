"""What the protocol borrows: the network, the clock, the queue, and whoever reacts. Lent by the server or by a test."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from federation.facts import Fact
from federation.http import HttpClient
from federation.known import Known
from federation.naming import Names
from federation.signatures import Signer
from models.actor import Actor

Columns = dict[str, object]


class Work(StrEnum):
    """Kinds of work that rows may owe, for which a worker is woken."""

    INBOX = "inbox"
    DELIVERY = "delivery"
    ERRANDS = "errands"
    MAIL = "mail"
    PUSH = "push"


async def _tell_nobody(facts: Sequence[Fact]) -> None:
    """Tell nobody: where nobody is waiting for news."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything outside, for one process; `known` belongs to one batch.

    `react` writes what follows from facts, inside the transaction. `wake` tells the workers, after it, and `publish`
    whoever has a stream open; without facts it says that somebody was notified.
    `signer` signs our fetches (the instance actor); None fetches unsigned. `keep_actor` writes the row of an actor that
    was just fetched, together with others of the same moment; without it each is written alone.
    """

    names: Names
    now: Callable[[], datetime]
    client: HttpClient
    signer: Signer | None
    react: Callable[[Sequence[Fact]], Awaitable[None]]
    wake: Callable[[Work], Awaitable[None]]
    keep_actor: Callable[[Columns], Awaitable[Actor]] | None = None
    publish: Callable[[Sequence[Fact]], Awaitable[None]] = _tell_nobody
    known: Known = field(default_factory=Known)

    def for_batch(self) -> "Context":
        """Give the same context with nothing loaded yet."""
        return replace(self, known=Known())
