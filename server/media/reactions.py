"""What follows when somebody is gone: their pictures go too, those that no post shows yet among them."""

from collections.abc import Sequence

from tortoise.expressions import F

from federation.facts import ActorGone
from models.media import Media


async def on_gone(facts: Sequence[ActorGone]) -> None:
    """Let the pictures of whoever is gone go at once; what their posts showed goes with these."""
    if ids := [fact.actor.id for fact in facts if fact.actor.is_local]:
        await Media.filter(owner_id__in=ids).update(expires_at=F("created_at"), scheduled_id=None, description="")
