"""What a member does with lists: make, change, delete them, and say who is in them. Nobody else is told."""

from collections.abc import Sequence
from dataclasses import dataclass

from tortoise.transactions import in_transaction

from models.actor import Actor
from models.follow import Follow, FollowState
from models.lists import Listed, ReadingList, RepliesPolicy
from server.errors import Invalid, NotFound

MAX_LISTS = 50
MAX_LISTED = 500
MAX_TITLE_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Terms:
    """How a list is to be."""

    title: str
    replies_policy: RepliesPolicy = RepliesPolicy.LISTED
    is_exclusive: bool = False


async def make(owner: Actor, terms: Terms) -> ReadingList:
    """Make an empty list.

    Raises:
        Invalid: its title is empty or too long, or there are enough lists.
    """
    _check(terms)
    if await ReadingList.filter(owner_id=owner.id).count() >= MAX_LISTS:
        raise Invalid("No more than 50 lists can be made.")
    return await ReadingList.create(
        owner=owner, title=terms.title, replies_policy=terms.replies_policy, is_exclusive=terms.is_exclusive
    )


async def change(row: ReadingList, terms: Terms) -> None:
    """Have a list be otherwise.

    Raises:
        Invalid: its title is empty or too long.
    """
    _check(terms)
    row.title, row.replies_policy, row.is_exclusive = terms.title, terms.replies_policy, terms.is_exclusive
    await row.save(update_fields=["title", "replies_policy", "is_exclusive"])


def _check(terms: Terms) -> None:
    if not 0 < len(terms.title.strip()) <= MAX_TITLE_CHARACTERS:
        raise Invalid("The title of a list has between 1 and 255 characters.")


async def add(row: ReadingList, actor_ids: Sequence[int]) -> None:
    """Put actors in a list whom its owner follows, or the owner; those who are in it stay.

    Raises:
        NotFound: one of them is none of these; nobody is put there then.
        Invalid: that would be too many.
    """
    wanted = set(actor_ids)
    followed = Follow.filter(follower_id=row.owner_id, followed_id__in=list(wanted), state=FollowState.ACCEPTED)
    known = {int(str(id_)) for id_ in await followed.values_list("followed_id", flat=True)} if wanted else set()
    if wanted - known - {row.owner_id}:
        raise NotFound("Only whom you follow can be put in a list.")
    async with in_transaction():
        there = {int(str(id_)) for id_ in await Listed.filter(list_id=row.id).values_list("actor_id", flat=True)}
        missing = sorted(wanted - there)
        if len(there) + len(missing) > MAX_LISTED:
            raise Invalid("No more than 500 can be in a list.")
        rows = [Listed(list_id=row.id, actor_id=id_) for id_ in missing]
        await Listed.bulk_create(rows, ignore_conflicts=True)


async def take_out(row: ReadingList, actor_ids: Sequence[int]) -> None:
    """Take actors out of a list; whoever is not in it changes nothing."""
    if actor_ids:
        await Listed.filter(list_id=row.id, actor_id__in=list(actor_ids)).delete()
