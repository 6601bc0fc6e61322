"""A limit to how often one address may ask for what costs us something. Each process counts for itself.

A bucket of tokens for each address: a request takes one, and one comes back every so often. An address is an IPv4
address or an IPv6 network of 64 bits, which is what one subscriber has.
"""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache, wraps

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from server.errors import TooMany

Endpoint = Callable[[Request], Awaitable[Response]]

MAX_BUCKETS = 10_000
MOMENT_SECONDS = 1e-6  # as good as none, since sums of fractions are not exact


@dataclass(frozen=True, slots=True)
class Standing:
    """How a bucket stands: `left` of at most `most` tokens; full in so many seconds, and a token there in `wait_seconds`."""

    most: int
    left: int
    full_seconds: float
    wait_seconds: float


class Buckets:
    """The buckets of one endpoint: `burst` tokens at most in each, and one more every `every_seconds`.

    `clock` gives seconds that never run backwards; tests lend their own.
    """

    def __init__(self, burst: int, every_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._every_seconds = every_seconds
        self._clock = clock
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, key: str) -> float:
        """Tell in how many seconds there will be a token; 0.0 where there is one."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + self._every_seconds
        wait = full_at - now - self._burst * self._every_seconds
        return wait if wait > MOMENT_SECONDS else 0.0

    def take(self, key: str) -> float:
        """Take a token: 0.0, or in how many seconds there will be one; then none is taken."""
        return self.draw(key).wait_seconds

    def draw(self, key: str) -> Standing:
        """Take a token, if there is one, and tell how the bucket stands."""
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now) + self._every_seconds
        wait = full_at - now - self._burst * self._every_seconds
        if wait > MOMENT_SECONDS:
            return Standing(self._burst, 0, full_at - self._every_seconds - now, wait)
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > MAX_BUCKETS:
            self._full_at.popitem(last=False)
        used = math.ceil((full_at - now - MOMENT_SECONDS / 2) / self._every_seconds)
        return Standing(self._burst, max(self._burst - used, 0), full_at - now, 0.0)

    def give_back(self, key: str) -> None:
        """Put a token back that was taken for nothing."""
        if key in self._full_at:
            self._full_at[key] -= self._every_seconds


def throttled(name: str, *, burst: int, every_seconds: float) -> Callable[[Endpoint], Endpoint]:
    """Let one address ask `burst` times at once, and then every so many seconds.

    Raises:
        TooMany: it asks more often.
    """

    def guard(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            wait = _buckets_of(request, name, burst, every_seconds).take(address_of(request))
            if wait > 0:
                raise TooMany("You are asking too often. Try again later.", {"Retry-After": str(math.ceil(wait))})
            return await endpoint(request)

        return guarded

    return guard


def _buckets_of(request: Request, name: str, burst: int, every_seconds: float) -> Buckets:
    state = request.app.state
    if not hasattr(state, "buckets"):
        state.buckets = {}
    buckets: dict[str, Buckets] = state.buckets
    return buckets.setdefault(name, Buckets(burst, every_seconds))


def address_of(request: HTTPConnection) -> str:
    """Name who is asking: the client that the trusted proxies name, if any."""
    return _network_of(request.client.host if request.client else "")


@lru_cache(maxsize=4096)
def _network_of(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
