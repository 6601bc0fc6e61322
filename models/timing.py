"""How long the database takes: told to one listener of this process, if there is one."""

from collections.abc import Callable
from time import perf_counter

Listener = Callable[[float], None]

_listeners: list[Listener] = []


def listen(listener: Listener | None) -> None:
    """Have each statement's seconds told to this listener from now on, and to no other; None: to nobody."""
    _listeners[:] = [] if listener is None else [listener]


def tell(started: float) -> None:
    """Tell that a statement begun at `started`, on the clock of `perf_counter`, has ended."""
    for listener in _listeners:
        listener(perf_counter() - started)
