"""How often a client may ask: so often one token, or without one one address; less often where asking costs us more.

Each process counts for itself, and does not count what it answers again without any work. The headers are Mastodon's:
X-RateLimit-Limit, -Remaining, and -Reset, which is when as much is left as ever, or, where nothing is, the first moment to
ask again.   Source: docs.joinmastodon.org/api/rate-limits; RFC 9110 §10.2.3 (Retry-After)
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from server.errors import TooMany
from server.mastodon.entities.moments import instant
from server.oauth.tokens import Grant
from server.throttle import Buckets, Standing, address_of

WINDOW_SECONDS = 300
KNOWN_FOR_UNKNOWN = 5  # an address may ask a fifth of what a token may


@dataclass(frozen=True, slots=True)
class Limit:
    """How often one endpoint, or several by one name, may be asked in so many seconds."""

    name: str
    most: int
    seconds: float


APPS = Limit("apps", 20, 600)
UPLOADS = Limit("uploads", 60, 1800)
SIGN_UPS = Limit("sign ups", 10, 1800)


class Limits:
    """What was asked of one process. `requests` is what a token may ask in WINDOW_SECONDS; 0 is any number, of anything."""

    def __init__(self, requests: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._requests = requests
        self._clock = clock
        self._buckets: dict[str, Buckets] = {}

    def count(self, request: Request, grant: Grant | None, limit: Limit | None, now: datetime) -> dict[str, str]:
        """Count a request, and give the headers that say how many may follow. `limit` is that of the endpoint alone.

        Raises:
            TooMany: there were too many before it.
        """
        if not self._requests:
            return {}
        who = f"token {grant.token_id}" if grant is not None else address_of(request)
        most = self._requests if grant is not None else max(self._requests // KNOWN_FOR_UNKNOWN, 1)
        standing = self._of("token" if grant is not None else "address", most, WINDOW_SECONDS).draw(who)
        if limit is not None and standing.wait_seconds == 0:
            standing = min(standing, self._of(limit.name, limit.most, limit.seconds).draw(who), key=_left)
        headers = _headers(standing, now)
        if standing.wait_seconds > 0:
            wait = {"Retry-After": str(math.ceil(standing.wait_seconds))}
            raise TooMany("You are asking too often. Try again later.", headers | wait)
        return headers

    def _of(self, name: str, most: int, seconds: float) -> Buckets:
        if name not in self._buckets:
            self._buckets[name] = Buckets(most, seconds / most, self._clock)
        return self._buckets[name]


def _left(standing: Standing) -> tuple[float, int]:
    return -standing.wait_seconds, standing.left


def _headers(standing: Standing, now: datetime) -> dict[str, str]:
    seconds = standing.wait_seconds or standing.full_seconds
    return {
        "X-RateLimit-Limit": str(standing.most),
        "X-RateLimit-Remaining": str(standing.left),
        "X-RateLimit-Reset": instant(now + timedelta(seconds=seconds)),
    }
