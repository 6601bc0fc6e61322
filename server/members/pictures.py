"""The pictures of a profile: made anew like those of posts, kept as long as the profile shows them, then gone."""

from typing import Literal

from federation.context import Context
from models.actor import Actor
from models.media import STAYS_UNTIL, Media, small_url
from server.atomically import atomically
from server.errors import Invalid, TooLarge
from server.media.actions import Upload
from server.media.store import MediaStore
from server.members.profiles import send_update

Column = Literal["icon_url", "image_url"]


async def put(actor: Actor, column: Column, upload: Upload, store: MediaStore, ctx: Context) -> None:
    """Show a picture on the profile of an actor of ours in place of the last one, and tell its followers.

    The one that stands for them (`icon_url`) is seen small everywhere, and shown so. Nothing but its pixels is kept.

    Raises:
        Invalid: it is no picture, a damaged one, or one with too many pixels.
        TooLarge: the file is too large.
        Unavailable: there is no room.
    """
    if upload.is_film:
        raise Invalid("A profile shows pictures, but no film.")
    if upload.size_bytes > store.max_bytes:
        raise TooLarge("This file is too large. Make the picture smaller first.")
    async with store.made_anew(upload.file) as made:
        media = await Media.create(
            url=ctx.names.media(made.name),
            owner_id=actor.id,
            media_type=made.media_type,
            size_bytes=made.size_bytes,
            width=made.width,
            height=made.height,
            blurhash=made.blurhash,
            created_at=ctx.now(),
            expires_at=STAYS_UNTIL,
        )
        await store.put_in_place(made)  # a file without a row would never go
    await _show(actor, column, small_url(media.url) if column == "icon_url" else media.url, ctx)


async def remove(actor: Actor, column: Column, ctx: Context) -> None:
    """Take a picture off the profile of an actor of ours and tell its followers; where there is none nobody is told."""
    if getattr(actor, column) is not None:
        await _show(actor, column, None, ctx)


async def _show(actor: Actor, column: Column, url: str | None, ctx: Context) -> None:
    async with atomically(ctx) as whole:
        await actor.update_from_dict({column: url}).save(update_fields=[column])
        await send_update(actor, whole)
        kept = Media.filter(owner_id=actor.id, expires_at=STAYS_UNTIL)
        shown = {actor.icon_url, actor.image_url}
        gone = [media.id for media in await kept if not shown & {media.url, small_url(media.url)}]
        if gone:
            await Media.filter(id__in=gone).update(expires_at=ctx.now())
