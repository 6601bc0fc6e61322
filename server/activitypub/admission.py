"""Who may still put something into the inbox: nobody fills it for others.

Two limits. Of what waits to be performed, a host has its share; the host is the verified one, so that nobody can use up
another's. Of the checks that need a key which is not at hand, and may have to wait for its home, a host has its share,
and an address too; here the host is only claimed, but what a liar uses up is room for keys that nobody has seen yet.

Each process counts for itself: it adds what it lets in to what it last read in the database.
"""

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from tortoise.exceptions import BaseORMException

from federation.errors import BadSignature, MalformedActivity
from federation.uris import host_of
from models import database
from models.inbox import InboxMessage
from server.errors import TooMany, Unavailable
from server.throttle import Buckets

LEAST_SHARE = 2_000
SHARES = 5
FRESH_SECONDS = 3.0
DOUBTED_SECONDS = 0.5
RETRY_AFTER_SECONDS = 60

MAX_CHECKS = 1_024
MAX_CHECKS_OF_ONE = 256
MAX_CHECKED_BYTES = 64 * 1024 * 1024

FAILURES_AT_ONCE = 100
SECONDS_A_FAILURE = 1.0

log = structlog.get_logger()


class Admission:
    """The door of one process. `clock` gives seconds that never run backwards; tests lend their own."""

    def __init__(self, max_waiting: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.max_waiting = max_waiting
        self.share = min(max(LEAST_SHARE, max_waiting // SHARES), max_waiting)
        self._clock = clock
        self._waiting: Counter[str] = Counter()
        self._total = 0
        self._read_at = -math.inf
        self._is_reading = False
        self._checks: Counter[str] = Counter()
        self._checked_bytes = 0
        self._failures = Buckets(FAILURES_AT_ONCE, SECONDS_A_FAILURE, clock)

    def waiting(self) -> int:
        """How many messages wait to be performed, about."""
        return self._total

    def waiting_of(self, host: str) -> int:
        """How many messages of a host wait to be performed, about."""
        return self._waiting[host]

    def checks(self) -> int:
        """How many signatures are being checked whose keys are not at hand."""
        return self._checks[""]

    async def admit(self, host: str, *, is_passed_on: bool = False) -> None:
        """Let a message of a verified host in, and count it. What somebody else passes on may fill half of its share.

        Raises:
            TooMany: so many of this host wait already that others would have to.
            Unavailable: so many of all hosts wait that there is no room.
        """
        await self._check_share(host, self.share // 2 if is_passed_on else self.share)
        self._waiting[host] += 1
        self._total += 1

    async def _check_share(self, host: str, share: int) -> None:
        await self._read(FRESH_SECONDS)
        if self._waiting[host] >= share or self._total >= self.max_waiting:
            await self._read(DOUBTED_SECONDS)
        if self._waiting[host] >= share:
            raise TooMany("Too much from your server waits here. Send it again later.", _retry_after())
        if self._total >= self.max_waiting:
            raise Unavailable("Too much waits at this server. Send it again later.", _retry_after())

    async def _read(self, older_than_seconds: float) -> None:
        """Count anew what waits, where that was long ago; what comes meanwhile goes by the counts of before."""
        if self._is_reading or self._clock() - self._read_at < older_than_seconds:
            return
        self._is_reading, before = True, self._waiting.copy()
        try:
            counted = Counter(await InboxMessage.count_by_host(2 * self.max_waiting))
        except BaseORMException as error:
            if database.is_away(error):
                raise
            log.warning("waiting messages cannot be counted", error=repr(error))
        else:
            self._waiting = counted + (self._waiting - before)
            self._total = self._waiting.total()
        finally:
            self._is_reading, self._read_at = False, self._clock()

    @asynccontextmanager
    async def verifying(self, key_id: str, address: str, size: int, *, is_known: bool = False) -> AsyncIterator[None]:
        """Hold room for checking a signature by a key that has to be looked for; `size` is that of the body.

        Where there will be no room for the message, its signature need not be checked.

        Raises:
            TooMany: this address has sent too many signatures that do not fit; or as `admit`.
            Unavailable: as `admit`; or too many of this host, of this address, or in all, wait for keys already.
        """
        wait = self._failures.wait(address)
        if wait > 0:
            raise TooMany("Too many of your signatures do not fit. Try again later.", _retry_after(wait))
        host = _claimed_host(key_id)
        await self._check_share(host, self.share)
        holders = () if is_known else ("", f"host {host}", f"address {address}")
        self._check_room(holders, size)
        self._checks.update(holders)
        self._checked_bytes += size if holders else 0
        try:
            yield
        except BadSignature:
            self._failures.take(address)
            raise
        finally:
            self._checks.subtract(holders)
            self._checked_bytes -= size if holders else 0
            for holder in holders:
                if not self._checks[holder]:
                    del self._checks[holder]

    def _check_room(self, holders: tuple[str, ...], size: int) -> None:
        if any(self._checks[holder] >= MAX_CHECKS_OF_ONE for holder in holders[1:]):
            raise Unavailable("Too many of your signatures are being checked. Try again later.", _retry_after())
        if holders and (self._checks[""] >= MAX_CHECKS or self._checked_bytes + size > MAX_CHECKED_BYTES):
            raise Unavailable("Too many signatures are being checked. Try again later.", _retry_after())


def _claimed_host(key_id: str) -> str:
    try:
        return host_of(key_id)
    except MalformedActivity:
        return "?"


def _retry_after(seconds: float = RETRY_AFTER_SECONDS) -> dict[str, str]:
    return {"Retry-After": str(math.ceil(seconds))}
