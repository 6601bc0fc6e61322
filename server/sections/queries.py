"""Finding sections."""

from tortoise.expressions import Subquery

from models.actor import Actor, ActorType, in_sight
from models.follow import Follow
from models.moderation import Block
from models.section import Section
from server.posts.queries import blockers_of


async def main() -> Section | None:
    """Load the section whose page is the front page, its actor too; None before the server is set up."""
    return await Section.filter(is_main=True).select_related("actor").first()


async def of_actor(actor_id: int) -> Section | None:
    """Load the section that this actor is; None for everybody else."""
    return await Section.get_or_none(actor_id=actor_id)


async def listed(*, limit: int, offset: int = 0, are_newest_first: bool = False) -> list[Actor]:
    """Load the sections of this server that may be found: those that published last first, or those that were made last."""
    rows = await Section.filter(actor__gone_at=None, actor__is_discoverable=True).select_related("actor")
    found = sorted((row.actor for row in rows), key=lambda actor: -actor.id)
    if not are_newest_first:
        found.sort(key=lambda actor: actor.last_post_at or actor.published_at, reverse=True)
    return found[offset : offset + limit]


async def to_follow(viewer: Actor, *, limit: int) -> list[Actor]:
    """Load sections that the viewer does not follow yet: those here first, then those that publish most."""
    followed = Subquery(Follow.filter(follower_id=viewer.id).values("followed_id"))
    apart = Subquery(Block.filter(blocker_id=viewer.id).values("blocked_id"))
    rows = Actor.filter(
        type=ActorType.GROUP, gone_at=None, is_discoverable=True, is_silenced=False, moved_to_uri=None, **in_sight()
    )
    rows = rows.exclude(id__in=followed).exclude(id__in=apart).exclude(id__in=blockers_of(viewer))
    return await rows.order_by("-is_local", "-posts_count", "id").limit(limit)
