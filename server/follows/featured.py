"""Whom a member recommends: actors that they follow, put in front for others.   Source: Mastodon's endorsements

A person who is recommended did not ask for it, and whom somebody knows is nobody's business: others are shown sections and
groups alone.
"""

from collections.abc import Sequence

from federation.facts import FollowEnded
from models.actor import Actor, ActorType, in_sight
from models.featured import FeaturedActor
from models.follow import Follow, FollowState
from models.paging import page_of
from server.errors import Invalid

MAX_FEATURED = 100


async def recommend(actor: Actor, other: Actor) -> None:
    """Recommend an actor; a second time changes nothing.

    Raises:
        Invalid: one does not follow it, or recommends enough already.
    """
    if await FeaturedActor.exists(actor_id=actor.id, featured_id=other.id):
        return
    if not await Follow.exists(follower_id=actor.id, followed_id=other.id, state=FollowState.ACCEPTED):
        raise Invalid("Only whom you follow can be shown on your profile.")
    if await FeaturedActor.filter(actor_id=actor.id).count() >= MAX_FEATURED:
        raise Invalid(f"No more than {MAX_FEATURED} accounts can be shown on your profile.")
    await FeaturedActor.get_or_create(actor_id=actor.id, featured_id=other.id)


async def recommend_no_longer(actor: Actor, other: Actor) -> None:
    """Take an actor out again; if it is not in, nothing changes."""
    await FeaturedActor.filter(actor_id=actor.id, featured_id=other.id).delete()


async def recommended(
    actor: Actor, viewer: Actor | None, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, Actor]]:
    """Load whom an actor recommends, the last one first: (id of the row, actor). Others are shown sections and groups."""
    rows = FeaturedActor.filter(actor_id=actor.id, featured__gone_at=None, **in_sight("featured__"))
    if viewer is None or viewer.id != actor.id:
        rows = rows.filter(featured__type=ActorType.GROUP, featured__is_discoverable=True)
    found = await page_of(rows.select_related("featured"), limit=limit, max_id=max_id, min_id=min_id)
    return [(row.id, row.featured) for row in found]


async def on_follow_ended(facts: Sequence[FollowEnded]) -> None:
    """Recommend nobody whom one no longer follows."""
    for fact in facts:
        if fact.follower.is_local:
            await FeaturedActor.filter(actor_id=fact.follower.id, featured_id=fact.followed.id).delete()
