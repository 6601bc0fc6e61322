"""What is a film or a sound by its first bytes, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.names import ALL_TYPES, PICTURE_TYPES
from server.media.sniffing import HEAD_BYTES, suffix_of
from tests.films import film, sound
from tests.pictures import moving, photograph


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (film(), "mp4"), (film(kind="mov"), "mov"), (film(kind="webm"), "webm"),
        (sound("mp3"), "mp3"), (sound("ogg"), "ogg"), (sound("flac"), "flac"), (sound("wav"), "wav"),
        (b"\xff\xfb\x90\x00", "mp3"), (b"\xff\xf1\x50\x80", "aac"), (b"\x00\x00\x00\x20ftypM4A ", "m4a"),
    ],
)  # fmt: skip
def test_films_and_sounds_are_known_by_their_first_bytes(data: bytes, suffix: str) -> None:
    assert suffix_of(data[:HEAD_BYTES]) == suffix


@pytest.mark.parametrize(
    "data",
    [
        b"", b"ftyp", b"<html>", b"#EXTM3U\n", b"%PDF-1.7", b"\xff\xd8\xff\xe0", b"\xff\xff\xff\xff",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"\x1a\x45\xdf\xa3" + bytes(60), b"\x00\x00\x00\x20ftypavif", photograph(), photograph("AVIF"), photograph("HEIF"),
        moving(), b"ffconcat version 1.0\nfile /etc/passwd\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)  # fmt: skip
def test_nothing_else_is_taken_for_one(data: bytes) -> None:
    assert suffix_of(data[:HEAD_BYTES]) is None


@given(
    magic=st.sampled_from([b"", b"\x00\x00\x00\x18ftyp", b"\x1a\x45\xdf\xa3", b"RIFF", b"OggS", b"\xff"]),
    rest=st.binary(),
)
def test_whatever_it_is_it_has_a_known_suffix_or_none(magic: bytes, rest: bytes) -> None:
    suffix = suffix_of((magic + rest)[:HEAD_BYTES])

    assert suffix is None or suffix in ALL_TYPES.keys() - PICTURE_TYPES.keys()
