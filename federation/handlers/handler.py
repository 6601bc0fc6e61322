"""What a row of HANDLERS is made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from federation.activities import Activity
from federation.context import Context
from federation.facts import Fact


@dataclass(frozen=True, slots=True)
class Effects:
    """What performing an activity brought about: facts to react to, and activities of ours that answer it."""

    facts: tuple[Fact, ...] = ()
    replies: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """Who may do it (raises NotAuthorised), and what it does (writes rows; may run twice)."""

    authorise: Callable[[Activity, Context], Awaitable[None]]
    perform: Callable[[Activity, Context], Awaitable[Effects]]
