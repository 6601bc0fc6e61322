"""The fields by which somebody says how they come: guests, shifts, answers to questions, a message; and what was said."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.participation import Participation, ShiftTaken
from server.events.checks import Wish, read_answers
from web.shared.forms import read_id, read_number

SHIFT, QUESTION = "shift-", "question-"


@dataclass(frozen=True, slots=True)
class Fields:
    """What the fields show, as text; `shift_ids` are those ticked."""

    name: str = ""
    email: str = ""
    guests: str = "0"
    message: str = ""
    shift_ids: frozenset[int] = frozenset()
    answers: Mapping[str, str] = field(default_factory=dict)


def read_wish(typed: Mapping[str, str]) -> Wish:
    """Read the fields.

    Raises:
        Invalid: a number is none.
    """
    return Wish(
        typed.get("name", ""),
        read_number(typed.get("guests", "") or "0"),
        [read_id(name.removeprefix(SHIFT)) for name in typed if name.startswith(SHIFT)],
        {name.removeprefix(QUESTION): said for name, said in typed.items() if name.startswith(QUESTION)},
        typed.get("message", ""),
    )


def typed_again(typed: Mapping[str, str]) -> Fields:
    """Show what was typed, where it is refused."""
    marks = [name.removeprefix(SHIFT) for name in typed if name.startswith(SHIFT)]
    return Fields(
        typed.get("name", ""),
        typed.get("email", ""),
        typed.get("guests", "") or "0",
        typed.get("message", ""),
        frozenset(int(mark) for mark in marks if mark.isascii() and mark.isdigit()),
        {name.removeprefix(QUESTION): said for name, said in typed.items() if name.startswith(QUESTION)},
    )


async def said_before(row: Participation | None) -> Fields:
    """Show what somebody said."""
    if row is None:
        return Fields()
    taken = await ShiftTaken.filter(participation_id=row.id).values_list("shift_id", flat=True)
    ids = frozenset(int(str(id_)) for id_ in taken) or frozenset(row.wished_shifts)
    return Fields(row.name or "", row.email or "", str(row.guests), row.message or "", ids, read_answers(row.answers))
