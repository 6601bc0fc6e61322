"""What stands in an agenda: of a section, of this server, of a member. Loaded in a number of queries that does not grow."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from federation.objects.event import LONGEST
from models.actor import Actor, in_sight
from models.event import Event, Organising, OrganisingState
from models.membership import Membership, MembershipState
from models.participation import Participation, ParticipationState
from models.post import Post, Visibility
from models.section import Section
from server.posts import queries
from server.posts.queries import PostView

MAX_EVENTS = 500
COMING = (
    ParticipationState.ACCEPTED,
    ParticipationState.TENTATIVE,
    ParticipationState.WAITING,
    ParticipationState.REQUESTED,
)


async def of_section(section: Actor, *, since: datetime, limit: int = MAX_EVENTS) -> list[PostView]:
    """Load the public events that a section organises, alone or with others, and that end at `since` or later."""
    together = await _together([section.id])
    return await _public(Q(organiser_id=section.id) | Q(id__in=together), since, limit)


async def of_server(*, since: datetime, limit: int = MAX_EVENTS) -> list[PostView]:
    """Load the public events of this server, and those that a section here organises together with others."""
    sections = await Section.filter(actor__gone_at=None).values_list("actor_id", flat=True)
    together = await _together([int(str(id_)) for id_ in sections])
    return await _public(Q(post__is_local=True) | Q(id__in=together), since, limit)


async def of_member(member: Actor, *, since: datetime, limit: int = MAX_EVENTS) -> list[PostView]:
    """Load what a member said they come to, and what their sections organise, as far as they may read it."""
    groups = Membership.filter(member_id=member.id, state=MembershipState.ACCEPTED).values_list("group_id", flat=True)
    group_ids = [int(str(id_)) for id_ in await groups]
    said = Participation.filter(actor_id=member.id, state__in=COMING).values("event_id")
    which = Q(post_id__in=Subquery(said)) | Q(organiser_id__in=group_ids) | Q(id__in=await _together(group_ids))
    events = _not_over(since).filter(which, post_id__in=Subquery(Post.visible_to(member).values("id")))
    return await _views(events, limit, member)


async def _together(section_ids: Sequence[int]) -> list[int]:
    """Name the events that these sections organise together with whoever made them."""
    if not section_ids:
        return []
    rows = Organising.filter(section_id__in=list(section_ids), state=OrganisingState.ACCEPTED)
    return [int(str(id_)) for id_ in await rows.values_list("event_id", flat=True)]


def _not_over(since: datetime) -> QuerySet[Event]:
    return Event.filter(ends_at__gte=since, starts_at__gte=since - LONGEST)


async def _public(which: Q, since: datetime, limit: int) -> list[PostView]:
    shown = _not_over(since).filter(which, post__visibility=Visibility.PUBLIC, post__actor__is_silenced=False)
    return await _views(shown.filter(**in_sight("post__actor__")), limit, None)


async def _views(events: QuerySet[Event], limit: int, viewer: Actor | None) -> list[PostView]:
    rows = await events.order_by("starts_at", "id").limit(limit).values_list("post_id", flat=True)
    ids = [int(str(id_)) for id_ in rows]
    readable = await queries.readable(ids, viewer)
    return await queries.views([readable[id_] for id_ in ids if id_ in readable], viewer)
