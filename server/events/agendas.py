"""What stands in a calendar or a feed: of a section, of this server, of a member. Never more questions for more events."""

from datetime import datetime

from tortoise.expressions import Q, Subquery

from federation.objects.event import LONGEST
from models.actor import Actor
from models.event import Event, Organising, OrganisingState
from models.membership import Membership, MembershipState
from models.participation import Participation, ParticipationState
from models.post import Post
from server.events import agenda
from server.events.agenda import Wanted
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
    """Load the public events that a section organises, alone or with others, and that end after `since`."""
    return await agenda.whole(Wanted(since, organiser=section), limit=limit)


async def of_server(*, since: datetime, limit: int = MAX_EVENTS) -> list[PostView]:
    """Load the public events that sections of this server organise, alone or with others."""
    return await agenda.whole(Wanted(since, is_here=True), limit=limit)


async def of_member(member: Actor, *, since: datetime, limit: int = MAX_EVENTS) -> list[PostView]:
    """Load what a member said they come to, and what their sections organise, as far as they may read it."""
    groups = Membership.filter(member_id=member.id, state=MembershipState.ACCEPTED).values("group_id")
    said = Participation.filter(actor_id=member.id, state__in=COMING).values("event_id")
    together = Organising.filter(section_id__in=Subquery(groups), state=OrganisingState.ACCEPTED).values("event_id")
    which = Q(post_id__in=Subquery(said)) | Q(organiser_id__in=Subquery(groups)) | Q(id__in=Subquery(together))
    events = Event.filter(which, ends_at__gte=since, starts_at__gte=since - LONGEST)
    readable = events.filter(post_id__in=Subquery(Post.visible_to(member).values("id")))
    rows = await readable.order_by("starts_at", "id").limit(limit).values_list("post_id", flat=True)
    ids = [int(str(id_)) for id_ in rows]
    posts = await queries.readable(ids, member)
    return await queries.views([posts[id_] for id_ in ids if id_ in posts], member)
