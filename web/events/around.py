"""A small map of where an event is, drawn without any map: the place, the communes around it, how far that is.

Only points are known of communes, their town halls'. Nothing is asked of any other server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians

from models.event import Place
from server.places import communes
from server.places.communes import KM_A_DEGREE, Commune

WIDTH, HEIGHT = 640, 320
MARGIN = 44
FARTHEST_KM = 40.0
LEAST_KM = 2.0
MAX_DOTS = 60
MAX_NAMED = 3
NAME_HEIGHT = 34
LETTER_WIDTH = 14.5
DOT_SIZES = ((100_000, 12.0), (20_000, 9.0), (3_000, 6.5), (0, 4.5))
SCALES_KM = (0.5, 1, 2, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Dot:
    """A commune on the map, in the units of its drawing; `radius` says how many people live there."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a commune beside its dot; `ends` where it stands on its left."""

    x: float
    y: float
    text: str
    ends: bool


@dataclass(frozen=True, slots=True)
class Around:
    """A drawing: the place is in its middle. `scale_km` is how far `scale_width` goes."""

    dots: tuple[Dot, ...]
    names: tuple[Name, ...]
    scale_km: float
    scale_width: float
    width: int = WIDTH
    height: int = HEIGHT


async def around(place: Place | None) -> Around | None:
    """Draw what is around a place; None where its point is not known, or no commune is near."""
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return await at(place.latitude, place.longitude)


async def at(latitude: float, longitude: float) -> Around | None:
    """Draw what is around a point; None where no commune is near it."""
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    found = await communes.near(latitude, longitude, FARTHEST_KM, MAX_DOTS)
    return _drawn(latitude, longitude, tuple(found)) if found else None


@lru_cache(maxsize=256)
def _drawn(latitude: float, longitude: float, found: tuple[Commune, ...]) -> Around:
    """Draw communes around a point, the nearest first: as near as three of them allow."""
    places = [_from(latitude, longitude, commune) for commune in found]
    reach = max(LEAST_KM, *(hypot(*place) for place in places[:MAX_NAMED]))
    unit = (min(WIDTH, HEIGHT) / 2 - MARGIN) / reach
    dots, names = [], list[Name]()
    for (east, north), commune in zip(places, found, strict=True):
        x, y = round(WIDTH / 2 + east * unit, 1), round(HEIGHT / 2 - north * unit, 1)
        if not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
            continue
        radius = next(size for people, size in DOT_SIZES if commune.population >= people)
        dots.append(Dot(x, y, radius))
        if (
            len(names) < MAX_NAMED
            and (name := _named(commune.name.removesuffix(" Arrondissement"), x, y, radius, names)) is not None
        ):
            names.append(name)
    scale = max((km for km in SCALES_KM if km * unit <= WIDTH / 4), default=SCALES_KM[0])
    return Around(tuple(dots), tuple(names), scale, round(scale * unit, 1))


def _from(latitude: float, longitude: float, commune: Commune) -> tuple[float, float]:
    """Tell how far a commune is to the east and to the north, in kilometres: so near, the earth is flat."""
    narrow = max(cos(radians(latitude)), 0.01)
    east = (commune.longitude - longitude + 180) % 360 - 180
    return east * narrow * KM_A_DEGREE, (commune.latitude - latitude) * KM_A_DEGREE


def _named(text: str, x: float, y: float, radius: float, before: Sequence[Name]) -> Name | None:
    """Write a name beside a dot, away from the middle if there is room; None where others, or the place, are in its way."""
    place = (WIDTH / 2 - 20, HEIGHT / 2 - 52, WIDTH / 2 + 20, HEIGHT / 2 + 10)
    taken = [place, *map(_box, before)]
    for ends in (x < WIDTH / 2, x >= WIDTH / 2):
        name = Name(round(x - radius - 8 if ends else x + radius + 8, 1), y, text, ends)
        left, top, right, bottom = mine = _box(name)
        is_inside = left >= 0 and right <= WIDTH and top >= 0 and bottom <= HEIGHT - MARGIN
        if is_inside and not any(_meet(mine, other) for other in taken):
            return name
    return None


Box = tuple[float, float, float, float]


def _box(name: Name) -> Box:
    long = LETTER_WIDTH * len(name.text)
    left = name.x - long if name.ends else name.x
    return left, name.y - NAME_HEIGHT / 2, left + long, name.y + NAME_HEIGHT / 2


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
