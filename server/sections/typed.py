"""Reading what is typed of a section: colours, coordinates, the codes of its communes."""

import re

from server.errors import Invalid

MAX_CODES = 500

_NUMBER = r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?)"
_FRACTION = r"(-?[0-9]{1,3}\.[0-9]{1,15})"
_COMMA_NUMBER = r"(-?[0-9]{1,3}(?:,[0-9]{1,15})?)"
_PAIRS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_FRACTION}\s*,\s*{_FRACTION}",
        rf"{_NUMBER}(?:\s*;\s*|\s+){_NUMBER}",
        rf"{_COMMA_NUMBER}(?:\s*;\s*|\s+){_COMMA_NUMBER}",
    )
)
_CODE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
_COLOUR = re.compile(r"#[0-9a-f]{6}")


def read_colour(typed: str) -> str:
    """Read a colour: "#rrggbb" in small letters, or "" for none.

    Raises:
        Invalid: it is none.
    """
    colour = typed.strip().lower()
    if colour and not _COLOUR.fullmatch(colour):
        raise Invalid("A colour is written as # and six digits, such as #c8102e.")
    return colour


def read_coordinates(typed: str) -> tuple[float, float] | None:
    """Read latitude and longitude in degrees, as maps and people write them: "50.63, 3.06" or "50,63 3,06"; "" is None.

    Raises:
        Invalid: it is not a place on the earth.
    """
    text = typed.strip()
    if not text:
        return None
    found = next((match for pattern in _PAIRS if (match := pattern.fullmatch(text))), None)
    if found is not None:
        latitude, longitude = (round(float(number.replace(",", ".")), 6) for number in found.groups())
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
    raise Invalid("Write latitude and longitude, such as 50.6311, 3.0468.")


def written_coordinates(latitude: float | None, longitude: float | None) -> str:
    """Write coordinates as `read_coordinates` reads them."""
    return "" if latitude is None or longitude is None else f"{latitude:.6f}, {longitude:.6f}"


def read_codes(typed: str) -> list[str]:
    """Read the INSEE codes of communes, with blanks, commas or semicolons between them; each once, in their order.

    Raises:
        Invalid: one is not a code, or there are too many.
    """
    codes = list(dict.fromkeys(code.upper() for code in re.split(r"[\s,;]+", typed) if code))
    if len(codes) > MAX_CODES:
        raise Invalid("A section may name 500 communes at most.")
    if not all(_CODE.fullmatch(code) for code in codes):
        raise Invalid("The INSEE code of a commune has five characters, such as 59350 or 2A004.")
    return codes
