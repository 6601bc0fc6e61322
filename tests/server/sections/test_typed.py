"""Reading what is typed of a section."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Invalid
from server.sections.typed import read_codes, read_colour, read_coordinates, written_coordinates


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("50.6311, 3.0468", (50.6311, 3.0468)),
        ("50.6311,3.0468", (50.6311, 3.0468)),
        (" 50.6311 3.0468 ", (50.6311, 3.0468)),
        ("50,6311 3,0468", (50.6311, 3.0468)),
        ("50,6311; 3,0468", (50.6311, 3.0468)),
        ("-21.1; 55.5", (-21.1, 55.5)),
        ("50 3", (50.0, 3.0)),
        ("-90.0, -180.0", (-90.0, -180.0)),
        ("50.63110000001, 3.0", (50.6311, 3.0)),
        ("", None),
        ("  ", None),
    ],
)
def test_coordinates_are_read_as_people_write_them(typed: str, place: tuple[float, float] | None) -> None:
    assert read_coordinates(typed) == place


@pytest.mark.parametrize(
    "typed",
    [
        "50.6",
        "50,63",
        "50, 3, 2",
        "91.0, 3.0",
        "50.0, 180.5",
        "nord",
        "1e1 3",
        "nan nan",
        "50.6 3,1",
        "٥٠ ٣",
        "50..1, 3.0",
    ],
)
def test_what_is_no_place_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_coordinates(typed)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_coordinates_are_written_as_they_are_read(latitude: float, longitude: float) -> None:
    place = round(latitude, 6), round(longitude, 6)
    assert read_coordinates(written_coordinates(*place)) == place


def test_without_coordinates_nothing_is_written() -> None:
    assert written_coordinates(None, 3.0) == written_coordinates(3.0, None) == ""


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("59350", ["59350"]),
        ("59350, 2a004;2B033\n97411 59350", ["59350", "2A004", "2B033", "97411"]),
        (" ,; ", []),
    ],
)
def test_codes_of_communes_are_read(typed: str, codes: list[str]) -> None:
    assert read_codes(typed) == codes


@pytest.mark.parametrize("typed", ["5935", "593500", "2C004", "A2004", "lille", "59 350", "٥٩٣٥٠", "00001 " + "x"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_codes(typed)


def test_a_section_names_500_communes_at_most() -> None:
    codes = [f"{number:05}" for number in range(501)]
    assert len(read_codes(" ".join(codes[:500]))) == 500
    with pytest.raises(Invalid, match="500"):
        read_codes(" ".join(codes))


@pytest.mark.parametrize(("typed", "colour"), [("#C8102E", "#c8102e"), (" #000000 ", "#000000"), ("", ""), (" ", "")])
def test_colours_are_read(typed: str, colour: str) -> None:
    assert read_colour(typed) == colour


@pytest.mark.parametrize("typed", ["c8102e", "#c81", "#c8102e80", "red", "#c8102g", "#c8102e;}", "#c8102e\n;"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        read_colour(typed)


@pytest.mark.parametrize("read", [read_codes, read_colour, read_coordinates])
@given(typed=st.text() | st.text("0123456789-.,;#ABab \n"))
def test_whatever_is_typed_is_read_again_or_refused(read: Callable[[str], object], typed: str) -> None:
    try:
        found = read(typed)
    except Invalid:
        return
    if isinstance(found, tuple):
        assert read_coordinates(written_coordinates(*found)) == found
    elif isinstance(found, list):
        assert read_codes(" ".join(found)) == found
        assert all(len(code) == 5 and code.isascii() for code in found)
    elif found:
        assert len(str(found)) == 7
