"""Finding sections."""

from models.section import Section


async def main() -> Section | None:
    """Load the section whose page is the front page, its actor too; None before the server is set up."""
    return await Section.filter(is_main=True).select_related("actor").first()


async def of_actor(actor_id: int) -> Section | None:
    """Load the section that this actor is; None for everybody else."""
    return await Section.get_or_none(actor_id=actor_id)
