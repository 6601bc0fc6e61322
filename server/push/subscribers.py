"""Whether any client wants to be pushed to: asked with every batch of activities, so the answer is kept for a moment."""

from models.push import PushSubscription
from server.ttl_cache import TtlCache

TTL_SECONDS = 10.0

_KEPT: TtlCache[str, bool] = TtlCache(TTL_SECONDS, 1)


async def has_subscribers() -> bool:
    """Whether there is one; a new one may go unnoticed for TTL_SECONDS, and the periodic look finds what it is owed."""
    if (known := _KEPT.get("any")) is None:
        known = _KEPT.keep("any", await PushSubscription.exists())
    return known
