"""Making an uploaded picture anew: only its pixels pass, upright, in sRGB, and no larger than a screen shows.

A program of its own, which imports nothing of ours: what breaks a decoder, or fills the memory, ends this process and no
other. `python -I shrinking.py <folder> <most pixels>` reads a file from standard input, writes the files `whole` and
`small` into the folder, and says on standard output what they are (`Made`) or why there are none (`{"refused": …}`).
With `frames` behind it, it also writes the frames of a picture that moves into a file that ffmpeg reads.

Source: Pillow's reference (Image.draft, DecompressionBombError, ImageCms); Mastodon for the sizes.
"""

import io
import json
import os
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import blurhash
from PIL import Image, ImageCms, ImageOps, ImageSequence

try:
    import pi_heif
except ImportError:  # there is none for every machine
    pi_heif = None

MAX_WHOLE_PIXELS = 3840 * 2160
MAX_SIDE = 8192
SMALL_SIDE = 640
BLUR_SIDE = 32
MAX_FRAMES = 300
MAX_PIXELS_OF_FRAMES = 40_000_000
MAX_MEMORY_BYTES = 1536 * 2**20  # the worst that was found takes a third
MAX_SECONDS = 40
NICER_BY = 10
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", *(("HEIF",) if pi_heif else ()))
# What is kept of each, where it moves and where it does not: others and their programs do not all read AVIF and HEIC, and
# a GIF that does not move is a PNG.
MOVING = {"GIF": "GIF", "WEBP": "WEBP", "PNG": "PNG", "AVIF": "WEBP"}
KEPT_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "PNG", "AVIF": "JPEG", "HEIF": "JPEG"}
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "gif"}
OPTIONS = {
    "JPEG": {"quality": 85, "optimize": True, "progressive": True},
    "PNG": {},
    "WEBP": {"quality": 85, "method": 3},
    "GIF": {"disposal": 2, "optimize": False},
}
LEAST_FRAME_MS, MOST_FRAME_MS, USUAL_FRAME_MS = 20, 60_000, 100


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a picture. `frame_ms` is the shortest time that a frame is shown; 0 where there are none to film."""

    suffix: str
    width: int
    height: int
    blurhash: str
    frame_ms: int = 0


class Refused(Exception):
    """Why nothing was made: "pixels", there are too many of them."""


def shrink(source: BinaryIO, folder: Path, most_pixels: int, *, wants_frames: bool = False) -> Made:
    """Make `whole` and `small` of a picture, and `frames` of one that moves and lets nothing shine through.

    Raises:
        Refused: it has too many pixels.
        OSError, ValueError, SyntaxError, EOFError: it is no picture, or a damaged one; decoders have others too.
    """
    Image.MAX_IMAGE_PIXELS = most_pixels  # a frame of a GIF may be larger than its first says
    if pi_heif is not None:
        pi_heif.register_heif_opener()
    with Image.open(source, formats=FORMATS) as image:
        if image.width * image.height > most_pixels:
            raise Refused("pixels")
        frames = _moving_frames(image)
        if frames:
            kind = MOVING[str(image.format)]
            _save_moving(frames, folder / "whole", kind)
            still = frames[0][0]
        else:
            still = _still(image)
            kind = _kept_as(image, still)
            _save(still, folder / "whole", kind)
    small = still.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    _save(small, folder / "small", "WEBP")
    frame_ms = _save_frames(frames, folder / "frames") if wants_frames and frames else 0
    return Made(SUFFIXES[kind], still.width, still.height, _blurhash_of(small), frame_ms)


def _moving_frames(image: Image.Image) -> list[tuple[Image.Image, int]]:
    """Give the frames of a picture that moves, each with its milliseconds; none of one that is too large to move."""
    total = getattr(image, "n_frames", 1) if image.format in MOVING else 1
    if not 1 < total <= MAX_FRAMES or total * image.width * image.height > MAX_PIXELS_OF_FRAMES:
        return []
    frames = []
    for frame in ImageSequence.Iterator(image):
        frame.load()  # only then is it known how long it lasts
        lasts = int(frame.info.get("duration") or USUAL_FRAME_MS)
        frames.append((_bare(_in_colours(frame)), min(max(lasts, LEAST_FRAME_MS), MOST_FRAME_MS)))
    if image.info.get("default_image"):  # for programs that show no APNG move, and no part of it
        frames = frames[1:]
    mode = "RGBA" if any(frame.mode == "RGBA" for frame, _ in frames) else "RGB"
    return [(frame if frame.mode == mode else frame.convert(mode), lasts) for frame, lasts in frames]


def _still(image: Image.Image) -> Image.Image:
    """Give the picture, or the first frame of it, upright, in sRGB and small enough."""
    scale = min(1.0, (MAX_WHOLE_PIXELS / (image.width * image.height)) ** 0.5, MAX_SIDE / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image.draft("RGB", size)  # a JPEG is read smaller at once
    image.load()
    turned = image.getexif().get(0x0112, 1)
    profile = image.info.get("icc_profile")
    still = _in_colours(image)
    if scale < 1:
        still = still.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _bare(_upright(_in_srgb(still, profile), turned))


def _in_colours(image: Image.Image) -> Image.Image:
    """Give a picture as RGB, RGBA or (until its profile is read) CMYK, whatever it is made of."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode in ("RGB", "RGBA", "CMYK"):
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Turn the colours of a picture into those of every screen, by the profile that it came with."""
    opaque = "RGB" if image.mode == "RGBA" else image.mode
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image.convert(opaque), source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is none, or for other colours
            turned = None
        if turned is not None:
            if image.mode == "RGBA":
                turned.putalpha(image.getchannel("A"))
            return turned
    return image.convert("RGB") if image.mode == "CMYK" else image


def _upright(image: Image.Image, turned: int) -> Image.Image:
    """Turn a picture as the camera says that it was held.   Source: Exif 2.32 §4.6.4 (Orientation)"""
    exif = Image.Exif()
    exif[0x0112] = turned
    image.info = {"exif": exif.tobytes()}
    return ImageOps.exif_transpose(image)


def _bare(image: Image.Image) -> Image.Image:
    """Give a picture of which nothing is kept but the pixels."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _kept_as(image: Image.Image, still: Image.Image) -> str:
    kind = KEPT_AS[str(image.format)]
    return "PNG" if kind == "JPEG" and still.mode == "RGBA" else kind


def _save(image: Image.Image, path: Path, kind: str) -> None:
    with path.open("wb") as file:
        image.save(file, kind, **OPTIONS[kind])
        file.flush()
        os.fsync(file.fileno())


def _save_moving(frames: list[tuple[Image.Image, int]], path: Path, kind: str) -> None:
    (first, _), *others = frames
    lasting = [lasts for _, lasts in frames]
    with path.open("wb") as file:
        rest = [frame for frame, _ in others]
        first.save(file, kind, save_all=True, append_images=rest, duration=lasting, loop=0, **OPTIONS[kind])
        file.flush()
        os.fsync(file.fileno())


def _save_frames(frames: list[tuple[Image.Image, int]], path: Path) -> int:
    """Write frames for ffmpeg, as an APNG: how long the shortest is shown. A film would fill what shines through."""
    if any(frame.mode == "RGBA" and min(frame.getchannel("A").tobytes()) < 255 for frame, _ in frames):
        return 0
    opaque = [(frame.convert("RGB"), lasts) for frame, lasts in frames]
    _save_moving(opaque, path, "PNG")
    return min(lasts for _, lasts in frames)


def _blurhash_of(image: Image.Image) -> str:
    """Give the blur that is shown until the picture is there.   Source: github.com/woltapp/blurhash"""
    tiny = Image.new("RGB", image.size, "white")
    tiny.paste(image, mask=image if image.mode == "RGBA" else None)
    tiny = tiny.resize((BLUR_SIDE, BLUR_SIDE), Image.Resampling.BOX)
    side, data = range(BLUR_SIDE), tiny.tobytes()
    pixels = [[tuple(data[3 * (row * BLUR_SIDE + column) :][:3]) for column in side] for row in side]
    return str(blurhash.encode(pixels, 4, 3))


def main(folder: str, most_pixels: str, *more: str) -> None:
    """Do it for standard input, within bounds, and behind whatever else this machine has to do."""
    os.nice(NICER_BY)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(0, "rb", closefd=False) as source:
        try:
            said = asdict(shrink(source, Path(folder), int(most_pixels), wants_frames="frames" in more))
        except (Refused, Image.DecompressionBombError):
            said = {"refused": "pixels"}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
