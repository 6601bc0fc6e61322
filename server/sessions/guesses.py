"""How often a password or a code may be tried: few times from one address for one name, more for a name from everywhere."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from server.errors import TooMany
from server.throttle import Buckets

HERE_BURST, HERE_EVERY_SECONDS = 5, 60.0
NAME_BURST, NAME_EVERY_SECONDS = 100, 30.0
ADDRESS_BURST, ADDRESS_EVERY_SECONDS = 20, 15.0
# Whoever tries codes knows the password: with so few tries three codes of a million are hit once in some years.
CODE_BURST, CODE_EVERY_SECONDS = 10, 300.0


@dataclass(slots=True)
class Guesses:
    """Wrong passwords of late, as one process saw them. Nobody is shut out by what others try, unless very many do.

    `are_codes`: those of the second step, of which fewer may be tried for a name.
    """

    clock: Callable[[], float] = time.monotonic
    are_codes: bool = False
    here: Buckets = field(init=False)
    name: Buckets = field(init=False)
    address: Buckets = field(init=False)

    def __post_init__(self) -> None:
        """Make the buckets."""
        self.here = Buckets(HERE_BURST, HERE_EVERY_SECONDS, self.clock)
        burst, every = (CODE_BURST, CODE_EVERY_SECONDS) if self.are_codes else (NAME_BURST, NAME_EVERY_SECONDS)
        self.name = Buckets(burst, every, self.clock)
        self.address = Buckets(ADDRESS_BURST, ADDRESS_EVERY_SECONDS, self.clock)

    def check(self, name: str, address: str) -> None:
        """Let one be tried, which counts as wrong until `forgive` says that it was not.

        Raises:
            TooMany: too many were wrong.
        """
        tries = ((self.here, f"{name}\n{address}"), (self.name, name), (self.address, address))
        wait = max(buckets.wait(key) for buckets, key in tries)
        if wait > 0:
            seconds = str(math.ceil(wait))
            raise TooMany(
                "There were too many wrong tries. Wait a few minutes, then try again.", {"Retry-After": seconds}
            )
        for buckets, key in tries:
            buckets.take(key)

    def forgive(self, name: str, address: str) -> None:
        """Give back what `check` took, for one that was right."""
        for buckets, key in ((self.here, f"{name}\n{address}"), (self.name, name), (self.address, address)):
            buckets.give_back(key)
