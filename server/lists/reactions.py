"""What facts do to lists."""

from collections.abc import Sequence

from federation.facts import FollowEnded
from models.lists import Listed


async def on_follow_ended(facts: Sequence[FollowEnded]) -> None:
    """Take out of a member's lists whom they no longer follow."""
    for fact in facts:
        if fact.follower.is_local:
            await Listed.filter(list__owner_id=fact.follower.id, actor_id=fact.followed.id).delete()
