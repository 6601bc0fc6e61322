"""Tables that are sorted by links on their heads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.pages import read, texts
from web.shared.sorting import Sorting, read_sorting

COLUMNS = ("name", "count")
DEFAULT = Sorting("name")


@pytest.mark.parametrize(
    ("asked", "sorting"),
    [
        ({}, DEFAULT),
        ({"sort": "count"}, Sorting("count")),
        ({"sort": "-count"}, Sorting("count", True)),
        ({"sort": "--count"}, DEFAULT),
        ({"sort": "secret"}, DEFAULT),
        ({"sort": "-"}, DEFAULT),
    ],
)
def test_what_is_asked_is_read(asked, sorting):
    assert read_sorting(asked, COLUMNS, DEFAULT) == sorting


@given(st.text())
def test_nothing_but_a_column_is_sorted_by(typed):
    assert read_sorting({"sort": typed}, COLUMNS, DEFAULT).by in COLUMNS


def test_a_link_turns_the_order_round():
    assert [Sorting("name").link("name"), Sorting("name", True).link("name"), Sorting("name").link("count")] == [
        "?sort=-name", "?sort=name", "?sort=count",
    ]  # fmt: skip
    assert [Sorting("name").said("name"), Sorting("name", True).said("name"), Sorting("name").said("count")] == [
        "ascending", "descending", "",
    ]  # fmt: skip


async def test_the_links_sort_a_table(visitor, section):
    page = read(await visitor.get("/design"))
    assert [head.get("aria-sort") for head in page.select(".sorted thead th")] == ["ascending", None, None]
    link = page.select(".sorted thead a")[1]["href"]

    rising = texts(read(await visitor.get(link)), ".sorted tbody td:nth-of-type(1)")
    falling = texts(read(await visitor.get("/design?sort=-coming")), ".sorted tbody td:nth-of-type(1)")

    assert link == "/design?sort=coming"
    assert (rising, falling) == (["9", "24", "41"], ["41", "24", "9"])
