"""The events that a section made, as those see them who look after it, and whom a change would reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.functions import Count

from models.actor import Actor
from models.event import Event, EventStatus, Place
from models.follow import Follow, FollowState
from models.participation import Participation, ParticipationState
from models.post import Post
from server.events.drafts import EventDraft
from server.events.notices import CONCERNED

MAX_LISTED = 100
MAX_PLACES = 50


@dataclass(frozen=True, slots=True)
class Told:
    """Whom a change reaches: how many said something of the event, by what they said; how many follow its organiser."""

    by_state: dict[ParticipationState, int]
    followers: int

    @property
    def concerned(self) -> int:
        """How many are told for themselves, each by the way they came."""
        return sum(self.by_state.get(state, 0) for state in CONCERNED)


@dataclass(frozen=True, slots=True)
class Overview:
    """The events of a section, their `post` and `place` loaded, and how many come to each, guests not counted."""

    coming: Sequence[Event]
    unreported: Sequence[Event]
    cancelled: Sequence[Event]
    reported: Sequence[Event]
    persons: dict[int, dict[ParticipationState, int]]


async def overview(organiser: Actor, now: datetime) -> Overview:
    """List the events that a section made itself: what is to come as it comes, all others the latest first."""
    own = Event.filter(organiser_id=organiser.id, post__actor_id=organiser.id).select_related("post", "place")
    over = own.filter(ends_at__lte=now).exclude(status__in=[EventStatus.CANCELLED, EventStatus.POSTPONED])
    held = own.exclude(status=EventStatus.CANCELLED)
    coming = [
        *await held.filter(ends_at__gt=now).order_by("starts_at", "id").limit(MAX_LISTED),
        *await held.filter(ends_at__lte=now, status=EventStatus.POSTPONED).order_by("-starts_at").limit(MAX_LISTED),
    ]
    found = Overview(
        coming,
        await over.filter(report_id=None).order_by("-starts_at", "-id").limit(MAX_LISTED),
        await own.filter(status=EventStatus.CANCELLED).order_by("-starts_at", "-id").limit(MAX_LISTED),
        await over.exclude(report_id=None).order_by("-starts_at", "-id").limit(MAX_LISTED),
        {},
    )
    found.persons.update(await by_state([event.post_id for event in (*found.coming, *found.unreported)]))
    return found


async def by_state(post_ids: Sequence[int]) -> dict[int, dict[ParticipationState, int]]:
    """Count the answers to each of these events by what they say."""
    found: dict[int, dict[ParticipationState, int]] = {}
    if post_ids:
        rows = Participation.filter(event_id__in=list(post_ids)).annotate(persons=Count("id"))
        for row in await rows.group_by("event_id", "state").values("event_id", "state", "persons"):
            found.setdefault(row["event_id"], {})[ParticipationState(row["state"])] = row["persons"]
    return found


async def told(event: Post) -> Told:
    """Count whom a change of an event reaches."""
    followers = Follow.filter(followed_id=event.actor_id, state=FollowState.ACCEPTED)
    return Told((await by_state([event.id])).get(event.id, {}), await followers.count())


async def used_places(organiser: Actor) -> list[Place]:
    """List the places where events of a section were, the last one made first."""
    return await Place.filter(owner_id=organiser.id).order_by("-id").limit(MAX_PLACES)


def tells_people(before: EventDraft, after: EventDraft) -> bool:
    """Whether those who come are told of a change: it is when, where or whether that changes."""
    return _when_and_where(before) != _when_and_where(after)


def _when_and_where(draft: EventDraft) -> tuple[object, ...]:
    place = draft.place
    where = None if place is None else (place.name, place.street, place.postal_code, place.locality)
    return (draft.starts_at, draft.ends_at, draft.timezone, draft.is_all_day, draft.status, where, draft.online_url)
