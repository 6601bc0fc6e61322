"""Small charts, reckoned here and drawn by shared/blocks.html as SVG: no script or style in the page, the numbers beside.

Lengths are in units of a drawing that is WIDTH by HEIGHT, and y grows downwards; it is shown as wide as there is room.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 200.0
GAP = 0.3
MAX_POINTS = 366

Rows = Sequence[tuple[str, float]]
"""What is shown: a label and its value, 0 or more, from left to right."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A value as a bar that stands on the bottom of the drawing."""

    label: str
    value: float
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Where its label stands below it."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Dot:
    """A value as a dot of a line."""

    label: str
    value: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Values side by side. `top` is the round number at the upper end of the drawing."""

    bars: tuple[Bar, ...]
    top: float


@dataclass(frozen=True, slots=True)
class LineChart:
    """Values that follow each other in time. `top` is the round number at the upper end of the drawing."""

    dots: tuple[Dot, ...]
    top: float

    @property
    def points(self) -> str:
        """The line as SVG writes it: "0,200 320,100"."""
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in self.dots)

    @property
    def area(self) -> str:
        """What lies below the line, as SVG writes it."""
        if not self.dots:
            return ""
        return f"{self.dots[0].x:g},{HEIGHT:g} {self.points} {self.dots[-1].x:g},{HEIGHT:g}"


def bars(rows: Rows) -> BarChart:
    """Reckon a bar chart.

    Raises:
        ValueError: there are too many values, or one is below 0 or no number.
    """
    top = _top(rows)
    room = WIDTH / max(len(rows), 1)
    made = []
    for number, (label, value) in enumerate(rows):
        height = round(HEIGHT * value / top, 1)
        made.append(
            Bar(label, value, round((number + GAP / 2) * room, 1), HEIGHT - height, round(room * (1 - GAP), 1), height)
        )
    return BarChart(tuple(made), top)


def line(rows: Rows) -> LineChart:
    """Reckon a line chart; a single value stands in the middle.

    Raises:
        ValueError: there are too many values, or one is below 0 or no number.
    """
    top = _top(rows)
    step = WIDTH / max(len(rows) - 1, 1)
    first = WIDTH / 2 if len(rows) == 1 else 0.0
    made = [
        Dot(label, value, round(first + number * step, 1), round(HEIGHT - HEIGHT * value / top, 1))
        for number, (label, value) in enumerate(rows)
    ]
    return LineChart(tuple(made), top)


def _top(rows: Rows) -> float:
    """Give the round number at or above the greatest value: 1, 2 or 5 with zeros behind it."""
    if len(rows) > MAX_POINTS:
        raise ValueError(f"a small chart shows {MAX_POINTS} values at most")
    if not all(math.isfinite(value) and value >= 0 for _, value in rows):
        raise ValueError("a small chart shows numbers from 0 on")
    most = max((value for _, value in rows), default=0.0)
    if most < 1:
        return 1.0
    unit: float = 10.0 ** math.floor(math.log10(most))
    return next((unit * times for times in (1, 2, 5) if unit * times >= most), unit * 10)
