"""Reading events with all that is shown of them, in a number of queries that does not grow with their number."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tortoise.functions import Count

from federation.objects.event import WholeEvent
from models.actor import Actor
from models.event import Event, EventPoll, EventSeries, Organising, OrganisingState, Place, Shift
from models.participation import Participation, ParticipationState
from models.rows import padded


@dataclass(slots=True)
class EventView:
    """An event as it is shown. `organisers` begin with the one in whose agenda it stands.

    `coming` is how many come, guests included, as far as anybody tells; `left_of_shifts` how many each shift still
    needs, by its id; `own` what the viewer said.
    """

    event: Event
    place: Place | None = None
    series: EventSeries | None = None
    shifts: list[Shift] = field(default_factory=list)
    left_of_shifts: dict[int, int] = field(default_factory=dict)
    organisers: list[Actor] = field(default_factory=list)
    coming: int | None = None
    own: Participation | None = None

    @property
    def left(self) -> int | None:
        """How many places are left; None where there is no end of them, or nobody tells."""
        if self.event.remaining_places is not None:
            return self.event.remaining_places
        if self.event.capacity is None or self.coming is None:
            return None
        return max(self.event.capacity - self.coming, 0)

    @property
    def whole(self) -> WholeEvent:
        """The same as it is written for other servers."""
        return WholeEvent(
            self.event,
            self.place,
            self.shifts,
            self.series,
            [actor.uri for actor in self.organisers],
            self.coming or 0,
            self.left_of_shifts,
        )


async def views(post_ids: Sequence[int], viewer: Actor | None = None) -> dict[int, EventView]:
    """Load what is shown of the events of these posts, by the id of the post; one without a row is left out."""
    if not post_ids:
        return {}
    rows = Event.filter(post_id__in=padded(dict.fromkeys(post_ids)))
    return await of_events(await rows.select_related("place", "series", "organiser", "post"), viewer)


async def of_events(rows: Sequence[Event], viewer: Actor | None = None) -> dict[int, EventView]:
    """Load the same of events whose place, series, organiser and post are loaded."""
    found = {row.post_id: EventView(row, row.place, row.series, organisers=[row.organiser]) for row in rows}
    if not found:
        return {}
    coming, by_event = await Participation.coming(list(found)), {view.event.id: view for view in found.values()}
    for post_id, view in found.items():
        view.coming = coming.get(post_id, 0) if view.event.post.is_local else view.event.participants_count
    await _add_shifts(by_event)
    together = Organising.filter(event_id__in=list(by_event), state=OrganisingState.ACCEPTED, section__gone_at=None)
    for organising in await together.select_related("section").order_by("id"):
        by_event[organising.event_id].organisers.append(organising.section)
    if viewer is not None:
        for own in await Participation.filter(event_id__in=list(found), actor_id=viewer.id):
            found[own.event_id].own = own
    return found


async def _add_shifts(by_event: dict[int, EventView]) -> None:
    shifts = Shift.filter(event_id__in=list(by_event)).annotate(takers=Count("taken"))
    for shift in await shifts.order_by("event_id", "position"):
        view, told = by_event[shift.event_id], shift.remaining_places
        view.shifts.append(shift)
        left = shift.places - getattr(shift, "takers", 0) if told is None else told
        view.left_of_shifts[shift.id] = max(left, 0)


def own_votes(own: Participation | None) -> list[int]:
    """Give what somebody said as a vote: the position of yes, perhaps or no. Whoever asked for a place said yes."""
    said = _VOTES.get(own.state) if own is not None else None
    return [] if said is None else [said]


_VOTES = {
    ParticipationState.ACCEPTED: 0,
    ParticipationState.WAITING: 0,
    ParticipationState.REQUESTED: 0,
    ParticipationState.TENTATIVE: 1,
    ParticipationState.DECLINED: 2,
}


async def asked(question_ids: Sequence[int], viewer: Actor | None) -> dict[int, list[int]]:
    """Tell which of these posts ask about an event, with what the viewer said of it, as votes."""
    rows = await EventPoll.filter(post_id__in=list(question_ids)) if question_ids else []
    said: dict[int, Participation] = {}
    if rows and viewer is not None:
        own = Participation.filter(event_id__in=[row.event_id for row in rows], actor_id=viewer.id)
        said = {one.event_id: one for one in await own}
    return {row.post_id: own_votes(said.get(row.event_id)) for row in rows}
