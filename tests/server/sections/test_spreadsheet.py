"""The list of members as CSV: every cell where it belongs, and none that a spreadsheet computes."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.actor import Actor
from models.membership import MembershipState, MembershipStatus
from models.role import Role
from server.sections.people import Person
from server.sections.spreadsheet import COLUMNS, safe_cell, written


def person(**more: object) -> Person:
    actor = Actor(username="zoe", display_name=more.pop("name", "Zoé"))
    since = datetime(2026, 11, 1, tzinfo=UTC)
    return Person(actor, MembershipState.ACCEPTED, MembershipStatus.MEMBER, since, **more)  # type: ignore[arg-type]


def test_one_line_is_one_person() -> None:
    one = person(
        roles=(Role.ANIMATOR, Role.EDITOR),
        dues_until=date(2027, 3, 31),
        email="zoe@post.example",
        phone="+33320000000",
        note='Dit "oui",\nsouvent',
    )
    head, line = csv.reader(io.StringIO(written([one])))
    assert tuple(head) == COLUMNS
    assert line == [
        "zoe", "Zoé", "member", "animator, editor", "2026-11-01", "2027-03-31", "zoe@post.example", "+33320000000",
        'Dit "oui",\nsouvent',
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "+33 3|20"])
def test_nothing_begins_like_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@given(st.text(), st.text())
def test_whatever_is_written_is_read_back_and_is_no_formula(name: str, note: str) -> None:
    text = written([person(name=name, note=note)])
    _, line = csv.reader(io.StringIO(text, newline=""))
    for cell, given_ in ((line[1], name), (line[-1], note)):
        assert cell in (given_, f"'{given_}")
        assert not cell.startswith(("=", "-", "@", "\t", "\r"))
