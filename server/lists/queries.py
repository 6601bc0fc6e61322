"""Reading the lists of a member."""

from models.actor import Actor, in_sight
from models.lists import Listed, ReadingList
from models.paging import page_of
from server.errors import NotFound


async def all_of(owner: Actor) -> list[ReadingList]:
    """Load the lists of a member, the oldest first."""
    return await ReadingList.filter(owner_id=owner.id).order_by("id")


async def one(owner: Actor, id_: int) -> ReadingList:
    """Load a list of a member.

    Raises:
        NotFound: there is none, or it is another's.
    """
    if (row := await ReadingList.get_or_none(id=id_, owner_id=owner.id)) is None:
        raise NotFound("You have no such list.")
    return row


async def with_actor(owner: Actor, actor: Actor) -> list[ReadingList]:
    """Load the lists of a member in which an actor is, the oldest first."""
    return await ReadingList.filter(owner_id=owner.id, listed__actor_id=actor.id).order_by("id")


async def listed(row: ReadingList, *, limit: int | None, max_id: int | None, min_id: int | None) -> list[Listed]:
    """Load who is in a list, `actor` loaded, the last one put there first; without a limit, all."""
    rows = Listed.filter(list_id=row.id, actor__gone_at=None, **in_sight("actor__")).select_related("actor")
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)
