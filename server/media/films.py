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
from server.media.filming import KEPT_FRAME_RATE, LOOK_SECONDS, LOOP_SECONDS, VIEW_SECONDS
from server.media.making import Made, shrink, sizes_in
from server.media.names import new_name

PROGRAM = Path(__file__).with_name("filming.py")
MAX_SECONDS = 1200.0
MAX_LOOP_MS = 60_000  # what is longer and silent is a film all the same
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
    has_sound: bool = True
    duration_ms: int | None = None

    @property
    def suffix(self) -> str:
        """How the name of the file ends that is made of it."""
        return SUFFIXES[self.kind]

    def loops(self, duration_ms: int | None) -> bool:
        """Whether it plays again and again, like a picture that moves: it is silent and short.   Source: Mastodon, gifv"""
        return not self.has_sound and duration_ms is not None and duration_ms <= MAX_LOOP_MS


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
        about, lasts_ms = (shown.width, shown.height, shown.blurhash, *sizes_in(folder)), said["duration_ms"]
        rate = min(film.frame_rate, KEPT_FRAME_RATE) or None
        return Made(folder, name, *about, duration_ms=lasts_ms, frame_rate=rate, loops=film.loops(lasts_ms))

    async def view(self, source: BinaryIO, folder: Path) -> Film:
        """Find out what all of a file is, and take `still` out of a film.

        Raises:
            Invalid: it is neither film nor sound, is damaged, or more than is taken.
        """
        asked = ("view", str(self._ffmpeg), str(folder))
        return Film(**await self._ask(source, *asked, seconds=VIEW_SECONDS + 2 * LOOK_SECONDS))

    async def loop(self, made: Made) -> Made:
        """Make a silent film of a picture that moves: much smaller, and it can be stopped. What cannot be stays as it is."""
        try:
            with (made.folder / "frames").open("rb") as frames:
                asked = ("loop", str(self._ffmpeg), str(made.folder), str(made.frame_ms))
                said = await self._ask(frames, *asked, seconds=LOOP_SECONDS)
        except Invalid:
            return made
        os.replace(made.folder / "loop", made.folder / "whole")
        about = (said["width"], said["height"], made.blurhash, *sizes_in(made.folder))
        rate = 1000 / made.frame_ms
        film = {"duration_ms": said["duration_ms"], "frame_rate": rate, "loops": True}
        return Made(made.folder, new_name(SUFFIXES["video"]), *about, **film)

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
