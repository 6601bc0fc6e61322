"""The communes of France, found by a postal code or by how their name begins. No map and no other server is asked.

The table is packaged (communes.csv, written by scripts/communes.py) and read into memory as far as it is needed: where each
commune is when a map is first drawn, by what it is found when somebody first looks for a place.
"""

import asyncio
import csv
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from pathlib import Path
from typing import Any

from models import search

TABLE = Path(__file__).parent / "communes.csv"
MAX_CHARACTERS = 100
KM_A_DEGREE = 111.2
ARTICLES = ("le ", "la ", "les ", "l ", "aux ", "las ", "los ")
SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}

_WORD = re.compile(r"[^\W_]+")
_POSTAL_CODE = re.compile(r"[0-9]{5}")
_LAST = "\U0010ffff"
_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune of today, or a district of Paris, Lyon or Marseille. `code` is INSEE's; degrees are its town hall's."""

    code: str
    name: str
    postal_codes: tuple[str, ...]
    latitude: float
    longitude: float
    population: int

    @property
    def department(self) -> str:
        """The code of its département, which tells two of one name apart: "59", "2A", "974"."""
        return self.code[:3] if self.code.startswith("97") else self.code[:2]


async def find(text: str, limit: int = 10) -> list[Commune]:
    """Find communes by a postal code, or else by how their name begins, the most populous first.

    Accents, case, hyphens and a leading article do not count; "St" stands for "Saint".
    """
    text = text.strip()[:MAX_CHARACTERS]
    if _POSTAL_CODE.fullmatch(text):
        return await _select(_BY_POSTAL_CODE, text, limit)
    name = folded(text)
    return await _select(_BY_NAME, name, name + _LAST, limit) if name else []


async def of_code(code: str) -> Commune | None:
    """Give the commune that has this code of INSEE's."""
    return next(iter(await _select(_BY_CODE, code)), None)


async def points() -> frozenset[tuple[float, float]]:
    """Give where all town halls are, in degrees (latitude, longitude), to a tenth of one: for a drawing of the country."""
    return _points(await asyncio.to_thread(_ground))


@cache
def _points(table: sqlite3.Connection) -> frozenset[tuple[float, float]]:
    with closing(table.execute("SELECT DISTINCT round(latitude, 1), round(longitude, 1) FROM commune")) as rows:
        return frozenset(rows)


async def postal_codes_near(latitude: float, longitude: float, kilometres: float) -> tuple[str, ...]:
    """Give the postal codes of the communes around a point, for places of which nothing else is known."""
    high, narrow = kilometres / KM_A_DEGREE, max(cos(radians(latitude)), 0.01)
    box = (latitude - high, latitude + high, longitude - high / narrow, longitude + high / narrow)
    circle = (latitude, latitude, longitude, longitude, narrow * narrow, high * high)
    table = await asyncio.to_thread(_table)
    with closing(table.execute(_CODES_NEAR, (*box, *circle))) as rows:
        return tuple(code for (code,) in rows)


async def near(latitude: float, longitude: float, kilometres: float, limit: int) -> list[Commune]:
    """Give the communes around a point, the nearest first."""
    high, narrow = kilometres / KM_A_DEGREE, max(cos(radians(latitude)), 0.01)
    box = (latitude - high, latitude + high, longitude - high / narrow, longitude + high / narrow)
    point = (latitude, latitude, longitude, longitude, narrow * narrow)
    table = await asyncio.to_thread(_ground)
    with closing(table.execute(_NEAREST, (*box, *point, high * high, *point, limit))) as rows:
        return [_read(row) for row in rows]


def folded(name: str) -> str:
    """Write a name as it is compared: "St-Étienne" is "saint etienne"."""
    return " ".join(SAINTS.get(word, word) for word in _WORD.findall(search.folded(name)))


async def _select(sql: str, *values: str | int) -> list[Commune]:
    table = await asyncio.to_thread(_table)
    with closing(table.execute(sql, values)) as rows:
        return [_read(row) for row in rows]


def _read(row: Sequence[Any]) -> Commune:
    code, name, codes, latitude, longitude, population = row
    return Commune(code, name, tuple(codes.split()), latitude, longitude, population)


@cache
def _ground() -> sqlite3.Connection:
    """Read into memory where each commune is, once a process."""
    table = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    table.executescript(_COMMUNES)
    table.execute("BEGIN")
    table.executemany("INSERT INTO commune VALUES (?, ?, ?, ?, ?, ?)", _lines())
    table.execute("COMMIT")
    return table


def _lines() -> list[list[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


@cache
def _table() -> sqlite3.Connection:
    """Read the whole table into memory, once a process; two who come first at once do it one after the other."""
    table, lines = _ground(), _lines()
    with _LOCK:
        table.executescript(_TABLES)
        table.execute("BEGIN")
        table.executemany(
            "INSERT OR IGNORE INTO postal VALUES (?, ?)",
            ((post, line[0]) for line in lines for post in line[2].split()),
        )
        table.executemany("INSERT OR IGNORE INTO name VALUES (?, ?)", _names(lines))
        table.execute("COMMIT")
    return table


def _names(lines: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Give what each commune is found by: its name, and what is left of it without an article."""
    for code, name, *_ in lines:
        whole = folded(name)
        yield whole, code
        for article in ARTICLES:
            if whole.startswith(article):
                yield whole.removeprefix(article), code


_COMMUNES = """
CREATE TABLE commune (
    code TEXT PRIMARY KEY, name TEXT, postal_codes TEXT, latitude REAL, longitude REAL, population INTEGER
) WITHOUT ROWID;
CREATE INDEX commune_north ON commune (latitude);
"""
_TABLES = """
CREATE TABLE IF NOT EXISTS postal (postal_code TEXT, code TEXT, PRIMARY KEY (postal_code, code)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS postal_of ON postal (code);
CREATE TABLE IF NOT EXISTS name (folded TEXT, code TEXT, PRIMARY KEY (folded, code)) WITHOUT ROWID;
"""
_COLUMNS = "SELECT DISTINCT c.code, c.name, c.postal_codes, c.latitude, c.longitude, c.population"
_BY_CODE = f"{_COLUMNS} FROM commune c WHERE c.code = ?"
_BY_POSTAL_CODE = f"""
{_COLUMNS} FROM postal p JOIN commune c ON c.code = p.code
WHERE p.postal_code = ? ORDER BY c.population DESC, c.code LIMIT ?
"""
_CODES_NEAR = """
SELECT DISTINCT p.postal_code FROM commune c JOIN postal p ON p.code = c.code
WHERE c.latitude BETWEEN ? AND ? AND c.longitude BETWEEN ? AND ?
AND (c.latitude - ?) * (c.latitude - ?) + (c.longitude - ?) * (c.longitude - ?) * ? <= ? ORDER BY p.postal_code
"""
_FROM_POINT = "(c.latitude - ?) * (c.latitude - ?) + (c.longitude - ?) * (c.longitude - ?) * ?"
_NEAREST = f"""
{_COLUMNS} FROM commune c
WHERE c.latitude BETWEEN ? AND ? AND c.longitude BETWEEN ? AND ? AND {_FROM_POINT} <= ?
ORDER BY {_FROM_POINT}, c.code LIMIT ?
"""
_BY_NAME = f"""
{_COLUMNS} FROM name n JOIN commune c ON c.code = n.code
WHERE n.folded >= ? AND n.folded < ? ORDER BY c.population DESC, c.code LIMIT ?
"""
