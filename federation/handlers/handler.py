"""What a row of HANDLERS is made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from federation.activities import Activity
from federation.context import Context
from federation.facts import Fact


@dataclass(frozen=True, slots=True)
class Effects:
    """What performing an activity brought about: facts to react to, and activities that are performed after it.

    `replies` are ours, which answer it, or the one that it carries. `afterwards` is done when they are performed.
    """

    facts: tuple[Fact, ...] = ()
    replies: tuple[Activity, ...] = ()
    afterwards: Callable[[Activity, Context], Awaitable["Effects"]] | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """Who may do it (raises NotAuthorised), and what it does (writes rows; may run twice).

    `prepare` may read beforehand what it needs neither rows nor network for, so that the transaction is short.
    `concerns` names the person whose belonging to a group it is about: such an activity is kept no longer than needed.
    """

    authorise: Callable[[Activity, Context], Awaitable[None]]
    perform: Callable[[Activity, Context], Awaitable[Effects]]
    prepare: Callable[[Activity, Context], None] = lambda activity, ctx: None
    concerns: Callable[[Activity, Context], Awaitable[str]] | None = None
