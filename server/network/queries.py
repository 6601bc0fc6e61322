"""Which sections are the network of this server: said here, and nowhere else."""

from models import network
from models.actor import Actor, in_sight
from models.paging import page_of


async def sections_of_network() -> list[int]:
    """Name the sections of the network, the oldest first.

    They are those of this server, the groups that these follow, and those with which these organise events: what a section
    itself said, for all its members. Whom a member follows says nothing of the network.
    """
    return await network.bound_to_ours()


async def shown(*, limit: int | None, max_id: int | None = None, min_id: int | None = None) -> list[Actor]:
    """Load the sections of the network that are in sight, the newest first; without a limit, all."""
    rows = Actor.filter(id__in=await sections_of_network(), **in_sight())
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
