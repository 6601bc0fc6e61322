"""Films and sounds, as far as the program ffmpeg is installed: looked at, and made anew one after the other."""

import asyncio
import os
import shutil
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from server.errors import Invalid
from server.media import programs
from server.media.filming import LOOK_SECONDS
from server.media.making import Made, shrink, sizes_in

PROGRAM = Path(__file__).with_name("filming.py")
MAX_SECONDS = 1200.0
FILMS = ("video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/3gpp")
SOUNDS = (
    "audio/mpeg", "audio/mp4", "audio/aac", "audio/x-m4a", "audio/ogg", "audio/opus", "audio/flac", "audio/wav",
    "audio/webm",
)  # fmt: skip
SUFFIXES = {"video": "mp4", "audio": "m4a"}
REFUSALS = {
    "long": "This lasts too long: a film or a sound may last ten minutes.",
    "pixels": "The pictures of this film are too large: they may have 3,840 by 2,160 pixels.",
    "frames": "This film has too many pictures a second: it may have 120.",
}
BROKEN = (
    "This file is no film and no sound that can be taken, or is damaged. Choose MP4, MOV, WebM, MP3, OGG, FLAC or WAV."
)


@dataclass(frozen=True, slots=True)
class Film:
    """What a file turned out to be. `kind` is video or audio; a sound has no size and no pictures a second."""

    kind: str
    width: int = 0
    height: int = 0
    frame_rate: int = 0

    @property
    def suffix(self) -> str:
        """How the name of the file ends that is made of it."""
        return SUFFIXES[self.kind]


class FilmMaker:
    """What makes films, one after the other, and goes on when whoever brought one no longer waits."""

    def __init__(self) -> None:
        self._ffmpeg = shutil.which("ffmpeg")
        self._turn = asyncio.Semaphore(1)
        self._works: set[asyncio.Task[None]] = set()

    @property
    def is_there(self) -> bool:
        """Whether the program ffmpeg is installed."""
        return self._ffmpeg is not None

    async def look(self, source: BinaryIO) -> Film:
        """Find out what a file is, in a moment.

        Raises:
            Invalid: it is neither film nor sound, or more than is taken.
        """
        said = await self._ask(source, "look", str(self._ffmpeg), seconds=LOOK_SECONDS)
        return Film(**said)

    async def make(self, source: BinaryIO, film: Film, folder: Path, name: str) -> Made:
        """Write it anew, and of a film a small picture; this takes as long as it takes.

        Raises:
            Invalid: it is damaged, or more than is taken.
        """
        async with self._turn:
            asked = ("make", str(self._ffmpeg), str(folder), film.kind, str(film.frame_rate))
            said = await self._ask(source, *asked, seconds=MAX_SECONDS)
        if film.kind == "audio":
            return Made(folder, name, 0, 0, "", *sizes_in(folder), has_small=False, duration_ms=said["duration_ms"])
        with (folder / "still").open("rb") as still:
            shown = await picture_of(still, folder)
        about = (shown.width, shown.height, shown.blurhash, *sizes_in(folder))
        return Made(folder, name, *about, duration_ms=said["duration_ms"])

    async def _ask(self, source: BinaryIO, *arguments: str, seconds: float) -> dict[str, Any]:
        try:
            said = await programs.run(PROGRAM, source, *arguments, seconds=seconds)
        except TimeoutError as late:
            raise Invalid("Making this film anew takes too long. Make it shorter or smaller first.") from late
        except programs.Failed as failed:
            raise Invalid(BROKEN) from failed
        if "refused" in said:
            raise Invalid(REFUSALS[said["refused"]])
        return said

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start something that goes on by itself."""
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)
        return task


async def picture_of(source: BinaryIO, folder: Path) -> Made:
    """Make the `small` of a film out of a picture.

    Raises:
        Invalid: it is no picture.
    """
    apart = folder / "picture"
    apart.mkdir(mode=0o700, exist_ok=True)
    made = await shrink(source, apart)
    os.replace(apart / "small", folder / "small")
    return made
