"""What files are called: `3fa9….jpg`, beside it `3fa9…-small.webp`, both under `3f/a9/`. No name can be guessed."""

import re
import secrets

from models.media import SMALL_SUFFIX

KEY_BYTES = 16
PICTURE_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
MEDIA_TYPES = PICTURE_TYPES | {"mp4": "video/mp4", "m4a": "audio/mp4"}
COPIED_TYPES = {
    "webm": "video/webm",
    "mov": "video/quicktime",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
}
ALL_TYPES = MEDIA_TYPES | COPIED_TYPES
SHELVES = "0123456789abcdef"

_NAME = re.compile(rf"([0-9a-f]{{{2 * KEY_BYTES}}})(-small)?\.({'|'.join(ALL_TYPES)})")


def new_name(suffix: str) -> str:
    """Make a name for a file of this kind."""
    return f"{secrets.token_hex(KEY_BYTES)}.{suffix}"


def is_name(name: str) -> bool:
    """Whether this may be the name of a file of ours."""
    return _NAME.fullmatch(name) is not None


def small_name(name: str) -> str:
    """Give the name of the small version of a file."""
    return name.rpartition(".")[0] + SMALL_SUFFIX


def key_of(name: str) -> str:
    """Give what a file and its small version have in common."""
    return name[: 2 * KEY_BYTES]


def place_of(name: str) -> str:
    """Tell where a file lies within its storage."""
    return f"{name[:2]}/{name[2:4]}/{name}"


def media_type_of(name: str) -> str:
    """Tell what a file is by its name."""
    return ALL_TYPES[name.rpartition(".")[2]]
