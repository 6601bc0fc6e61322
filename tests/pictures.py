"""Pictures as cameras and programs write them, made for tests."""

import io
import struct
import zlib
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

pillow_heif.register_heif_opener()  # which writes HEIC too

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
ORIENTATION, MAKER, GPS = 0x0112, 0x010F, 0x8825
MAKER_NAME = "Appareil de Zoé"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a picture."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def halves(size: tuple[int, int] = (80, 60), *, mode: str = "RGB") -> Image.Image:
    """A picture that is red on the left and blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def photograph(kind: str = "JPEG", *, orientation: int = 1, size: tuple[int, int] = (80, 60)) -> bytes:
    """A picture with all that a telephone writes into it: where it was taken, by what, which way it was held."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = orientation, MAKER_NAME
    exif.get_ifd(GPS).update({1: "N", 2: (50.0, 38.0, 14.0), 3: "E", 4: (3.0, 3.0, 48.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, Any] = {} if kind == "GIF" else {"exif": exif, "icc_profile": profile}
    if kind in ("JPEG", "GIF"):
        options["comment"] = MAKER_NAME.encode()
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = f"<x:xmpmeta>{MAKER_NAME}</x:xmpmeta>".encode()
    return written(halves(size), kind, **options)


def moving(kind: str = "GIF", *, frames: int = 5, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture that moves."""
    images = [Image.new("RGBA", size, (40 * number % 256, 90, 30, 255)) for number in range(frames)]
    first, *others = images
    return written(first, kind, save_all=True, append_images=others, duration=70, loop=0)


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is this large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
