"""Reading the filters of a member."""

from collections.abc import Sequence

from models.actor import Actor
from models.filters import Filter, FilterKeyword, FilterPost
from server.errors import NotFound
from server.filters.matching import ActiveFilter


async def active(owner: Actor, post_ids: Sequence[int]) -> list[ActiveFilter]:
    """Load the filters of a member that are not over, with those of these posts that they name; one query if none is."""
    return (await active_of([owner.id], post_ids)).get(owner.id, [])


async def active_of(owner_ids: Sequence[int], post_ids: Sequence[int]) -> dict[int, list[ActiveFilter]]:
    """Load the same of many members, by the owner's id; those who have none are left out."""
    rows = await Filter.active(owner_ids) if owner_ids else []
    found: dict[int, list[ActiveFilter]] = {}
    for one in await _filled(rows, post_ids) if rows else []:
        found.setdefault(one.row.owner_id, []).append(one)
    return found


async def all_of(owner: Actor) -> list[ActiveFilter]:
    """Load all filters of a member, the oldest first."""
    rows = await Filter.filter(owner_id=owner.id).order_by("id")
    return await _filled(rows, None) if rows else []


async def one(owner: Actor, id_: int) -> ActiveFilter:
    """Load a filter of a member.

    Raises:
        NotFound: there is none, or it is another's.
    """
    if (row := await Filter.get_or_none(id=id_, owner_id=owner.id)) is None:
        raise NotFound("You have no such filter.")
    return (await _filled([row], None))[0]


async def keywords(owner: Actor, *, filter_id: int | None = None) -> list[FilterKeyword]:
    """Load the keywords of all filters of a member, or of one, their filters loaded, the oldest first."""
    rows = FilterKeyword.filter(part_of__owner_id=owner.id).select_related("part_of").order_by("id")
    return await (rows if filter_id is None else rows.filter(part_of_id=filter_id))


async def keyword(owner: Actor, id_: int) -> FilterKeyword:
    """Load a keyword of a member's filter, its filter loaded.

    Raises:
        NotFound: there is none, or it is another's.
    """
    row = await FilterKeyword.get_or_none(id=id_, part_of__owner_id=owner.id).select_related("part_of")
    if row is None:
        raise NotFound("You have no such keyword.")
    return row


async def post(owner: Actor, id_: int) -> FilterPost:
    """Load the row by which a member's filter names a post.

    Raises:
        NotFound: there is none, or it is another's.
    """
    if (row := await FilterPost.get_or_none(id=id_, part_of__owner_id=owner.id)) is None:
        raise NotFound("None of your filters has this.")
    return row


async def _filled(rows: Sequence[Filter], post_ids: Sequence[int] | None) -> list[ActiveFilter]:
    """Load the keywords of filters, and their posts: all, or those among some."""
    filters = {row.id: ActiveFilter(row) for row in rows}
    for keyword in await FilterKeyword.of(list(filters)):
        filters[keyword.part_of_id].keywords.append(keyword)
    named = FilterPost.filter(part_of_id__in=list(filters))
    if post_ids is not None:
        named = named.filter(post_id__in=list(post_ids))
    for item in await named.order_by("id"):
        filters[item.part_of_id].posts.append(item)
    return list(filters.values())
