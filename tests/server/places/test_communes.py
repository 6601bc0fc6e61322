"""Communes are found as people write them, from a table that comes with the server."""

import csv
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.communes import middle
from server.places import communes

LILLE = "59350"


async def names(text: str, limit: int = 3) -> list[str]:
    return [commune.name for commune in await communes.find(text, limit)]


async def test_a_postal_code_gives_its_communes_the_most_populous_first() -> None:
    first, *_ = await communes.find("59000")
    assert (first.code, first.name, first.department) == (LILLE, "Lille", "59")
    assert (round(first.latitude, 2), round(first.longitude, 2)) == (50.63, 3.07)
    assert await names("59390") == ["Lys-lez-Lannoy", "Toufflers", "Sailly-lez-Lannoy"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lille", "Lille"),
        ("  LILLE ", "Lille"),
        ("roubai", "Roubaix"),
        ("saint-etienne", "Saint-Étienne"),
        ("St Étienne", "Saint-Étienne"),
        ("ste-genevieve-des-bois", "Sainte-Geneviève-des-Bois"),
        ("havre", "Le Havre"),
        ("le havre", "Le Havre"),
        ("L’Haÿ-les-Roses", "L’Haÿ-les-Roses"),
        ("hay les roses", "L’Haÿ-les-Roses"),
        ("Marseille", "Marseille"),
        ("97400", "Saint-Denis"),
        ("75011", "Paris 11e Arrondissement"),
    ],
)
async def test_a_name_is_found_as_people_write_it(text: str, name: str) -> None:
    assert (await names(text))[0] == name


async def test_several_of_one_name_are_told_apart_by_their_department() -> None:
    found = [commune.department for commune in await communes.find("Saint-Denis", 60) if commune.name == "Saint-Denis"]
    assert found == ["974", "93", "11", "30"]


@pytest.mark.parametrize("text", ["", "  ", "zzzz", "00000", "123456", "!?", "%", "_", "' OR 1=1 --"])
async def test_what_is_no_place_finds_nothing(text: str) -> None:
    assert await communes.find(text) == []


@given(st.text(max_size=150), st.integers(1, 20))
async def test_whatever_is_typed_finds_so_many_at_most(text: str, limit: int) -> None:
    found = await communes.find(text, limit)
    assert len(found) <= limit
    assert [one.population for one in found] == sorted((one.population for one in found), reverse=True)


async def test_a_code_names_one_commune() -> None:
    lille = await communes.of_code(LILLE)
    assert lille is not None
    assert lille.name == "Lille"
    assert await communes.of_code("59") is None


async def test_postal_codes_around_a_point() -> None:
    near = await communes.postal_codes_near(50.63, 3.07, 15)
    assert {"59000", "59100", "59200"} <= set(near)
    assert not {"62000", "59300", "75011"} & set(near)


def test_the_table_is_whole() -> None:
    with communes.TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 34_900
    assert len({row["code"] for row in rows}) == len(rows)
    assert all(-90 < float(row["latitude"]) < 90 and -180 < float(row["longitude"]) < 180 for row in rows)
    assert all(code.isdigit() and len(code) == 5 for row in rows for code in row["postal_codes"].split())
    assert sum(not row["postal_codes"] for row in rows) < 10  # Paris, Lyon and Marseille, whose districts have them


def test_the_middle_of_a_shape() -> None:
    point = "0101000000" + "000000000000F03F" + "0000000000000040"
    square = (
        "0103000000" "01000000" "05000000"
        + "".join(["0000000000000000" * 2, "0000000000000040" "0000000000000000", "0000000000000040" * 2,
                   "0000000000000000" "0000000000000040", "0000000000000000" * 2])
    )  # fmt: skip
    assert middle(point) == (1, 2)
    assert middle(square) == middle("010600000001000000" + square) == (1, 1)
    assert middle("\\N") is middle("") is None


async def test_what_is_near_comes_first_and_no_further_than_asked() -> None:
    found = await communes.near(50.6311, 3.0468, 20, 5)
    assert (found[0].name, len(found)) == ("Lille", 5)
    assert await communes.near(-40.0, -120.0, 40, 5) == []


def test_many_who_come_first_at_once_read_one_table() -> None:
    communes._ground.cache_clear()
    communes._table.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        tables = [pool.submit(communes._table) for _ in range(4)]
        counts = {each.result().execute("SELECT count(*) FROM postal").fetchone()[0] for each in tables}
    assert len(counts) == 1
    assert counts.pop() > 30_000
