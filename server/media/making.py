"""Making anew what others wrote: a picture by a program apart.   Source: docs/decisions/0025"""

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from server.errors import Invalid
from server.media import programs
from server.media.names import media_type_of, new_name

MAX_SECONDS = 60.0
MAX_PIXELS = 7680 * 4320
PROGRAM = Path(__file__).with_name("shrinking.py")
READS_HEIF = importlib.util.find_spec("pi_heif") is not None
HEIF = ("image/heic", "image/heif") if READS_HEIF else ()
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", *HEIF)


@dataclass(frozen=True, slots=True)
class Made:
    """What was made anew and is not in its place yet: the files `whole` and `small` of a folder, as far as they are there.

    `name` is the one that `whole` will have, `size_bytes` how large it is, `total_bytes` with the small version. Of a film
    it is the picture that has a `blurhash`; it `loops` where it is short and silent. `frame_ms` is how long the frames
    of a picture that moves are shown, which then lie in the file `frames`.
    """

    folder: Path
    name: str
    width: int
    height: int
    blurhash: str
    size_bytes: int
    total_bytes: int
    has_small: bool = True
    duration_ms: int | None = None
    frame_rate: float | None = None
    loops: bool = False
    frame_ms: int = 0

    @property
    def media_type(self) -> str:
        """What it is."""
        return media_type_of(self.name)


async def shrink(source: BinaryIO, folder: Path, *, wants_frames: bool = False) -> Made:
    """Make `whole` and `small` of a picture, and `frames` of one that moves.

    Raises:
        Invalid: it is none of the kinds that are taken, is damaged, has too many pixels, or takes too long.
    """
    try:
        asked = (str(folder), str(MAX_PIXELS), *(["frames"] if wants_frames else []))
        said = await programs.run(PROGRAM, source, *asked, seconds=MAX_SECONDS)
    except TimeoutError as late:
        raise Invalid("Making this picture smaller takes too long. Make it smaller first.") from late
    except programs.Failed as failed:
        raise Invalid(
            "This file is no picture that can be taken, or is damaged. Choose a JPEG, PNG, WebP, GIF or AVIF."
        ) from failed
    if "refused" in said:
        raise Invalid("This picture has too many pixels. Make it smaller: it may have 33 million.")
    name, sizes = new_name(said["suffix"]), sizes_in(folder)
    return Made(folder, name, said["width"], said["height"], said["blurhash"], *sizes, frame_ms=said["frame_ms"])


def sizes_in(folder: Path) -> tuple[int, int]:
    """Measure what was made in a folder: (`whole`, all of it)."""
    whole, small = ((folder / name) for name in ("whole", "small"))
    size = whole.stat().st_size
    return size, size + (small.stat().st_size if small.exists() else 0)
