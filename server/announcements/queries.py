"""Reading announcements, with what a member did with them, in a number of queries that does not grow with theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.actor import Actor
from models.announcement import Announcement, AnnouncementReaction, AnnouncementRead
from server.errors import NotFound


@dataclass(slots=True)
class Reaction:
    """How many answered with one emoji, and whether the reader did."""

    emoji: str
    total: int = 0
    is_mine: bool = False


@dataclass(slots=True)
class AnnouncementView:
    """An announcement as a member sees it; `is_read`: they have put it away."""

    row: Announcement
    is_read: bool = False
    reactions: list[Reaction] = field(default_factory=list)


async def all_of() -> list[Announcement]:
    """Load all announcements, the newest first, those of the past and the future too."""
    return await Announcement.all().order_by("-id")


async def shown(reader: Actor, now: datetime) -> list[AnnouncementView]:
    """Load what is announced now, the newest first."""
    found = [AnnouncementView(row) for row in await _now(now).order_by("-id")]
    ids = [view.row.id for view in found]
    read = AnnouncementRead.filter(actor_id=reader.id, announcement_id__in=ids)
    read_ids = set(await read.values_list("announcement_id", flat=True)) if ids else set()
    for view in found:
        view.is_read = view.row.id in read_ids
    await _add_reactions(found, reader)
    return found


async def one(id_: int, now: datetime) -> Announcement:
    """Load an announcement that is shown now.

    Raises:
        NotFound: there is none.
    """
    if (row := await _now(now).filter(id=id_).first()) is None:
        raise NotFound("There is no such announcement.")
    return row


def _now(now: datetime) -> QuerySet[Announcement]:
    begun = Q(starts_at=None) | Q(starts_at__lte=now)
    return Announcement.filter(begun, Q(ends_at=None) | Q(ends_at__gt=now))


async def _add_reactions(found: Sequence[AnnouncementView], reader: Actor) -> None:
    by_id = {view.row.id: view for view in found}
    given = AnnouncementReaction.filter(announcement_id__in=list(by_id)).order_by("id")
    for row in await given if by_id else []:
        view = by_id[row.announcement_id]
        total = next((one for one in view.reactions if one.emoji == row.emoji), None)
        if total is None:
            view.reactions.append(total := Reaction(row.emoji))
        total.total += 1
        total.is_mine = total.is_mine or row.actor_id == reader.id
