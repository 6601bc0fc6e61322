"""FEDERATION.md says what the server understands, no more and no less."""

import re
from pathlib import Path

from federation.handlers import HANDLERS
from federation.jsonld import MAX_NESTED_LEVELS
from federation.vocabulary import ACTOR_TYPES, POST_TYPES, PUBLIC_SPELLINGS

TEXT = (Path(__file__).parents[1] / "FEDERATION.md").read_text()
HEADING = re.compile(r"^\| activity \| object \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", re.MULTILINE)


def rows() -> list[tuple[str, str]]:
    """(activity, object) of each line of the table."""
    table = HEADING.search(TEXT)
    assert table is not None, "FEDERATION.md has no table of activities"
    cells = [[cell.strip() for cell in line.split("|")] for line in table[1].splitlines()]
    return [(line[1], line[2]) for line in cells]


def test_the_table_of_activities_is_the_table_of_handlers() -> None:
    assert set(rows()) == set(HANDLERS)


def test_each_activity_stands_there_once() -> None:
    assert len(rows()) == len(set(rows()))


def test_it_has_the_headings_that_readers_look_for() -> None:
    """Source: FEP-67ff"""
    for heading in ("Supported federation protocols and standards", "Supported FEPs", "Additional documentation"):
        assert f"\n## {heading}\n" in TEXT


def test_what_it_says_in_numbers_and_names_is_so() -> None:
    assert f"more than {MAX_NESTED_LEVELS} levels" in TEXT
    assert all(f"`{name}`" in TEXT for name in POST_TYPES | PUBLIC_SPELLINGS)
    assert len(ACTOR_TYPES) == 5


def test_every_link_has_its_address() -> None:
    prose = re.sub(r"```json\n.*?```", "", TEXT, flags=re.DOTALL)
    named = set(re.findall(r"\[([^\]]+)\](?!\(|: https:)", prose))
    given = set(re.findall(r"^\[([^\]]+)\]: https://", TEXT, re.MULTILINE))
    assert named == given
