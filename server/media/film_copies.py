"""Fetching films and sounds of other servers when somebody first plays one, and keeping them as they came.

Making each anew would cost minutes of a small machine. They are given to players alone, under a type that is read out of
their first bytes, and are never shown by themselves; where ffmpeg is installed, it has looked at all of it, and takes out a
picture. What is too large or is none is on its own server alone.   Source: docs/decisions/0033
"""

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from federation.context import Context
from federation.errors import RemoteUnavailable
from models.media_copy import MediaCopy, film_key
from server.errors import Invalid, NotFound
from server.media.copies import Copies, check_host
from server.media.films import Film, picture_of
from server.media.making import Made, sizes_in
from server.media.names import new_name
from server.media.sniffing import HEAD_BYTES, suffix_of
from server.media.store import MediaStore

FILMS_AT_ONCE = 2
FILMS_AT_ONCE_OF_A_HOST = 1
FETCH_SECONDS = 120.0
ACCEPT = "video/mp4,video/webm,audio/mpeg,audio/ogg,video/*;q=0.9,audio/*;q=0.9"


class FilmCopies(Copies):
    """The films and sounds of other servers, as one process fetches and finds them."""

    key_of = staticmethod(film_key)

    def __init__(self, store: MediaStore) -> None:
        super().__init__(store, FILMS_AT_ONCE, FILMS_AT_ONCE_OF_A_HOST)

    async def find_small(self, url: str) -> MediaCopy:
        """Give the copy of a film of which there is a picture; for a picture alone, none is fetched.

        Raises:
            NotFound: there is none.
        """
        row = await MediaCopy.of(film_key(url))
        if row is None or not row.is_there or not row.has_small:
            raise NotFound("There is no such picture.")
        await check_host(url)
        return row

    async def _make(self, url: str, ctx: Context) -> MediaCopy:
        """Fetch a film or a sound, look at it and keep it.

        Raises:
            FederationError: it cannot be had.
            Invalid: it is none.
            Unavailable: there is no room.
        """
        async with self.store.room() as folder:
            with (folder / "whole").open("w+b") as file:
                terms = {"accept": ACCEPT, "max_body_bytes": self.store.max_copied_film_bytes, "seconds": FETCH_SECONDS}
                await self._download(url, file, ctx, **terms)
                await asyncio.to_thread(_settle, file)
                made = await self._look(file, folder)
            await self.store.put_in_place(made)
        known = {
            "has_small": made.has_small,
            "loops": made.loops,
            "duration_ms": made.duration_ms,
            "frame_rate": made.frame_rate,
        }
        return await MediaCopy.keep(film_key(url), made.name, made.total_bytes, ctx.now(), **known)

    async def _look(self, file: BinaryIO, folder: Path) -> Made:
        """Find out what a file is.

        Raises:
            Invalid: it is neither film nor sound.
        """
        file.seek(0)
        if (suffix := suffix_of(file.read(HEAD_BYTES))) is None:
            raise Invalid("This is neither a film nor a sound.")
        if not self.store.films.is_there:
            return Made(folder, new_name(suffix), 0, 0, "", *sizes_in(folder), has_small=False)
        async with self._making:
            film = await self.store.films.view(file, folder)
            has_small = await _take_picture(film, folder)
        name = new_name("m4a" if suffix == "mp4" and film.kind == "audio" else suffix)
        return Made(
            folder, name, film.width, film.height, "", *sizes_in(folder), has_small=has_small,
            duration_ms=film.duration_ms, frame_rate=film.frame_rate or None, loops=film.loops(film.duration_ms),
        )  # fmt: skip

    async def _miss(self, url: str, error: Exception, now: datetime) -> MediaCopy:
        """Write down that there is none; a server that was away may have it another time."""
        return await MediaCopy.miss(film_key(url), now, is_elsewhere=not isinstance(error, RemoteUnavailable))


def _settle(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


async def _take_picture(film: Film, folder: Path) -> bool:
    """Make the small picture of a film, where one could be taken out of it."""
    if film.kind != "video" or not (folder / "still").exists():
        return False
    try:
        with (folder / "still").open("rb") as still:
            await picture_of(still, folder)
    except Invalid:
        return False
    return True
