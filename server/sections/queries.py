"""Finding sections."""

from models.actor import Actor
from models.section import Section


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
