"""What is done with announcements: written and taken away from the command line, put away and answered by members."""

from datetime import datetime

from federation import emoji
from federation.context import Context
from models.actor import Actor
from models.announcement import Announcement, AnnouncementReaction, AnnouncementRead
from server.errors import Invalid, NotFound

MAX_CHARACTERS = 2000
MAX_ANNOUNCEMENTS = 20
MAX_EMOJIS = 20


async def write(text: str, starts_at: datetime | None, ends_at: datetime | None, ctx: Context) -> Announcement:
    """Say something to all members.

    Raises:
        Invalid: it says nothing, or too much, or ends before it begins; or there are enough.
    """
    if await Announcement.all().count() >= MAX_ANNOUNCEMENTS:
        raise Invalid(f"{MAX_ANNOUNCEMENTS} announcements are enough: remove one first.")
    if ends_at is not None and ends_at <= (starts_at or ctx.now()):
        raise Invalid("An announcement ends after it begins.")
    now = ctx.now()
    return await Announcement.create(
        text=_checked(text), starts_at=starts_at, ends_at=ends_at, created_at=now, updated_at=now
    )  # fmt: skip


async def change(id_: int, text: str, ctx: Context) -> None:
    """Say it otherwise; whoever has put it away is not bothered again.

    Raises:
        Invalid: it says nothing, or too much.
        NotFound: there is no such announcement.
    """
    if not await Announcement.filter(id=id_).update(text=_checked(text), updated_at=ctx.now()):
        raise _missing()


async def remove(id_: int) -> None:
    """Take an announcement away.

    Raises:
        NotFound: there is none.
    """
    if not await Announcement.filter(id=id_).delete():
        raise _missing()


async def put_away(row: Announcement, actor: Actor) -> None:
    """Have a member not see an announcement as new again; a second time changes nothing."""
    await AnnouncementRead.get_or_create(announcement_id=row.id, actor_id=actor.id)


async def react(row: Announcement, actor: Actor, typed: str) -> None:
    """Answer an announcement with an emoji; a second time changes nothing.

    Raises:
        Invalid: it is no emoji of Unicode's, or the announcement has been answered with too many.
    """
    text = _emoji(typed)
    rows = AnnouncementReaction.filter(announcement_id=row.id)
    if not await rows.filter(emoji=text).exists():
        known = await rows.distinct().values_list("emoji", flat=True)
        if len(known) >= MAX_EMOJIS:
            raise Invalid(f"An announcement has {MAX_EMOJIS} emojis at most: choose one of them.")
    await AnnouncementReaction.get_or_create(announcement_id=row.id, actor_id=actor.id, emoji=text)


async def unreact(row: Announcement, actor: Actor, typed: str) -> None:
    """Take an emoji back; without it nothing changes.

    Raises:
        Invalid: it is no emoji of Unicode's.
    """
    text = _emoji(typed)
    await AnnouncementReaction.filter(announcement_id=row.id, actor_id=actor.id, emoji=text).delete()


def _emoji(typed: str) -> str:
    if not emoji.is_unicode(typed):
        raise Invalid("This is not an emoji that can be given here.")
    return emoji.one_spelling(typed)


def _checked(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= MAX_CHARACTERS:
        raise Invalid(f"An announcement has between 1 and {MAX_CHARACTERS} characters.")
    return text


def _missing() -> NotFound:
    return NotFound("There is no such announcement.")
