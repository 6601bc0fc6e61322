"""What a member does with pictures before a post shows them: bring them, describe them, take them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from federation.context import Context
from models.actor import Actor
from models.media import WAITS_FOR, Media, MediaState
from models.post import Post
from models.scheduled import ScheduledPost
from server.errors import Invalid, TooLarge, TooMany
from server.media.store import MediaStore

MAX_OF_A_POST = 4
MAX_WAITING = 40
MAX_DESCRIPTION_CHARACTERS = 1500

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: what it says it is, how large it is, and what it holds."""

    media_type: str
    size_bytes: int
    file: BinaryIO

    @property
    def is_film(self) -> bool:
        """Whether it says that it is a film or a sound."""
        return self.media_type.startswith(("audio/", "video/"))


async def take(owner: Actor, upload: Upload, store: MediaStore, ctx: Context, *, may_loop: bool = False) -> Media:
    """Keep a picture until a post shows it, for a day at most. Nothing but its pixels is kept.

    One that moves becomes a silent film, if it `may_loop` and ffmpeg is installed; the cover of an event may not.

    Raises:
        Invalid: it is no picture, a damaged one, or one with too many pixels.
        TooLarge: the file is too large.
        TooMany: too many wait already.
        Unavailable: there is no room.
    """
    if upload.is_film:
        raise Invalid("Choose a picture: films and sounds are brought with an app.")
    if upload.size_bytes > store.max_bytes:
        raise TooLarge("This file is too large. Make the picture smaller first.")
    await check_waiting(owner)
    async with store.made_anew(upload.file, may_loop=may_loop) as made:
        media = await Media.create(
            url=ctx.names.media(made.name),
            owner_id=owner.id,
            media_type=made.media_type,
            size_bytes=made.size_bytes,
            width=made.width,
            height=made.height,
            duration_ms=made.duration_ms,
            frame_rate=made.frame_rate,
            loops=made.loops,
            blurhash=made.blurhash,
            created_at=ctx.now(),
            expires_at=ctx.now() + WAITS_FOR,
        )
        await store.put_in_place(made)  # a file without a row would never go
    return media


async def check_waiting(owner: Actor) -> None:
    """Refuse more files of somebody who brought many that no post shows.

    Raises:
        TooMany: they have.
    """
    waiting = Media.filter(owner_id=owner.id, post_id=None, scheduled_id=None, series_id=None, is_leaving=False)
    if await waiting.count() >= MAX_WAITING:
        raise TooMany("You have brought many pictures that no post shows. Publish them, or wait until tomorrow.")


def describe(media: Media, description: str | None = None, focus: Point | None = None) -> Media:
    """Change what is said of a picture, not saved yet: its text, and the point that matters most (-1 to 1 each way).

    Raises:
        Invalid: the text is too long.
    """
    if description is not None:
        media.description = "\n".join(" ".join(line.split()) for line in description.splitlines()).strip()
        if len(media.description) > MAX_DESCRIPTION_CHARACTERS:
            raise Invalid("The description of a picture may have 1,500 characters at most.")
    if focus is not None:
        media.focal_x, media.focal_y = focus
    return media


async def keep_words(pictures: Sequence[Media]) -> None:
    """Save what is said of these pictures."""
    for media in pictures:
        await media.save(update_fields=["description", "focal_x", "focal_y"])


async def drop(media: Media, ctx: Context) -> None:
    """Take back a picture that no post shows; its files go in a moment."""
    await Media.filter(id=media.id, post_id=None, series_id=None).update(expires_at=ctx.now())


def check(author: Actor, pictures: Sequence[Media], post: Post | None = None) -> None:
    """Refuse pictures that a post of this author cannot show; `post` is what is edited.

    Raises:
        Invalid: there are too many, or one of them is another's, is shown elsewhere, or is there twice.
    """
    if len(pictures) > MAX_OF_A_POST:
        raise Invalid("A post may show four pictures at most.")
    free = {None} if post is None else {None, post.id}
    if any(media.state is not MediaState.READY for media in pictures):
        raise Invalid("This film is still being made ready. Try again in a moment.")
    own = (media for media in pictures if media.owner_id == author.id and media.series_id is None)
    ids = {media.id for media in own if media.post_id in free}
    if len(ids) < len(pictures):
        raise Invalid("One of these pictures is no longer there, or stands in another post.")


async def bind(pictures: Sequence[Media], scheduled: ScheduledPost) -> None:
    """Keep pictures for a post that is to be published later, and for no other, with what is said of them now.

    Raises:
        Invalid: one of them has gone to another post meanwhile.
    """
    if not pictures:
        return
    await keep_words(pictures)
    free = Media.filter(id__in=[media.id for media in pictures], post_id=None, scheduled_id=None, is_leaving=False)
    if await free.update(scheduled_id=scheduled.id) < len(pictures):
        raise Invalid("One of these pictures is no longer there, or stands in another post.")


async def unbind(scheduled: ScheduledPost, ctx: Context) -> None:
    """Let the pictures of a post that will not be published wait for another, as if just brought."""
    await Media.filter(scheduled_id=scheduled.id).update(scheduled_id=None, expires_at=ctx.now() + WAITS_FOR)


async def withdraw(post: Post, ctx: Context) -> None:
    """Let the pictures of a post that is being deleted wait for another, seen by nobody meanwhile."""
    await Media.withdraw(post, ctx.now() + WAITS_FOR)
