"""Tables for a terminal and for a page, and the colours of a terminal."""

import sys
from collections.abc import Sequence

from bench.goals import Verdict

COLOURS = {"red": "31", "green": "32", "dim": "2"}
HEADERS = ("scenario", "figure", "ours", "GoToSocial", "goal", "verdict")
WORDS_FIRST = 2


def number(value: float | None) -> str:
    """Write a figure with three digits that matter; a dash where there is none."""
    if value is None:
        return "–"
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def rows_of(verdicts: Sequence[Verdict]) -> list[tuple[str, ...]]:
    """Give each verdict as the cells of its row."""
    return [
        (
            verdict.goal.figure.scenario,
            verdict.goal.title,
            number(verdict.ours),
            number(verdict.reference),
            f"{'≤' if verdict.goal.is_most else '≥'} {number(verdict.goal.goal)}",
            verdict.words,
        )
        for verdict in verdicts
    ]


def plain(headers: Sequence[str], rows: Sequence[Sequence[str]], words: int = WORDS_FIRST) -> list[str]:
    """Set rows in even columns, one line each, headers first; after `words` columns of words come numbers."""
    widths = [max(len(row[column]) for row in [headers, *rows]) for column in range(len(headers))]
    return ["  ".join(_set(cells, widths, words)).rstrip() for cells in [headers, *rows]]


def _set(cells: Sequence[str], widths: Sequence[int], words: int) -> list[str]:
    last = len(cells) - 1
    return [
        cell.ljust(width) if column < words or column == last else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def markdown(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows as a table of Markdown."""
    return [f"| {' | '.join(cells)} |" for cells in [headers, ["---"] * len(headers), *rows]]


def verdict_lines(verdicts: Sequence[Verdict], *, is_coloured: bool) -> list[str]:
    """Write the table of verdicts for a terminal; what was missed is red, where there are colours."""
    head, *lines = plain(HEADERS, rows_of(verdicts))
    if is_coloured:
        lines = [paint(line, _colour(verdict)) for line, verdict in zip(lines, verdicts, strict=True)]
    return [head, *lines, "", summary(verdicts)]


def summary(verdicts: Sequence[Verdict]) -> str:
    """Count: "12 goals met, 3 missed, 10 not measured"."""
    met, missed = (sum(verdict.is_met is wanted for verdict in verdicts) for wanted in (True, False))
    return f"{met} goals met, {missed} missed, {len(verdicts) - met - missed} not measured"


def paint(text: str, colour: str) -> str:
    """Colour a line for a terminal."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def is_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def _colour(verdict: Verdict) -> str:
    return {True: "green", False: "red", None: "dim"}[verdict.is_met]
