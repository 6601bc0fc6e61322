"""A member's own answers to events, those to come and those that were; what they took on, and where they wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from models import database
from models.actor import Actor
from models.event import Shift
from models.participation import Participation, ParticipationState, ShiftTaken
from server.posts import queries
from server.posts.queries import PostView

SAID = (
    ParticipationState.INVITED,
    ParticipationState.REQUESTED,
    ParticipationState.WAITING,
    ParticipationState.ACCEPTED,
    ParticipationState.TENTATIVE,
    ParticipationState.DECLINED,
    ParticipationState.REFUSED,
)


@dataclass(frozen=True, slots=True)
class Answered:
    """An event that a member answered, as they may read it; `waits_at` is their place in the waiting list, from 1."""

    view: PostView
    answer: Participation
    shifts: list[Shift] = field(default_factory=list)
    waits_at: int | None = None


async def coming(member: Actor, now: datetime, *, limit: int, offset: int = 0) -> list[Answered]:
    """Load what a member answered of what is not over, the next first."""
    return await _answered(member, _COMING, now, limit, offset)


async def past(member: Actor, now: datetime, *, limit: int, offset: int = 0) -> list[Answered]:
    """Load what a member answered of what is over, the last first."""
    return await _answered(member, _PAST, now, limit, offset)


async def _answered(member: Actor, sql: str, now: datetime, limit: int, offset: int) -> list[Answered]:
    states = database.placeholders(len(SAID), 3)
    rows = await database.select(
        sql.format(states=states, limit=limit, offset=offset), member.id, now, *(state.value for state in SAID)
    )
    ids = [int(row["event_id"]) for row in rows]
    posts = await queries.readable(ids, member)
    shown = await queries.views([posts[id_] for id_ in ids if id_ in posts], member)
    answers = {row.event_id: row for row in await Participation.filter(actor_id=member.id, event_id__in=ids)}
    shifts, places = await _shifts([row.id for row in answers.values()]), await _places(member)
    return [
        Answered(view, answer, shifts.get(answer.id, []), places.get(view.post.id) if view.post.is_local else None)
        for view in shown
        if view.event is not None and (answer := answers.get(view.post.id)) is not None
    ]


async def _shifts(answer_ids: Sequence[int]) -> dict[int, list[Shift]]:
    """Load what was taken on with these answers, by the id of each."""
    found: dict[int, list[Shift]] = {}
    rows = ShiftTaken.filter(participation_id__in=list(answer_ids)).select_related("shift")
    for taken in await rows.order_by("shift__position") if answer_ids else ():
        found.setdefault(taken.participation_id, []).append(taken.shift)
    return found


async def _places(member: Actor) -> dict[int, int]:
    """Tell how far up the waiting lists a member is, by the id of the event."""
    rows = await database.select(_WAITS_AT, member.id, ParticipationState.WAITING.value)
    return {int(row["event_id"]): int(row["place"]) for row in rows}


_ANSWERED = """
SELECT p.event_id FROM participation p JOIN event e ON e.post_id = p.event_id
WHERE p.actor_id = $1::bigint AND p.state IN ({states})
"""

_COMING = _ANSWERED + "AND e.ends_at > $2::timestamptz ORDER BY e.starts_at, e.id LIMIT {limit} OFFSET {offset}"

_PAST = (
    _ANSWERED + "AND e.ends_at <= $2::timestamptz ORDER BY e.starts_at DESC, e.id DESC LIMIT {limit} OFFSET {offset}"
)

_WAITS_AT = """
SELECT mine.event_id, COUNT(*) AS place FROM participation mine
JOIN participation other ON other.event_id = mine.event_id AND other.state = mine.state
  AND (other.said_at < mine.said_at OR (other.said_at = mine.said_at AND other.id <= mine.id))
WHERE mine.actor_id = $1::bigint AND mine.state = $2 GROUP BY mine.event_id
"""
