"""Telling films and sounds by their first bytes, whatever their server calls them.

Source: ISO/IEC 14496-12 §4.3 (ftyp); matroska.org (DocType); RFC 3533 (Ogg); RFC 9639 (FLAC); id3.org; WHATWG MIME Sniffing
"""

HEAD_BYTES = 512
PICTURES = frozenset({b"avif", b"avis", b"heic", b"heix", b"heim", b"hevc", b"hevx", b"mif1", b"msf1", b"crx "})
SOUNDS = frozenset({b"M4A ", b"M4B "})
EBML = b"\x1a\x45\xdf\xa3"


def suffix_of(head: bytes) -> str | None:
    """Give how the name of a file ends that begins so, one of server/media/names.py; None if it is no film and no sound."""
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head.startswith(EBML):
        return "webm" if b"webm" in head or b"matroska" in head else None
    if head.startswith(b"RIFF"):
        return "wav" if head[8:12] == b"WAVE" else None
    for magic, suffix in ((b"OggS", "ogg"), (b"fLaC", "flac"), (b"ID3", "mp3")):
        if head.startswith(magic):
            return suffix
    return _of_frame(head)


def _of_brand(brand: bytes) -> str | None:
    if brand in PICTURES or len(brand) < 4:
        return None
    return "m4a" if brand in SOUNDS else "mov" if brand == b"qt  " else "mp4"


def _of_frame(head: bytes) -> str | None:
    """Tell MPEG audio by the first frame: eleven bits that are set, then version, layer, bitrate and sampling rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if layer == 0:
        return "aac" if head[1] & 0xF0 == 0xF0 else None
    is_frame = version != 1 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3
    return "mp3" if is_frame else None
