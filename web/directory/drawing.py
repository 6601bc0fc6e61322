"""A small map of France, drawn here: a dot wherever there are town halls, a mark for each section. No tiles.

Sections elsewhere in the world stand in the list alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from math import cos, floor, radians

from server.places import communes
from server.sections.directory import Point

NORTH, SOUTH, WEST, EAST = 51.7, 41.0, -5.4, 9.9
DOTS_A_DEGREE = 3.0
SCALE = 24.0
NARROW = cos(radians(46.5))
WIDTH, HEIGHT = round((EAST - WEST) * NARROW * SCALE), round((NORTH - SOUTH) * SCALE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on the drawing, in its own units."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawing: `land` is a path of dotted lines, whose dots are `gap` apart; `marks` by the ids of sections."""

    land: str
    gap: float
    marks: dict[int, Mark]
    centre: Mark | None
    width: int = WIDTH
    height: int = HEIGHT


def mark_of(point: Point) -> Mark | None:
    """Tell where a place is on the drawing; None where it is not on it."""
    if not (SOUTH <= point.latitude <= NORTH and WEST <= point.longitude <= EAST):
        return None
    return Mark(round((point.longitude - WEST) * NARROW * SCALE, 1), round((NORTH - point.latitude) * SCALE, 1))


async def draw(points: Iterable[tuple[int, Point]], centre: Point | None = None) -> Drawing:
    """Draw sections, given by their ids, and the place that somebody asked about."""
    marks = {id_: mark for id_, point in points if (mark := mark_of(point)) is not None}
    return Drawing(_land(await communes.points()), SCALE / DOTS_A_DEGREE, marks, mark_of(centre) if centre else None)


@cache
def _land(points: frozenset[tuple[float, float]]) -> str:
    """Write the dots of the land as a path: in each row of cells, a line for each run of them that has town halls."""
    step = 1 / DOTS_A_DEGREE
    cells = {
        (floor((NORTH - latitude) / step), floor((longitude - WEST) * NARROW / step))
        for latitude, longitude in points
        if SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST
    }
    gap, lines = SCALE * step, []
    for row, in_row in groupby(sorted(cells), key=lambda cell: cell[0]):
        columns = [column for _, column in in_row]
        for _, run in groupby(enumerate(columns), key=lambda pair: pair[1] - pair[0]):
            first, *rest = [column for _, column in run]
            lines.append(f"M{(first + 0.5) * gap:g} {(row + 0.5) * gap:g}h{(len(rest) + 0.01) * gap:g}")
    return "".join(lines)
