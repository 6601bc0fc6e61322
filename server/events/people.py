"""Who comes to an event, for its organisers alone: every look at them is written down. Nobody else is told but how many.

`by` is None for whoever runs the server from its command line, who is asked nothing.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.context import Context
from models.actor import Actor
from models.event import Event
from models.participation import Channel, Participation, ParticipationState, ShiftTaken
from models.post import Post
from models.section import Section
from server.consents.looks import look
from server.errors import NotFound
from server.events import participation, permissions
from server.events.checks import read_answers
from server.sections.permissions import Act, check, note
from server.sections.spreadsheet import safe_cell

COLUMNS = ("name", "handle", "email", "answer", "channel", "guests", "shifts", "message", "said", "came")


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who answered an event, or was asked to come. `answers` are (question, answer) in the order of the questions.

    `handle` is empty for whoever came without an account, `email` for everybody else.
    """

    id: int
    name: str
    handle: str
    email: str
    state: ParticipationState
    channel: Channel
    guests: int
    shifts: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    message: str
    said_at: datetime
    came_at: datetime | None


async def people(event: Post, by: Actor | None) -> list[Participant]:
    """List who answered an event, those who come first, each in the order in which they said so.

    Whoever left an address and has not confirmed it said nothing yet.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: it is no event of ours.
    """
    section = await permissions.check(by, Act.SEE_PARTICIPANTS, event)
    found = await _participants(await Event.get(post_id=event.id))
    await _looked(section, by, len(found))
    return found


async def of_section(section: Section, by: Actor | None, terms: Event) -> list[Participant]:
    """List the same of an event that was found among those of its section already.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: it is no event of that section.
    """
    if terms.organiser_id != section.actor_id:
        raise NotFound("The section has no such event.")
    await check(by, Act.SEE_PARTICIPANTS, section)
    found = await _participants(terms)
    await _looked(section, by, len(found))
    return found


async def exported(event: Post, by: Actor | None) -> str:
    """Give the list of who answered as CSV, to be taken away; that it was is noted among the section's acts too.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: it is no event of ours.
    """
    section = await permissions.check(by, Act.EXPORT_PARTICIPANTS, event)
    terms = await Event.get(post_id=event.id)
    found = await _participants(terms)
    await _looked(section, by, len(found))
    if section is not None:
        await note(by, Act.EXPORT_PARTICIPANTS, section, event.uri)
    return written(found, [str(question["label"]) for question in terms.questions])


async def _looked(section: Section | None, by: Actor | None, rows: int) -> None:
    if section is not None:
        await look(section.actor, by, "participants", rows)


async def _participants(terms: Event) -> list[Participant]:
    rows = Participation.filter(event_id=terms.post_id).exclude(state=ParticipationState.UNCONFIRMED)
    found = await rows.select_related("actor").order_by("said_at", "id")
    shifts: dict[int, list[str]] = {row.id: [] for row in found}
    for taken in await ShiftTaken.filter(shift__event_id=terms.id).select_related("shift").order_by("shift__position"):
        shifts.setdefault(taken.participation_id, []).append(taken.shift.name)
    order = list(_ORDER)
    found.sort(key=lambda row: order.index(row.state))
    return [_shown(row, terms, shifts[row.id]) for row in found]


_ORDER = (
    ParticipationState.ACCEPTED,
    ParticipationState.REQUESTED,
    ParticipationState.WAITING,
    ParticipationState.TENTATIVE,
    ParticipationState.INVITED,
    ParticipationState.DECLINED,
    ParticipationState.REFUSED,
)


def _shown(row: Participation, terms: Event, shifts: Sequence[str]) -> Participant:
    said = read_answers(row.answers)
    labels = {str(question["id"]): str(question["label"]) for question in terms.questions}
    return Participant(
        id=row.id,
        name=row.name or (row.actor.name if row.actor is not None else ""),
        handle=row.actor.handle if row.actor is not None else "",
        email=row.email or "",
        state=row.state,
        channel=row.channel,
        guests=row.guests,
        shifts=tuple(shifts),
        answers=tuple((label, said[id_]) for id_, label in labels.items() if id_ in said),
        message=row.message or "",
        said_at=row.said_at,
        came_at=row.came_at,
    )


def written(found: Iterable[Participant], questions: Sequence[str]) -> str:
    """Write one line a person, below a line of names, with a column for each question; no cell is a formula."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([*COLUMNS, *(safe_cell(label) for label in questions)])
    for one in found:
        said = dict(one.answers)
        cells = (
            one.name,
            one.handle,
            one.email,
            one.state.value,
            one.channel.value,
            str(one.guests),
            ", ".join(one.shifts),
            one.message,
            f"{one.said_at:%Y-%m-%d %H:%M}",
            f"{one.came_at:%Y-%m-%d %H:%M}" if one.came_at else "",
        )
        lines.writerow([safe_cell(cell) for cell in (*cells, *(said.get(label, "") for label in questions))])
    return out.getvalue()


async def of_event(event: Post, id_: int) -> Participation:
    """Find an answer to an event by the id under which organisers see it.

    Raises:
        NotFound: there is none.
    """
    rows = Participation.filter(id=id_, event_id=event.id).exclude(state=ParticipationState.UNCONFIRMED)
    if (row := await rows.select_related("actor", "event__actor", "event__group").first()) is None:
        raise NotFound("There is nobody like this on the list.")
    return row


async def decide(event: Post, id_: int, by: Actor | None, ctx: Context, *, accept: bool) -> None:
    """Agree to somebody's coming, or not, whatever way they asked; whom the organisers let in comes even if it is full.

    Raises:
        Forbidden: their role does not allow it.
        NotFound: it is no event of ours, or nobody asked.
    """
    async with permissions.noted(by, Act.DECIDE_WHO_COMES, event):
        asked = await of_event(event, id_)
        await participation.decide(asked.event.actor, asked, ctx, accept=accept)
