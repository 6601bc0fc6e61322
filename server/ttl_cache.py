"""Remembering what was looked up a moment ago, for a few seconds and no more than so many of it."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class TtlCache(Generic[K, V]):
    """Values of one process that live `ttl_seconds`; at `max_entries` the least recently used leaves.

    `clock` gives seconds that never run backwards; tests lend their own.
    """

    def __init__(self, ttl_seconds: float, max_entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.ttl_seconds = ttl_seconds
        self.max_entries = max_entries
        self.clock = clock
        self._entries: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """Give a value that is still fresh; None where there is none."""
        if (entry := self._entries.get(key)) is None:
            return None
        if self.clock() >= entry[0]:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def keep(self, key: K, value: V) -> V:
        """Remember a value from now on; the value."""
        self._entries[key] = (self.clock() + self.ttl_seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self.max_entries:
            self._entries.popitem(last=False)
        return value

    def drop(self, key: K) -> None:
        """Forget one value, if it is there."""
        self._entries.pop(key, None)

    def forget(self) -> None:
        """Forget everything, as when another database was opened."""
        self._entries.clear()
