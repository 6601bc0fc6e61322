"""What two servers compare to learn whether they agree who follows whom: a digest of the followers that live on one.

Source: FEP-8fcf
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from federation.activities import parse
from federation.jsonld import is_uri, load
from models.delivery import Delivery
from models.follow import Follow

HEADER = "collection-synchronization"
MAX_HEADER_CHARACTERS = 8192
DIGEST_LIFETIME = timedelta(seconds=5)

_PARAMETER = re.compile(r'[ \t]*([A-Za-z]+)[ \t]*=[ \t]*"([^"\\]*)"[ \t]*(?:,|\Z)')
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a Collection-Synchronization header says: of which followers, where they are listed, and their digest."""

    collection_uri: str
    url: str
    digest: str

    def written(self) -> str:
        """Write the header."""
        return f'collectionId="{self.collection_uri}", url="{self.url}", digest="{self.digest}"'


def read_claim(header: str) -> Claim | None:
    """Read the header; None where it cannot be read, for then it is to be ignored. Unknown parameters are harmless."""
    if len(header) > MAX_HEADER_CHARACTERS:
        return None
    parameters: dict[str, str] = {}
    position = 0
    while position < len(header):
        match = _PARAMETER.match(header, position)
        if match is None or match[1] in parameters:
            return None
        parameters[match[1]] = match[2]
        position = match.end()
    collection_uri, url = parameters.get("collectionId"), parameters.get("url")
    digest = parameters.get("digest", "").lower()
    if not is_uri(collection_uri) or not is_uri(url) or not _DIGEST.fullmatch(digest):
        return None
    return Claim(collection_uri, url, digest)


def digest_of(uris: Iterable[str]) -> str:
    """Fold the SHA-256 of each uri into one, in hexadecimal: the same in whatever order they come."""
    folded = 0
    for uri in uris:
        folded ^= int.from_bytes(hashlib.sha256(uri.encode()).digest(), "big")
    return f"{folded:064x}"


class Digests:
    """The headers of deliveries to followers, kept for a moment: many in a row go from one sender to one host.

    One that is a little old does no harm: whoever finds that it does not fit asks for the list, which is never old.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, str], tuple[datetime, dict[str, str]]] = {}

    async def headers_for(self, row: Delivery, sender_uri: str, now: datetime) -> dict[str, str]:
        """Make the header of a delivery to the followers of `sender_uri`: which of them live on that host.

        There is none where the activity is not for the followers, or where none lives there.
        """
        if not _is_for(f"{sender_uri}/followers", row.activity.document):
            return {}
        made_at, headers = self._made.get((row.sender_id, row.host), (None, {}))
        if made_at is None or now - made_at > DIGEST_LIFETIME:
            headers = await _written(row, sender_uri)
            self._made[row.sender_id, row.host] = (now, headers)
        return headers


@lru_cache(maxsize=256)
def _is_for(followers_uri: str, document: str) -> bool:
    """Whether an activity is addressed to these followers."""
    if followers_uri not in document:
        return False
    activity = parse(load(document))
    return followers_uri in (*activity.to, *activity.cc)


async def _written(row: Delivery, sender_uri: str) -> dict[str, str]:
    uris = await Follow.follower_uris_at(row.sender_id, row.host)
    if not uris:
        return {}
    return {HEADER: Claim(f"{sender_uri}/followers", partial_uri(sender_uri), digest_of(uris)).written()}


def partial_uri(actor_uri: str) -> str:
    """Name the collection of those followers of an actor of ours that live on the server that asks."""
    return f"{actor_uri}/followers_synchronization"
