"""The colours of a page, made from a section's two: as near to them as can be read, in light and in dark.

A colour that stands out too little is darkened towards black on light grounds, or lightened towards white on dark ones, and
changed no further than it must. The grounds are those of static/css/coopole.css.

Source: WCAG 2.2 §1.4.3 (text, 4.5 to 1), §1.4.11 (graphics, 3 to 1), "relative luminance", "contrast ratio";
bottosson.github.io/posts/oklab and CSS Color 4 §10 (mixing in Oklab)
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

FIRST = "#0f5263"
SECOND = "#c2451e"
TEXT = 4.5
GRAPHICS = 3.0

BLACK, WHITE = "#000000", "#ffffff"
GREY_DARK, GREY_LIGHT = "#23201d", "#faf8f5"

Linear = tuple[float, float, float]
"""Red, green and blue from 0 to 1, in proportion to the light."""

_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)


@dataclass(frozen=True, slots=True)
class Theme:
    """The paper of a page, the ink on it, the softer ink of what is said beside, and its panels and fields."""

    paper: str
    ink: str
    soft: str
    panel: str
    field: str

    @property
    def grounds(self) -> tuple[str, str, str]:
        """All that a link or a line may lie on, but for the tint, which is made of the section's colour."""
        return self.paper, self.panel, self.field


Palette = Mapping[str, str]
"""The value of each CSS custom property, without its dashes: {"link": "#0f5263"}."""


def light(first: str, second: str) -> Palette:
    """Make the colours of a light page from a section's first and second, each "#rrggbb"."""
    tint = _at_least(mix(first, 0.12, LIGHT.paper), brightest(TEXT, [LIGHT.soft]))
    link = _at_most(first, dimmest(TEXT, (*LIGHT.grounds, tint)))
    return {
        "section": _at_most(first, dimmest(GRAPHICS, LIGHT.grounds)),
        "section-accent": _at_most(second, dimmest(GRAPHICS, LIGHT.grounds)),
        "link": link,
        "link-hover": _at_most(mix(link, 0.7, LIGHT.ink), luminance(link)),
        "fill": link,
        "fill-hover": mix(link, 0.84, BLACK),
        "on-fill": GREY_LIGHT,
        "tint": tint,
    }


def dark(first: str, second: str) -> Palette:
    """Make the colours of a dark page. A button stands out of it, and white out of the button: between is little room."""
    fill = _at_least(_at_most(first, dimmest(TEXT, [WHITE])), brightest(GRAPHICS, DARK.grounds))
    tint = _at_most(mix(fill, 0.45, DARK.paper), dimmest(TEXT, [DARK.soft]))
    link = _at_least(first, brightest(TEXT, (*DARK.grounds, tint)))
    return {
        "section": _at_least(first, brightest(GRAPHICS, DARK.grounds)),
        "section-accent": _at_least(second, brightest(GRAPHICS, DARK.grounds)),
        "link": link,
        "link-hover": _at_least(mix(link, 0.5, WHITE), luminance(link)),
        "fill": fill,
        "fill-hover": mix(fill, 0.84, BLACK),
        "on-fill": WHITE,
        "tint": tint,
    }


def contrast(one: str, other: str) -> float:
    """Tell how far two colours stand apart: 1 for the same, 21 for black and white."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    """Tell how bright a colour is, from 0 for black to 1 for white."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def dimmest(ratio: float, grounds: Iterable[str]) -> float:
    """Give the luminance down to which a colour must go to stand out of light grounds."""
    return (min(luminance(ground) for ground in grounds) + 0.05) / ratio - 0.05


def brightest(ratio: float, grounds: Iterable[str]) -> float:
    """Give the luminance up to which a colour must go to stand out of dark grounds."""
    return (max(luminance(ground) for ground in grounds) + 0.05) * ratio - 0.05


def mix(one: str, share: float, other: str) -> str:
    """Mix two colours as CSS does: color-mix(in oklab, one share, other)."""
    first, second = _oklab(one), _oklab(other)
    lightness, a, b = (share * x + (1 - share) * y for x, y in zip(first, second, strict=True))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red, green, blue = (_times(row, (long, medium, short)) for row in _FROM_LMS)
    return _written((red, green, blue), round)


def _oklab(colour: str) -> Linear:
    linear = _linear(colour)
    long, medium, short = (math.cbrt(_times(row, linear)) for row in _TO_LMS)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _times(row: Linear, column: Linear) -> float:
    return sum(x * y for x, y in zip(row, column, strict=True))


def _at_most(colour: str, most: float) -> str:
    """Darken a colour until it is no brighter than that."""
    if (bright := luminance(colour)) <= most:
        return colour
    red, green, blue = (part * most / bright for part in _linear(colour))
    return _written((red, green, blue), math.floor)


def _at_least(colour: str, least: float) -> str:
    """Lighten a colour until it is no dimmer than that: it shines brighter as long as it can, then goes towards white."""
    if (bright := luminance(colour)) >= least:
        return colour
    linear = _linear(colour)
    times = min(least / bright, 1 / max(linear)) if bright > 0 else 1
    share = max(least - bright * times, 0) / (1 - bright * times)
    red, green, blue = (part * times + share * (1 - part * times) for part in linear)
    return _written((red, green, blue), math.ceil)


def _linear(colour: str) -> Linear:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _decoded(red), _decoded(green), _decoded(blue)


def _decoded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _written(linear: Linear, whole: Callable[[float], int]) -> str:
    """Write a colour as "#rrggbb"; `whole` says which way a part is rounded."""
    parts = (min(max(whole(255 * _encoded(part)), 0), 255) for part in linear)
    return "#" + "".join(f"{part:02x}" for part in parts)


def _encoded(part: float) -> float:
    part = min(max(part, 0.0), 1.0)
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _theme(paper: str, ink: str, field: str) -> Theme:
    return Theme(paper, ink, mix(ink, 0.68, paper), mix(ink, 0.045, paper), field)


_DARK_PAPER = mix(GREY_DARK, 0.86, BLACK)
LIGHT = _theme(GREY_LIGHT, GREY_DARK, mix(WHITE, 0.7, GREY_LIGHT))
DARK = _theme(_DARK_PAPER, mix(GREY_LIGHT, 0.92, GREY_DARK), mix(BLACK, 0.22, _DARK_PAPER))
