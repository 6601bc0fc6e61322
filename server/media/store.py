"""The files of a server: made anew in a folder apart by programs apart, then kept where they are given out."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response

from server.config import Settings
from server.errors import Unavailable
from server.media.films import FilmMaker
from server.media.making import Made, shrink
from server.media.names import is_name, small_name
from server.media.storage import free_bytes, storage_of

FORGOTTEN_AFTER_SECONDS = 3600.0
LEAST_FREE_BYTES = 128 * 2**20
INCOMING = "incoming"


class MediaStore:
    """The files of one server. Of pictures that members bring at once, one process makes one after the other."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data / "media"
        self.files = storage_of(settings)
        self.base_url = settings.names.media("")
        self.max_bytes = settings.max_picture_bytes
        self.max_film_bytes = settings.max_film_bytes
        self.max_copied_film_bytes = settings.max_copied_film_bytes
        self.films = FilmMaker()
        self._turn = asyncio.Semaphore(1)

    @property
    def takes_films(self) -> bool:
        """Whether films and sounds are taken."""
        return self.films.is_there and self.max_film_bytes > 0

    @property
    def most_bytes(self) -> int:
        """How large the largest file may be."""
        return max(self.max_bytes, self.max_film_bytes) if self.takes_films else self.max_bytes

    @asynccontextmanager
    async def room(self) -> AsyncIterator[Path]:
        """Give a folder to make something in; what is not moved elsewhere is gone afterwards.

        Raises:
            Unavailable: there is no room.
        """
        folder = await asyncio.to_thread(self._open_folder)
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    @asynccontextmanager
    async def made_anew(
        self, source: BinaryIO, turn: asyncio.Semaphore | None = None, *, may_loop: bool = False
    ) -> AsyncIterator[Made]:
        """Make a picture anew, when its turn has come; what is not put into its place is gone afterwards.

        One that moves becomes a silent film if it `may_loop` and this server makes films.

        Raises:
            Invalid: it is none of the kinds that are taken, is damaged, or has too many pixels.
            Unavailable: there is no room.
        """
        async with self.room() as folder:
            async with turn or self._turn:
                made = await shrink(source, folder, wants_frames=may_loop and self.takes_films)
                made = await self.films.loop(made) if made.frame_ms else made
            yield made

    def _open_folder(self) -> Path:
        incoming = self.folder / INCOMING
        try:
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            if free_bytes(incoming) >= LEAST_FREE_BYTES:
                return Path(tempfile.mkdtemp(dir=incoming))
        except OSError as error:
            raise Unavailable("This server cannot keep pictures right now.") from error
        raise Unavailable("This server has no room for pictures left.")

    async def put_in_place(self, made: Made) -> None:
        """Give what was made the name under which it is given out, the small version first.

        Raises:
            Unavailable: it cannot be kept.
        """
        if made.has_small:
            await self.put_small(made.name, made)
        await self._put(made.name, made.folder / "whole")

    async def put_small(self, name: str, made: Made) -> None:
        """Give the small version of what was made to a file that may be here already.

        Raises:
            Unavailable: it cannot be kept.
        """
        await self._put(small_name(name), made.folder / "small")

    async def _put(self, name: str, path: Path) -> None:
        try:
            await self.files.put(name, path)
        except OSError as error:
            raise Unavailable("This server cannot keep pictures right now.") from error

    async def give(self, name: str, request: Request, headers: Mapping[str, str]) -> Response | None:
        """Answer a request with a file; None where there is no such file.

        Raises:
            Unavailable: it cannot be read now.
        """
        if not is_name(name):
            return None
        try:
            return await self.files.give(name, request, headers)
        except OSError as error:
            raise Unavailable("This server cannot reach its pictures right now.") from error

    async def remove(self, name: str) -> None:
        """Remove a file and its small version, as far as they are there.

        Raises:
            OSError: they cannot be removed now.
        """
        if is_name(name):
            await self.files.remove([name, small_name(name)])

    async def tidy(self) -> None:
        """Remove what a process that died was making."""
        await asyncio.to_thread(self._tidy)

    def _tidy(self) -> None:
        before = time.time() - FORGOTTEN_AFTER_SECONDS
        for folder in (self.folder / INCOMING).glob("*"):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
