"""Drawing the picture of a page: a title, when and where, by whom. Nothing but what it is given stands in it.

A program of its own, which imports nothing of ours: `python -I drawing.py` reads from standard input, as JSON, what to
draw (`card`, `colours`, `fonts`), and says on standard output, as JSON, what it is (`png`, in base64).

The fonts hold Latin letters: what they do not hold is left out, an emoji as well as a script written from right to left.

Source: ogp.me (og:image); Pillow's reference (ImageFont, ImageDraw)
"""

import base64
import io
import json
import os
import resource
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
MARGIN = 72
TOP_BAND, ACCENT_BAND, FOOT_BAND = 18, 6, 104
KIND_AT, TITLE_AT, TEXT_ENDS_AT = 70, 124, 500
BLOCK_WIDTH, BLOCK_HEIGHT, BLOCK_GAP = 212, 236, 44
TITLE_SIZES = (84, 76, 68, 60, 54, 48)
MAX_TITLE_LINES = 4
LINE_SIZE, LINE_HEIGHT = 34, 46
MAX_LINE_ROWS = 2
MAX_CHARACTERS = 400
COLOURS_KEPT = 128
MAX_MEMORY_BYTES = 768 * 2**20
MAX_SECONDS = 20
NICER_BY = 10
_NEVER = "\U0010ffff"  # no font has it: what is drawn in its place stands for all that is lacking

Font = ImageFont.FreeTypeFont


@dataclass(frozen=True, slots=True)
class Face:
    """A font in one weight, at any size. One that cannot be read here is stood in for by Pillow's own."""

    path: str
    weight: int

    def at(self, size: int) -> Font:
        """Give it at a size in pixels."""
        try:
            font = ImageFont.truetype(self.path, size)
        except OSError:
            font = ImageFont.load_default(size)  # type: ignore[assignment]
        try:
            font.set_variation_by_axes([self.weight])
        except (OSError, AttributeError, NotImplementedError):  # it has but one weight
            return font
        return font


class Letters:
    """Which characters a font has."""

    def __init__(self, face: Face) -> None:
        self._font = face.at(20)
        self._lacking = self._drawn(_NEVER)
        self._known: dict[str, bool] = {}

    def _drawn(self, character: str) -> tuple[tuple[int, int], bytes]:
        mask = self._font.getmask(character)
        return mask.size, bytes(mask)

    def _has(self, character: str) -> bool:
        if character not in self._known:
            self._known[character] = self._drawn(character) != self._lacking
        return self._known[character]

    def readable(self, text: str) -> str:
        """Leave out of a text what the font cannot draw, and what says how to draw it."""
        text = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
        kept = (" " if one.isspace() else one for one in text if one.isspace() or self._is_shown(one))
        return " ".join("".join(kept).split())

    def _is_shown(self, character: str) -> bool:
        return unicodedata.category(character)[0] in "LMNPS" and self._has(character)


def wrap(text: str, font: Font, width: int) -> list[str]:
    """Break a text into lines no wider than that, between words where there is a gap."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        for part in _parts(word, font, width):
            joined = f"{line} {part}" if line else part
            if font.getlength(joined) <= width:
                line = joined
            else:
                lines.append(line)
                line = part
    return [*lines, line] if line else lines


def _parts(word: str, font: Font, width: int) -> list[str]:
    """Break a word that is wider than a line."""
    if font.getlength(word) <= width:
        return [word]
    parts, part = [], ""
    for letter in word:
        if part and font.getlength(part + letter) > width:
            parts.append(part)
            part = ""
        part += letter
    return [*parts, part]


def cut(lines: Sequence[str], most: int, font: Font, width: int) -> list[str]:
    """Keep so many lines at most; the last one says where something is left out."""
    if len(lines) <= most:
        return list(lines)
    last = lines[most - 1]
    while last and font.getlength(f"{last}…") > width:
        last = last[:-1].rstrip(" ,;:.-–")
    return [*lines[: most - 1], f"{last}…"]


def fitted(text: str, face: Face, width: int, height: int) -> tuple[Font, int, list[str]]:
    """Find the largest size at which a title has room: (its font, the height of a line, the lines)."""
    for size in TITLE_SIZES:
        font, line_height = face.at(size), round(size * 1.14)
        lines, most = wrap(text, font, width), max(1, min(MAX_TITLE_LINES, height // line_height))
        if len(lines) <= most:
            return font, line_height, lines
    return font, line_height, cut(lines, most, font, width)


def draw(card: Mapping[str, Any], colours: Mapping[str, str], fonts: Mapping[str, str]) -> Image.Image:
    """Draw a picture.

    `card` has `kind`, `title`, `lines`, `name`, `host`, and `block`: weekday, day and month, or nothing.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), colours["paper"])
    pen = ImageDraw.Draw(image)
    title, plain = Face(fonts["serif"], 700), Face(fonts["sans"], 500)
    strong, letters = Face(fonts["sans"], 650), Letters(Face(fonts["sans"], 500))
    pen.rectangle((0, 0, WIDTH, TOP_BAND), colours["section"])
    pen.rectangle((0, TOP_BAND, WIDTH, TOP_BAND + ACCENT_BAND), colours["section-accent"])
    left = MARGIN
    if card["block"]:
        _block(pen, [letters.readable(word) for word in card["block"]], colours, title, strong)
        left += BLOCK_WIDTH + BLOCK_GAP
    width = WIDTH - MARGIN - left
    name, kind = letters.readable(card["name"]), letters.readable(card["kind"])
    headline = Letters(title).readable(card["title"]) or kind or name
    pen.text((left, KIND_AT), _one(kind, strong.at(32), width), colours["link"], strong.at(32))
    font = plain.at(LINE_SIZE)
    rows = [
        row
        for line in card["lines"]
        for row in cut(wrap(letters.readable(line), font, width), MAX_LINE_ROWS, font, width)
    ]
    below = LINE_HEIGHT * len(rows)
    title_font, line_height, shown = fitted(headline, title, width, TEXT_ENDS_AT - TITLE_AT - below - 12)
    for number, row in enumerate(shown):
        pen.text((left, TITLE_AT + number * line_height), row, colours["ink"], title_font)
    at = TITLE_AT + len(shown) * line_height + 12
    for number, row in enumerate(rows):
        pen.text((left, at + number * LINE_HEIGHT), row, colours["ink-soft"], font)
    _foot(pen, name, letters.readable(card["host"]), colours, strong, plain)
    return image


def _one(text: str, font: Font, width: int) -> str:
    """Give a text as one line."""
    return "".join(cut(wrap(text, font, width), 1, font, width))


def _block(
    pen: ImageDraw.ImageDraw, words: Sequence[str], colours: Mapping[str, str], title: Face, strong: Face
) -> None:
    """Draw a day: its name, its number, its month."""
    weekday, day, month = words
    left, top = MARGIN, TITLE_AT
    pen.rounded_rectangle((left, top, left + BLOCK_WIDTH, top + BLOCK_HEIGHT), 16, colours["tint"])
    pen.rectangle((left + 16, top, left + BLOCK_WIDTH - 16, top + 8), colours["section"])
    middle = left + BLOCK_WIDTH // 2
    pen.text((middle, top + 40), weekday, colours["ink"], strong.at(34), anchor="mm")
    pen.text((middle, top + 124), day, colours["ink"], title.at(104), anchor="mm")
    pen.text((middle, top + 200), month, colours["link"], strong.at(40), anchor="mm")


def _foot(
    pen: ImageDraw.ImageDraw, name: str, host: str, colours: Mapping[str, str], strong: Face, plain: Face
) -> None:
    """Draw by whom it is, and on which server."""
    pen.rectangle((0, HEIGHT - FOOT_BAND, WIDTH, HEIGHT), colours["fill"])
    middle, small = HEIGHT - FOOT_BAND // 2, plain.at(28)
    host = _one(host, small, (WIDTH - 2 * MARGIN) // 2)
    room = WIDTH - 2 * MARGIN - round(small.getlength(host)) - 40
    pen.text((MARGIN, middle), _one(name, strong.at(38), room), colours["on-fill"], strong.at(38), anchor="lm")
    pen.text((WIDTH - MARGIN, middle), host, colours["on-fill"], small, anchor="rm")


def as_png(image: Image.Image) -> bytes:
    """Write a picture as PNG: so few colours that it is small, and nothing beside its pixels."""
    written = io.BytesIO()
    image.quantize(COLOURS_KEPT, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def main() -> None:
    """Draw what standard input says."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    os.nice(NICER_BY)
    said = json.loads(sys.stdin.buffer.read())
    png = as_png(draw(said["card"], said["colours"], said["fonts"]))
    sys.stdout.write(json.dumps({"png": base64.b64encode(png).decode()}))


if __name__ == "__main__":
    main()
