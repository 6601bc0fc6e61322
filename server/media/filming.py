"""Making a film or a sound anew: what is seen and heard is written again, and nothing else of the file passes.

A program of its own, which imports nothing of ours. `python -I filming.py look <ffmpeg>` says what standard input is;
`… make <ffmpeg> <folder> <video or audio> <frames a second>` writes the file `whole` into a folder, of a film also
`still`, a picture out of it. `… loop <ffmpeg> <folder> <milliseconds>` makes a film `loop` of an APNG whose frames are shown
so long; `… view <ffmpeg> <folder>` looks at all of it, and takes a `still` out of a film. All say on standard output what
they found, or why they did not (`{"refused": …}`).

Source: ffmpeg.org/ffmpeg-all.html (format_whitelist, protocol_whitelist, stream specifiers, progress)
"""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

MAX_LASTS_SECONDS = 600
MAX_PIXELS = 3840 * 2160
MAX_FRAME_RATE = 120
KEPT_FRAME_RATE = 60
KEPT_SIDE = 1280
MAX_MEMORY_BYTES = 3 * 2**30
MAX_FILE_BYTES = 2**30
MAX_CPU_SECONDS = 1800
LOOK_SECONDS = 20
LOOP_SECONDS = 60
VIEW_SECONDS = 60
NICER_BY = 15
THREADS = 2
SOURCE = "file:/dev/fd/0"
# No playlists and no lists of other files: those would read what their writer names.
BOUNDS = ["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", "mov,matroska,mp3,ogg,wav,flac,aac"]
FIT = f"scale=w='min({KEPT_SIDE},iw)':h='min({KEPT_SIDE},ih)':force_original_aspect_ratio=decrease"
EVEN = "scale=w='max(2,trunc(iw/2)*2)':h='max(2,trunc(ih/2)*2)',setsar=1,format=yuv420p"
BARE = ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-fflags", "+bitexact"]
STILL = ["-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1"]
SOUND = ["-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000", "-flags:a", "+bitexact"]
PICTURE = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-threads", str(THREADS), "-flags:v", "+bitexact"]


def look(ffmpeg: str) -> dict[str, Any]:
    """Say what standard input is: `{"kind": "video", "width": …, "height": …, "frame_rate": …, "has_sound": …}`.

    Of a sound, `{"kind": "audio"}`.

    Its first second is enough for that.
    """
    streams = ["-map", "0:V:0?", "-map", "0:a:0?", "-c", "copy", "-f", "framecrc", "pipe:1"]
    said = _run([ffmpeg, "-nostdin", *BOUNDS, "-t", "1", "-i", SOURCE, *streams], LOOK_SECONDS).decode()
    if (video := re.search(r"^#media_type ([0-9]+): video", said, re.MULTILINE)) is None:
        return {"kind": "audio"}
    size = re.search(rf"^#dimensions {video[1]}: ([0-9]+)x([0-9]+)", said, re.MULTILINE)
    width, height = (int(size[1]), int(size[2])) if size else (0, 0)
    if not 0 < width * height <= MAX_PIXELS:
        return {"refused": "pixels"}
    if (rate := _rate(said, video[1])) > MAX_FRAME_RATE:
        return {"refused": "frames"}
    has_sound = re.search(r"^#media_type [0-9]+: audio", said, re.MULTILINE) is not None
    return {"kind": "video", "width": width, "height": height, "frame_rate": rate, "has_sound": has_sound}


def view(ffmpeg: str, folder: Path) -> dict[str, Any]:
    """Say what `look` does and how long all of it lasts; write `still` of a film."""
    found = look(ffmpeg)
    if "refused" in found:
        return found
    start = [ffmpeg, "-nostdin", "-y", *BOUNDS]
    streams = ["-map", "0:V:0?", "-map", "0:a:0?", "-c", "copy", "-progress", "pipe:1", "-f", "null", "-"]
    lasts_ms = _lasts_ms(_run([*start, "-i", SOURCE, *streams], VIEW_SECONDS))
    if found["kind"] == "video":
        _run([*start, *_moment_of(lasts_ms), "-i", SOURCE, *STILL, f"file:{folder / 'still'}"], LOOK_SECONDS)
    return found | {"duration_ms": lasts_ms}


def loop(ffmpeg: str, folder: Path, frame_ms: int) -> dict[str, Any]:
    """Write a silent film `loop`, in which every frame is shown as long as in the APNG that standard input is."""
    bounds = ["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", "apng"]
    whole, shown = f"file:{folder / 'loop'}", f"fps=1000/{frame_ms},{FIT},{EVEN}"
    said = _run(
        [
            ffmpeg, "-nostdin", "-y", *bounds, "-f", "apng", "-i", SOURCE, "-map", "0:V:0", "-an", "-vf", shown, *PICTURE,
            *BARE, "-movflags", "+faststart", "-progress", "pipe:1", "-f", "mp4", whole,
        ],
        LOOP_SECONDS,
    )  # fmt: skip
    first = ["-frames:v", "1", "-c", "copy", "-f", "framecrc", "pipe:1"]
    packed = _run([ffmpeg, "-nostdin", *BOUNDS, "-i", whole, *first], LOOK_SECONDS).decode()
    [(width, height)] = re.findall(r"^#dimensions 0: ([0-9]+)x([0-9]+)", packed, re.MULTILINE)
    return {"width": int(width), "height": int(height), "duration_ms": _lasts_ms(said)}


def _moment_of(lasts_ms: int) -> list[str]:
    """Say which moment of a film stands for all of it."""
    return ["-ss", f"{min(3.0, lasts_ms / 4000):.3f}"]


def _rate(said: str, stream: str) -> int:
    """Count the pictures a second of a stream, by the moments of its packets."""
    base = re.search(rf"^#tb {stream}: ([0-9]+)/([0-9]+)", said, re.MULTILINE)
    moments = [int(moment) for moment in re.findall(rf"^{stream}, *(-?[0-9]+),", said, re.MULTILINE)]
    ticks = max(moments, default=0) - min(moments, default=0)
    seconds = ticks * int(base[1]) / int(base[2]) if base and int(base[2]) else 0.0
    return round((len(moments) - 1) / seconds) if seconds else len(moments)


def make(ffmpeg: str, folder: Path, kind: str, frame_rate: int) -> dict[str, Any]:
    """Write `whole`, and of a film `still`; how long it lasts."""
    if kind == "video":
        slower = ["-r", str(KEPT_FRAME_RATE)] if frame_rate > KEPT_FRAME_RATE else []
        written = ["-map", "0:V:0", "-map", "0:a:0?", "-vf", f"{FIT},{EVEN}", *slower, *PICTURE, *SOUND]
    else:
        written = ["-map", "0:a:0", "-vn", *SOUND]
    whole = f"file:{folder / 'whole'}"
    start = [ffmpeg, "-nostdin", "-y", *BOUNDS]
    said = _run(
        [
            *start, "-threads", str(THREADS), "-i", SOURCE, "-t", str(MAX_LASTS_SECONDS + 1), *written, *BARE,
            "-max_muxing_queue_size", "1024", "-movflags", "+faststart", "-progress", "pipe:1", "-f", "mp4", whole,
        ],
        MAX_CPU_SECONDS,
    )  # fmt: skip
    lasts_ms = _lasts_ms(said)
    if lasts_ms > MAX_LASTS_SECONDS * 1000 + 500:
        return {"refused": "long"}
    if kind == "video":
        _run([*start, *_moment_of(lasts_ms), "-i", whole, *STILL, f"file:{folder / 'still'}"], LOOK_SECONDS)
    return {"duration_ms": lasts_ms}


def _lasts_ms(progress: bytes) -> int:
    """Read how long a file is that was just written, of what ffmpeg said last."""
    named = [line.partition("=") for line in progress.decode(errors="replace").splitlines()]
    moments = [int(value) for name, _, value in named if name == "out_time_us" and value.isdigit()]
    older = [
        int(value) for name, _, value in named if name == "out_time_ms" and value.isdigit()
    ]  # microseconds as well
    return max([*moments, *older], default=0) // 1000


def _run(command: list[str], seconds: float) -> bytes:
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds)  # noqa: S603
    return done.stdout


def main(asked: str, program: str, *more: str) -> None:
    """Do it within bounds, and behind whatever else this machine has to do."""
    os.nice(NICER_BY)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if asked == "look":
        said = look(program)
    elif asked == "view":
        said = view(program, Path(more[0]))
    elif asked == "loop":
        said = loop(program, Path(more[0]), int(more[1]))
    else:
        folder, kind, frame_rate = more
        said = make(program, Path(folder), kind, int(frame_rate))
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
