"""Films and sounds as telephones write them, made for tests by the same program that reads them."""

import subprocess
import tempfile
from functools import cache
from pathlib import Path

import imageio_ffmpeg

FFMPEG: str = imageio_ffmpeg.get_ffmpeg_exe()
PLACE = "+50.6383+003.0633/"
TELEPHONE = "Appareil de Zoé"


@cache
def film(
    *, size: str = "128x96", seconds: float = 1, rate: int = 25, kind: str = "mp4", sound: bool = True, turned: int = 0
) -> bytes:
    """A film with all that a telephone writes into it: where it was taken, by what and when."""
    picture = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    codecs = ["-c:v", "libvpx", "-c:a", "libvorbis"] if kind == "webm" else ["-c:v", "mpeg4", "-c:a", "aac"]
    said = ["-metadata", f"location={PLACE}", "-metadata", f"title={TELEPHONE}", "-metadata", f"comment={TELEPHONE}"]
    if not turned:
        return _written(["-f", "lavfi", "-i", picture, *tone], [*codecs, *said], kind)
    straight = film(size=size, seconds=seconds, rate=rate, kind=kind, sound=sound)
    return _written(["-display_rotation", str(turned)], ["-c", "copy", *said], kind, straight)


@cache
def sound(kind: str = "mp3", *, seconds: float = 1) -> bytes:
    """A sound with what programs write into it."""
    said = ["-metadata", f"title={TELEPHONE}", "-metadata", f"location={PLACE}"]
    return _written(["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"], said, kind)


def packed(data: bytes, *arguments: str) -> str:
    """What ffmpeg says of a file."""
    found = subprocess.run([FFMPEG, *arguments, "-i", "pipe:0"], input=data, capture_output=True, check=False)
    return found.stderr.decode()


def _written(sources: list[str], options: list[str], kind: str, data: bytes = b"") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        whole, source = Path(folder) / f"whole.{kind}", Path(folder) / f"source.{kind}"
        if data:
            source.write_bytes(data)
            sources = [*sources, "-i", str(source)]
        subprocess.run([FFMPEG, "-v", "error", *sources, *options, str(whole)], check=True)
        return whole.read_bytes()
