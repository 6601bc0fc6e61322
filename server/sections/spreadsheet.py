"""A list of members as CSV, which spreadsheets open.   Source: RFC 4180; OWASP, CSV Injection"""

import csv
import io
import re
from collections.abc import Iterable

from server.sections.people import Person

COLUMNS = ("handle", "name", "status", "roles", "since", "dues until", "email", "phone", "note")

_FORMULA = re.compile(r"[=+\-@\t\r]")
_PHONE = re.compile(r"\+[0-9]+")


def written(people: Iterable[Person]) -> str:
    """Write one line a person, below a line of names."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(COLUMNS)
    lines.writerows([safe_cell(cell) for cell in _cells(one)] for one in people)
    return out.getvalue()


def safe_cell(text: str) -> str:
    """Give a cell that no spreadsheet takes for a formula: what begins like one is quoted with an apostrophe."""
    return f"'{text}" if _FORMULA.match(text) and not _PHONE.fullmatch(text) else text


def _cells(one: Person) -> tuple[str, ...]:
    return (
        one.member.handle,
        one.member.display_name,
        one.status.value,
        ", ".join(one.roles),
        f"{one.since:%Y-%m-%d}",
        one.dues_until.isoformat() if one.dues_until else "",
        one.email,
        one.phone,
        one.note,
    )
