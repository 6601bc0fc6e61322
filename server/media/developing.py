"""Taking films and sounds: looked at while whoever brings one waits, made anew in the background for as long as it takes."""

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

import structlog

from federation.context import Context
from models.actor import Actor
from models.media import WAITS_FOR, Media, MediaState
from server.errors import AppError, Invalid, TooLarge
from server.media.actions import Upload, check_waiting
from server.media.films import Film, picture_of
from server.media.making import Made
from server.media.names import new_name
from server.media.store import MediaStore

READY_IN_SECONDS = 15.0
GIVEN_UP_AFTER = timedelta(minutes=30)

log = structlog.get_logger()


async def take_film(
    owner: Actor,
    upload: Upload,
    store: MediaStore,
    ctx: Context,
    *,
    thumbnail: Upload | None = None,
    waits: bool = False,
) -> Media:
    """Keep a film or a sound until a post shows it, for a day at most; `thumbnail` is the picture shown before it plays.

    It is READY if that takes a moment, or if it `waits`; else MAKING.

    Raises:
        Invalid: it is neither, is damaged, or lasts too long; or this server takes none.
        TooLarge: the file is too large.
        TooMany: too many wait already.
        Unavailable: there is no room.
    """
    if not store.takes_films:
        raise Invalid("This server takes pictures, but no sound and no film.")
    if upload.size_bytes > store.max_film_bytes or (thumbnail and thumbnail.size_bytes > store.max_bytes):
        raise TooLarge("This file is too large. Make the film shorter or smaller first.")
    await check_waiting(owner)
    film = await store.films.look(upload.file)
    media = await Media.create(
        url=ctx.names.media(new_name(film.suffix)),
        owner_id=owner.id,
        state=MediaState.MAKING,
        media_type=f"{film.kind}/mp4",
        size_bytes=upload.size_bytes,
        width=film.width,
        height=film.height,
        blurhash="",
        created_at=ctx.now(),
        expires_at=ctx.now() + WAITS_FOR,
    )
    shown = _copy_of(thumbnail.file) if thumbnail is not None and film.kind == "video" else None
    work = store.films.begin(_develop(media, film, _copy_of(upload.file), shown, store))
    await asyncio.wait([work], timeout=None if waits else READY_IN_SECONDS)
    return await Media.get(id=media.id)


def _copy_of(file: BinaryIO) -> BinaryIO:
    """Open a file once more: the request that brought it may end before it is read."""
    return os.fdopen(os.dup(file.fileno()), "rb")


async def _develop(media: Media, film: Film, source: BinaryIO, thumbnail: BinaryIO | None, store: MediaStore) -> None:
    try:
        async with store.room() as folder:
            made = await store.films.make(source, film, folder, media.name)
            if thumbnail is not None:
                made = replace(made, blurhash=(await picture_of(thumbnail, folder)).blurhash)
            await store.put_in_place(made)
            await _settle(media, made, store)
    except AppError as refused:
        log.info("film cannot be made", id=media.id, why=refused.message)
        await Media.filter(id=media.id).update(state=MediaState.FAILED)
    finally:
        source.close()
        if thumbnail is not None:
            thumbnail.close()


async def _settle(media: Media, made: Made, store: MediaStore) -> None:
    """Write down that a film is ready; one that was taken back meanwhile goes."""
    said = {
        "size_bytes": made.size_bytes,
        "width": made.width,
        "height": made.height,
        "duration_ms": made.duration_ms,
        "frame_rate": made.frame_rate,
        "loops": made.loops,
        "blurhash": made.blurhash,
    }
    if not await Media.filter(id=media.id, is_leaving=False).update(state=MediaState.READY, **said):
        await _drop_files(media, store)


async def _drop_files(media: Media, store: MediaStore) -> None:
    try:
        await store.remove(media.name)
    except OSError as error:
        log.warning("files cannot be removed", id=media.id, error=str(error))


async def set_thumbnail(media: Media, thumbnail: Upload, store: MediaStore) -> None:
    """Give a film that no post shows yet another picture to be shown before it plays.

    Raises:
        Invalid: it is no film, or the other is no picture.
        TooLarge: the picture is too large.
        Unavailable: it cannot be kept.
    """
    if not media.media_type.startswith("video/") or media.state is not MediaState.READY:
        raise Invalid("Only a film that is ready has a picture to be shown before it plays.")
    if thumbnail.size_bytes > store.max_bytes:
        raise TooLarge("This file is too large. Make the picture smaller first.")
    async with store.made_anew(thumbnail.file) as made:
        await store.put_small(media.name, made)
    await Media.filter(id=media.id).update(blurhash=made.blurhash)


def is_given_up(media: Media, ctx: Context) -> bool:
    """Whether a film will never be ready: it cannot be made, or the process that made it has ended."""
    is_late = media.state is MediaState.MAKING and media.created_at < ctx.now() - GIVEN_UP_AFTER
    return is_late or media.state is MediaState.FAILED
