"""Which of the two signature schemes a host takes: the draft, which nearly all read, or else RFC 9421; and its memory.

A host that refuses one is asked once more with the other, and what it took is tried first from then on. Where both are
refused the signature is not what was wrong, and for a while there is one request again.

Source: https://swicg.github.io/activitypub-http-signature/#how-to-upgrade-supported-versions
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from federation.answers import Answer
from models.host import Host, SignatureScheme

# 401 is the right answer to a signature that does not verify; Lemmy says 400, PeerTube and others behind a proxy 403.
REFUSALS: Final = frozenset({400, 401, 403})
MAX_HOSTS: Final = 10_000
RECALL_AFTER: Final = timedelta(hours=1)
PATIENCE: Final = timedelta(hours=1)

_OTHER: Final = {
    SignatureScheme.CAVAGE: SignatureScheme.RFC9421,
    SignatureScheme.RFC9421: SignatureScheme.CAVAGE,
}


class RequestSigner(Protocol):
    """Whoever can sign a request; returns the headers to send with it."""

    def sign(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        now: datetime,
        content_type: str = ...,
        scheme: SignatureScheme = ...,
    ) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Manners:
    """How one host is greeted: the scheme to try first, and until when there is no second try."""

    scheme: SignatureScheme
    recalled_at: datetime
    refuses_both_until: datetime | None = None


class Knocker:
    """What one process knows of the schemes of other hosts; with `is_kept`, the database knows it for all of them."""

    def __init__(self, *, is_kept: bool = False) -> None:
        self._is_kept = is_kept
        self._known: dict[str, Manners] = {}

    async def knock(self, host: str, now: datetime, send: Callable[[SignatureScheme], Awaitable[Answer]]) -> Answer:
        """Send with the scheme that the host takes, and once more with the other if it is refused.

        Of two refusals the first is the answer, for it is the one that the host meant for us.
        """
        manners = await self._manners(host, now)
        first = await send(manners.scheme)
        if first.status not in REFUSALS or (manners.refuses_both_until or now) > now:
            return first
        second = await send(_OTHER[manners.scheme])
        if second.status in REFUSALS:
            self._remember(host, replace(manners, refuses_both_until=now + PATIENCE))
            return first
        if 200 <= second.status < 300:
            await self._learn(host, _OTHER[manners.scheme], now)
        return second

    async def _manners(self, host: str, now: datetime) -> Manners:
        known = self._known.get(host)
        if known is not None and (not self._is_kept or now - known.recalled_at < RECALL_AFTER):
            return known
        row = await Host.get_or_none(name=host) if self._is_kept else None
        scheme = row and row.signature_scheme
        return self._remember(host, Manners(scheme or SignatureScheme.CAVAGE, now))

    async def _learn(self, host: str, scheme: SignatureScheme, now: datetime) -> None:
        self._remember(host, Manners(scheme, now))
        if self._is_kept:
            await Host.takes(host, scheme, now)

    def _remember(self, host: str, manners: Manners) -> Manners:
        self._known.pop(host, None)
        self._known[host] = manners
        if len(self._known) > MAX_HOSTS:
            del self._known[next(iter(self._known))]
        return manners
