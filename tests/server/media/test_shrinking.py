"""Making pictures anew: what passes of each kind, what never does, and what is refused."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from server.media.shrinking import Made, Refused, shrink
from tests.pictures import (
    BLUE,
    FORMATS,
    MAKER,
    MAKER_NAME,
    ORIENTATION,
    RED,
    bomb,
    halves,
    moving,
    photograph,
    written,
)

MOST = 1_000_000
KEPT_AS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "GIF": "png", "AVIF": "jpg", "HEIF": "jpg"}


def made(folder: Path, data: bytes, most: int = MOST) -> tuple[Made, Image.Image, Image.Image]:
    found = shrink(io.BytesIO(data), folder, most)
    whole, small = Image.open(folder / "whole"), Image.open(folder / "small")
    whole.load()
    small.load()
    return found, whole, small


def near(image: Image.Image, place: tuple[float, float], colour: tuple[int, ...]) -> bool:
    x, y = int(image.width * place[0]), int(image.height * place[1])
    found = image.convert("RGB").getpixel((x, y))
    return all(abs(one - other) < 40 for one, other in zip(found, colour, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_kind_is_kept_as_one_that_everybody_reads(tmp_path: Path, kind: str) -> None:
    found, whole, small = made(tmp_path, photograph(kind))

    assert (found.suffix, found.width, found.height) == (KEPT_AS[kind], 80, 60)
    assert whole.format == {"jpg": "JPEG"}.get(found.suffix, found.suffix.upper())
    assert (whole.size, small.size, small.format) == ((80, 60), (80, 60), "WEBP")
    assert near(whole, (0.2, 0.5), RED)
    assert near(whole, (0.8, 0.5), BLUE)
    assert 6 <= len(found.blurhash) <= 128


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_that_a_camera_wrote_is_kept(tmp_path: Path, kind: str) -> None:
    data = photograph(kind)
    assert b"Appareil" in data or kind in ("AVIF", "PNG", "WEBP")

    made(tmp_path, data)

    for name in ("whole", "small"):
        kept = (tmp_path / name).read_bytes()
        for trace in (MAKER_NAME.encode(), b"Appareil", b"Exif", b"GPS", b"ICC", b"iCCP", b"xmpmeta", b"sRGB"):
            assert trace not in kept
        with Image.open(tmp_path / name) as image:
            assert dict(image.getexif()) == {}
            assert not {"exif", "icc_profile", "xmp", "comment"} & image.info.keys()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_is_kept_upright(tmp_path: Path, kind: str) -> None:
    _, whole, small = made(tmp_path, photograph(kind, orientation=6))  # its top is on the right

    for image in (whole, small):
        assert image.size == (60, 80)
        assert near(image, (0.5, 0.2), RED)
        assert near(image, (0.5, 0.8), BLUE)
        assert ORIENTATION not in image.getexif()


def test_a_large_picture_is_made_smaller_and_its_small_version_fits(tmp_path: Path) -> None:
    found, whole, small = made(tmp_path, photograph(size=(5000, 4000)), 33_000_000)

    assert found.width * found.height <= 3840 * 2160 + 5000
    assert abs(found.width / found.height - 1.25) < 0.01
    assert whole.size == (found.width, found.height)
    assert max(small.size) == 640


def test_a_long_picture_keeps_its_shape(tmp_path: Path) -> None:
    found, _, small = made(tmp_path, written(Image.new("RGB", (20_000, 10)), "PNG"))

    assert (found.width, found.height) == (8192, 4)
    assert small.size == (640, 1)


def test_colours_of_another_profile_become_those_of_every_screen(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"no profile", lab, b""):
        _, whole, _ = made(tmp_path, written(halves(), "JPEG", icc_profile=profile))
        assert near(whole, (0.2, 0.5), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_png_of_any_kind_is_read(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (10, 10), 40_000) if mode == "I;16" else halves((10, 10)).convert(mode)

    _, whole, _ = made(tmp_path, written(image, "PNG"))

    assert whole.mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")
    if mode == "I;16":
        assert near(whole, (0.5, 0.5), (156, 156, 156))


def test_a_jpeg_in_the_colours_of_printers_is_read(tmp_path: Path) -> None:
    _, whole, _ = made(tmp_path, written(halves(mode="CMYK"), "JPEG"))

    assert whole.mode == "RGB"
    assert near(whole, (0.2, 0.5), RED)


def test_what_can_be_seen_through_stays_so(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    for kind, suffix in (("PNG", "png"), ("WEBP", "webp"), ("AVIF", "png"), ("GIF", "png")):
        found, whole, small = made(tmp_path, written(clear, kind))
        assert found.suffix == suffix
        assert whole.convert("RGBA").getpixel((5, 5))[3] == small.convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(("kind", "suffix"), [("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png"), ("AVIF", "webp")])
def test_what_moves_goes_on_moving(tmp_path: Path, kind: str, suffix: str) -> None:
    found, whole, small = made(tmp_path, moving(kind))

    assert (found.suffix, whole.n_frames, getattr(small, "n_frames", 1)) == (suffix, 5, 1)
    for number in range(5):
        whole.seek(number)
        assert near(whole, (0.5, 0.5), (40 * number % 256, 90, 30))
        assert whole.info["duration"] == 70


@pytest.mark.parametrize(("frames", "size"), [(301, (4, 4)), (50, (1000, 900))])
def test_what_moves_for_too_long_stands_still(tmp_path: Path, frames: int, size: tuple[int, int]) -> None:
    found, whole, _ = made(tmp_path, moving(frames=frames, size=size))

    assert (found.suffix, getattr(whole, "n_frames", 1), whole.size) == ("png", 1, size)


def test_the_picture_for_programs_that_show_nothing_move_is_no_part_of_it(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    still = Image.new("RGB", (8, 8), (30, 200, 30))
    data = written(still, "PNG", save_all=True, default_image=True, append_images=frames, duration=70)

    _, whole, small = made(tmp_path, data)

    assert whole.n_frames == 2
    assert near(whole, (0.5, 0.5), RED)
    assert near(small, (0.5, 0.5), RED)


def test_what_moves_says_nothing_of_its_maker_either(tmp_path: Path) -> None:
    frames = [halves((8, 8)), halves((8, 8)).rotate(180)]
    exif = Image.Exif()
    exif[MAKER] = MAKER_NAME
    for kind in ("PNG", "WEBP", "AVIF"):
        data = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=70, exif=exif)
        made(tmp_path, data)
        assert MAKER_NAME.encode() not in (tmp_path / "whole").read_bytes()
        assert b"Exif" not in (tmp_path / "whole").read_bytes()


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(("width", "height"), [(1001, 1000), (60_000, 60_000), (2**31 - 1, 2**31 - 1), (1_000_001, 1)])
def test_more_pixels_than_are_taken_are_refused_before_they_are_unpacked(
    tmp_path: Path, width: int, height: int
) -> None:
    with pytest.raises((Refused, Image.DecompressionBombError)):
        shrink(io.BytesIO(bomb(width, height)), tmp_path, MOST)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_larger_than_its_picture_does_not_fill_the_memory(tmp_path: Path) -> None:
    data = bytearray(moving(frames=2, size=(10, 10)))
    place = data.index(b"\x2c", data.index(b"\x2c") + 1)  # the second image descriptor
    data[place + 5 : place + 9] = b"\xff\xff\xff\xff"

    with pytest.raises((Image.DecompressionBombError, OSError, EOFError, ValueError)):
        shrink(io.BytesIO(bytes(data)), tmp_path, MOST)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"GIF89a", b"\xff\xd8\xff", b"%PDF-1.7", b"BM" + bytes(100), b"II*\x00" + bytes(100),
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<html><body>", b"\x00\x00\x00\x18ftypmp42", b"%!PS-Adobe-3.0 EPSF-3.0\n",
    ],
)  # fmt: skip
def test_what_is_none_of_the_kinds_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - Pillow's own, which says no more
        shrink(io.BytesIO(data), tmp_path, MOST)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA", "EPS", "PDF"])
def test_other_kinds_that_could_be_read_are_not(tmp_path: Path, kind: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011
        shrink(io.BytesIO(written(halves(), kind)), tmp_path, MOST)


def test_what_hangs_behind_a_picture_does_not_pass(tmp_path: Path) -> None:
    archive = b"PK\x03\x04<script>alert(1)</script>"
    for kind in FORMATS:
        made(tmp_path, photograph(kind) + archive)
        assert b"script" not in (tmp_path / "whole").read_bytes()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(FORMATS), cut=st.floats(0, 1), junk=st.binary(max_size=40), at=st.floats(0, 1))
def test_a_damaged_picture_is_refused_or_made_and_nothing_else(
    tmp_path: Path, kind: str, cut: float, junk: bytes, at: float
) -> None:
    data = bytearray(photograph(kind, size=(24, 16)))
    place = int(at * len(data))
    data[place : place + len(junk)] = junk
    data = data[: int(cut * len(data)) + 1] if cut < 0.9 else data

    try:
        found = shrink(io.BytesIO(bytes(data)), tmp_path, MOST)
    except (
        Refused,
        Image.DecompressionBombError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        TypeError,
        KeyError,
        RuntimeError,
    ):
        return
    assert found.width * found.height <= MOST


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_no_picture(tmp_path: Path, data: bytes) -> None:
    for magic in (b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff\xe0", b"RIFF\x40\x00\x00\x00WEBPVP8 "):
        with pytest.raises((Refused, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)):
            shrink(io.BytesIO(magic + data), tmp_path, MOST)
