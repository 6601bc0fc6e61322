"""The files of pictures: made in a folder apart, moved into place, found by their names, removed.

`<data>/media/3f/a9/3fa9….jpg`, and beside it `3fa9…-small.webp`. No name can be guessed, and no folder is ever listed.
"""

import asyncio
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from models.media import SMALL_SUFFIX
from server.config import Settings
from server.errors import Invalid, Unavailable

KEY_BYTES = 16
MAX_SECONDS = 60.0
FORGOTTEN_AFTER_SECONDS = 3600.0
LEAST_FREE_BYTES = 128 * 2**20
INCOMING = "incoming"
MAX_PIXELS = 7680 * 4320
PROGRAM = Path(__file__).with_name("shrinking.py")
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
TAKEN = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")
NAME = re.compile(rf"([0-9a-f]{{{2 * KEY_BYTES}}})(?:-small)?\.({'|'.join(MEDIA_TYPES)})")


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was made anew and is not in its place yet. `name` is the one it will have there."""

    folder: Path
    name: str
    media_type: str
    size_bytes: int
    width: int
    height: int
    blurhash: str


class MediaStore:
    """The files of one server. Of pictures that come in at once, one process makes one after the other."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data / "media"
        self.max_bytes = settings.max_picture_bytes
        self._turn = asyncio.Semaphore(1)

    def path_of(self, name: str) -> Path | None:
        """Tell where the file of this name is, if it is one that we give out."""
        if (match := NAME.fullmatch(name)) is None:
            return None
        key = match[1]
        return self.folder / key[:2] / key[2:4] / name

    @asynccontextmanager
    async def made_anew(self, source: BinaryIO) -> AsyncIterator[Made]:
        """Make an uploaded picture anew; what is not moved into its place is gone afterwards.

        Raises:
            Invalid: it is none of the kinds that are taken, is damaged, or has too many pixels.
            Unavailable: there is no room.
        """
        folder = await asyncio.to_thread(self._open_folder)
        try:
            async with self._turn:
                made = await _shrink(source, folder)
            yield made
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)

    def _open_folder(self) -> Path:
        incoming = self.folder / INCOMING
        try:
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(incoming).free >= LEAST_FREE_BYTES:
                return Path(tempfile.mkdtemp(dir=incoming))
        except OSError as error:
            raise Unavailable("This server cannot keep pictures right now.") from error
        raise Unavailable("This server has no room for pictures left.")

    async def put_in_place(self, made: Made) -> None:
        """Give a picture the name under which it is given out. Whoever looks sees the whole file, or none."""
        await asyncio.to_thread(self._put_in_place, made)

    def _put_in_place(self, made: Made) -> None:
        whole = self.path_of(made.name)
        assert whole is not None
        whole.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(made.folder / "small", whole.with_name(whole.stem + SMALL_SUFFIX))
        os.replace(made.folder / "whole", whole)

    async def remove(self, name: str) -> None:
        """Remove the files of a picture, as far as they are there."""
        await asyncio.to_thread(self._remove, name)

    def _remove(self, name: str) -> None:
        if (whole := self.path_of(name)) is not None:
            whole.unlink(missing_ok=True)
            whole.with_name(whole.stem + SMALL_SUFFIX).unlink(missing_ok=True)

    async def tidy(self) -> None:
        """Remove what a process that died was making of a picture."""
        await asyncio.to_thread(self._tidy)

    def _tidy(self) -> None:
        before = time.time() - FORGOTTEN_AFTER_SECONDS
        for folder in (self.folder / INCOMING).glob("*"):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


async def _shrink(source: BinaryIO, folder: Path) -> Made:
    source.seek(0)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COOPOLE_")}
    command = (sys.executable, "-I", str(PROGRAM), str(folder), str(MAX_PIXELS))
    program = await asyncio.create_subprocess_exec(*command, stdin=source, stdout=PIPE, stderr=DEVNULL, env=environment)
    try:
        async with asyncio.timeout(MAX_SECONDS):
            said, _ = await program.communicate()
    except TimeoutError as late:
        raise Invalid("Making this picture smaller takes too long. Make it smaller first.") from late
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    if program.returncode:
        raise Invalid(
            "This file is no picture that can be taken, or is damaged. Choose a JPEG, PNG, WebP, GIF or AVIF."
        )
    return _read_made(orjson.loads(said), folder)


def _read_made(said: dict[str, str | int], folder: Path) -> Made:
    if "refused" in said:
        raise Invalid("This picture has too many pixels. Make it smaller: it may have 33 million.")
    suffix = str(said["suffix"])
    return Made(
        folder,
        f"{secrets.token_hex(KEY_BYTES)}.{suffix}",
        MEDIA_TYPES[suffix],
        (folder / "whole").stat().st_size,
        int(said["width"]),
        int(said["height"]),
        str(said["blurhash"]),
    )
