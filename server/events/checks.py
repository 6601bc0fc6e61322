"""What somebody says who comes, held against what the event asks: its questions, its guests, its shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from federation.join_messages import MAX_ANSWER_CHARACTERS, MAX_CHARACTERS
from federation.jsonld import dump, load
from models.event import Event, JoinMode, Shift
from models.participation import Participation, ShiftTaken
from server.contacts.actions import check_name
from server.errors import Conflict, Invalid

YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed who wants to come: their name, guests, shifts, answers by the ids of the questions, a message."""

    name: str = ""
    guests: int = 0
    shift_ids: Sequence[int] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    message: str = ""


async def check_wish(event: Event, wish: Wish, row: Participation | None = None) -> dict[str, Any]:
    """Read a wish as columns of Participation; `row` is what they said before.

    Raises:
        Invalid: it asks for what the event does not offer.
        Conflict: a shift is full.
    """
    if len(message := wish.message.strip()) > MAX_CHARACTERS:
        raise Invalid("A message may have 2,000 characters at most.")
    return {
        "name": check_name(wish.name) or None,
        "guests": check_guests(event, wish.guests),
        "answers": check_answers(event, wish.answers),
        "message": message or None,
        "wished_shifts": list(await check_shifts(event, wish.shift_ids, row)),
    }


def check_answers(event: Event, typed: Mapping[str, str]) -> str | None:
    """Read what somebody answers to an event's questions, by their ids, as JSON; None where nothing is answered.

    What is left out is left out; a question that answers "yes" or "no" has one of these two words.

    Raises:
        Invalid: a question must be answered and is not, is none of this event, or has another answer than those offered.
    """
    asked = {str(question["id"]): question for question in event.questions}
    answers = {id_: said for id_, text in typed.items() if (said := text.strip())}
    if not answers.keys() <= asked.keys():
        raise Invalid("This event asks no such question.")
    if any(question["is_required"] and id_ not in answers for id_, question in asked.items()):
        raise Invalid("Please answer every question that has to be answered.")
    if any(len(said) > MAX_ANSWER_CHARACTERS for said in answers.values()):
        raise Invalid("An answer may have 2,000 characters at most.")
    for id_, said in answers.items():
        if (offered := _offered(asked[id_])) is not None and said not in offered:
            raise Invalid("Choose one of the answers that are offered.")
    return dump(answers) if answers else None


def _offered(question: Mapping[str, object]) -> Sequence[str] | None:
    if question["kind"] == "yes_no":
        return YES_NO
    choices = question["choices"]
    return [str(choice) for choice in choices] if question["kind"] == "choice" and isinstance(choices, list) else None


def read_answers(kept: str | None) -> dict[str, str]:
    """Give what somebody answered, by the ids of the questions."""
    return {str(id_): str(said) for id_, said in load(kept).items()} if kept else {}


def check_guests(event: Event, guests: int) -> int:
    """Let somebody bring so many guests.

    Raises:
        Invalid: the event takes fewer, or none.
    """
    if not 0 <= guests <= event.most_guests:
        raise Invalid("So many guests cannot be brought to this event.")
    return guests


async def check_shifts(event: Event, shift_ids: Sequence[int], row: Participation | None = None) -> tuple[int, ...]:
    """Let somebody take these shifts; those that `row` has already are theirs.

    Raises:
        Invalid: one is no shift of this event.
        Conflict: one is full.
    """
    wanted = tuple(dict.fromkeys(shift_ids))
    if not wanted:
        return ()
    found = await Shift.filter(event_id=event.id, id__in=list(wanted))
    if len(found) < len(wanted):
        raise Invalid("This event has no such shift.")
    taken = await ShiftTaken.filter(shift_id__in=list(wanted))
    for shift in found:
        holders = {one.participation_id for one in taken if one.shift_id == shift.id}
        left = shift.places - len(holders) if shift.remaining_places is None else shift.remaining_places
        if left <= 0 and (row is None or row.id not in holders):
            raise Conflict("Enough people do this already. Choose another shift.")
    return wanted


def check_takes_people(event: Event, now: datetime) -> None:
    """Refuse somebody who wants to come to an event that takes nobody.

    Raises:
        Conflict: it does not take place, is over, or one does not come to it by asking here.
    """
    if not event.takes_place:
        raise Conflict("This event does not take place.")
    if event.ends_at <= now:
        raise Conflict("This event is over.")
    if event.join_mode in (JoinMode.NONE, JoinMode.EXTERNAL):
        raise Conflict("One cannot put one's name down for this event here.")
