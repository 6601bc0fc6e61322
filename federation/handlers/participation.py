"""Asking to come to an event, and the organiser's answer. Nobody but the two and the organisers learns of it.

Source: Mobilizon (Join, Leave, `joinMode`, `maximumAttendeeCapacity`); FEP-8a8e (Ignore); Activity Vocabulary
(TentativeAccept: whoever asks is on the waiting list).
"""

from collections.abc import Sequence

from federation import about_events, apart, attendance, join_messages
from federation.activities import Activity, build, embed, parse
from federation.attendance import Person, Recorded, Said
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Attended, Fact, JoinAnswered, JoinAsked
from federation.handlers.handler import Effects
from federation.jsonld import integer_of, is_uri, load, uri_of, uris_of
from federation.uris import same_origin
from models.activity import ActivityRecord
from models.actor import Actor
from models.event import Event, JoinMode, Shift
from models.participation import Channel, Participation, ParticipationState
from models.post import Post

ASKED = (
    ParticipationState.REQUESTED,
    ParticipationState.WAITING,
    ParticipationState.TENTATIVE,
    ParticipationState.ACCEPTED,
)
IN_VAIN = (JoinMode.NONE, JoinMode.EXTERNAL)
_ANSWERS = {ParticipationState.ACCEPTED: "Accept", ParticipationState.WAITING: "TentativeAccept"}


async def authorise_join(activity: Activity, ctx: Context) -> None:
    """Whoever may read an event may ask to come, as long as it takes place.

    Raises:
        NotAuthorised: it is not for this actor, the two are kept apart, it was cancelled, or it is over.
        UnsupportedActivity: the event is not here, it is between two strangers, or one of ours would ask in vain.
    """
    actor, event = ctx.known.actor(activity.actor_uri), known_event(activity, ctx)
    await check_readable(actor, event, ctx)
    if not await asks_in_vain(actor, event):
        await check_open(event, ctx)


async def asks_in_vain(actor: Actor, event: Post) -> bool:
    """Whether somebody elsewhere asks to come to an event of ours to which one does not come by asking here."""
    return not actor.is_local and event.is_local and await Event.exists(post_id=event.id, join_mode__in=list(IN_VAIN))


async def check_open(event: Post, ctx: Context) -> None:
    """Refuse somebody who wants to come to an event of ours that takes nobody.

    Raises:
        NotAuthorised: it does not take place, or is over.
        UnsupportedActivity: one does not come to it by asking here.
    """
    terms = await check_takes_place(event, ctx)
    if terms is not None and terms.join_mode in IN_VAIN:
        raise UnsupportedActivity(f"{event.uri} is not joined by asking")


async def check_takes_place(event: Post, ctx: Context) -> Event | None:
    """Refuse somebody who wants to come to an event of ours to which nobody comes; what it asks of those who come.

    Raises:
        NotAuthorised: it does not take place, or is over.
    """
    terms = await Event.get_or_none(post_id=event.id) if event.is_local else None
    if terms is not None and not terms.takes_place:
        raise NotAuthorised(f"{event.uri} does not take place")
    if terms is not None and terms.ends_at <= ctx.now():
        raise NotAuthorised(f"{event.uri} is over")
    return terms


async def check_readable(actor: Actor, event: Post, ctx: Context) -> None:
    """Refuse somebody an event that is none of their business.

    Raises:
        NotAuthorised: it is not for this actor, or the two are kept apart.
        UnsupportedActivity: neither lives here.
    """
    if not (actor.is_local or event.is_local):
        raise UnsupportedActivity(f"{event.uri} and {actor.uri} are both of other servers")
    apart.check(actor, event.actor, ctx)
    if event.is_open or await Post.visible_to(actor).filter(id=event.id).exists():
        return
    if not await Participation.exists(event_id=event.id, actor_id=actor.id):
        raise NotAuthorised(f"{event.uri} is not for {actor.uri}")


def known_event(activity: Activity, ctx: Context) -> Post:
    """Give the event that an activity is about.

    Raises:
        UnsupportedActivity: it is not here.
    """
    uri = about_events.event_uri(activity, ctx)
    if (event := ctx.known.posts.get(uri)) is None:
        raise UnsupportedActivity(f"{uri} is no event this server has")
    return event


async def join(activity: Activity, ctx: Context) -> Effects:
    """Record the wish to come; to an event of ours that anybody may come to, agree at once, or keep them in line.

    Whoever asks in vain is told so, and nothing is kept.
    """
    actor, event = ctx.known.actor(activity.actor_uri), known_event(activity, ctx)
    if await asks_in_vain(actor, event):
        await join_messages.forget(activity.uri, ctx)
        return Effects(replies=(answer("Ignore", activity, event.actor, actor, ctx),))
    recorded = await attendance.record(event, Person(actor.id), await _wish(activity, actor, event), ctx)
    if event.is_local:  # else it is still to be sent
        await join_messages.forget(activity.uri, ctx)
    return await effects(recorded, event, actor, ctx, asked=activity)


async def _wish(activity: Activity, actor: Actor, event: Post) -> Said:
    """Read a Join: how many come along, what they would do there, what they answer and write."""
    state = ParticipationState.ACCEPTED
    if not event.is_local and not await Participation.exists(event_id=event.id, actor_id=actor.id, state=state):
        state = ParticipationState.REQUESTED  # its home agrees, or does not
    document = activity.document
    named = [uri for uri in uris_of(document.get("shifts")) if is_uri(uri)]
    shifts = await Shift.filter(event__post_id=event.id, uri__in=named).values_list("id", flat=True) if named else []
    return Said(
        state,
        Channel.JOIN,
        activity.uri,
        guests=integer_of(document.get("guests"), most=1000),
        shift_ids=tuple(int(str(id_)) for id_ in shifts) if "shifts" in document else None,
        answers=join_messages.answers(document),
        message=join_messages.read(document),
    )


async def effects(
    recorded: Recorded, event: Post, actor: Actor | None, ctx: Context, *, asked: Activity | None = None
) -> Effects:
    """Tell what follows from an answer to an event: those who asked by a Join are answered, everybody else told apart.

    `asked` is the Join that has just come.
    """
    if not event.is_local:
        return Effects()
    row, facts, replies = recorded.row, list[Fact](), list[Activity]()
    if asked is not None and actor is not None and (kind := _ANSWERS.get(row.state)) is not None:
        replies.append(answer(kind, asked, event.actor, actor, ctx))
    is_asking = row.state is ParticipationState.REQUESTED and recorded.before is not ParticipationState.REQUESTED
    if is_asking and actor is not None:
        facts.append(JoinAsked(row, event, actor))
    facts.append(Attended(row, event, recorded.before))
    moved = await moved_up(recorded.moved_up, event, ctx)
    return Effects((*facts, *moved.facts), (*replies, *moved.replies))


async def moved_up(rows: Sequence[Participation], event: Post, ctx: Context) -> Effects:
    """Tell what follows from places that became free: those who asked by a Join get the Accept they wait for."""
    facts, replies = list[Fact](), list[Activity]()
    for row in rows:
        facts.append(Attended(row, event, ParticipationState.WAITING, has_moved_up=True))
        record = await ActivityRecord.get_or_none(uri=row.uri, type="Join") if row.channel is Channel.JOIN else None
        if record is not None and row.actor is not None:
            replies.append(answer("Accept", parse(load(record.document)), event.actor, row.actor, ctx))
    return Effects(tuple(facts), tuple(replies))


def answer(kind: str, join: Activity, organiser: Actor, actor: Actor, ctx: Context) -> Activity:
    """Build the answer to a Join, which is embedded as it came but for what is private; it is for whoever asked alone."""
    ctx.known.actors[organiser.uri] = organiser
    return build(kind, organiser, join_messages.without(embed(join)), to=[actor.uri], uri=ctx.names.new_activity())


async def _asked(activity: Activity) -> Participation | None:
    """Find the wish that an answer or an Undo names: by the uri of the Join, or else by its actor and event."""
    rows = Participation.all().select_related("actor", "event__actor", "event__group")
    named = await rows.get_or_none(uri=activity.object_uri or "")
    if named is not None or activity.object is None:
        return named
    actor, event = uri_of(activity.object.get("actor")) or "", uri_of(activity.object.get("object")) or ""
    return await rows.get_or_none(actor__uri=actor, event__uri=event, state__in=ASKED)


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Only the organisers answer whoever asks to come; of another server's event, whoever speaks for it there.

    Raises:
        NotAuthorised: it is somebody else.
        UnsupportedActivity: nobody here asked, or nobody asked us.
    """
    found = await _asked(activity)
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if not is_organiser(activity.actor_uri, found.event):
        raise NotAuthorised(f"{activity.actor_uri} does not organise {found.event.uri}")


def is_organiser(actor_uri: str, event: Post) -> bool:
    """Whether an actor speaks for an event, whose `actor` and `group` are loaded.

    A moderator answers for a group of Mobilizon: of another server's events, any actor of that server may.
    """
    if actor_uri == event.actor.uri or (event.group is not None and actor_uri == event.group.uri):
        return True
    return not event.is_local and same_origin(actor_uri, event.uri)


async def authorise_ignore(activity: Activity, ctx: Context) -> None:
    """Whoever may answer a Join may leave it unanswered; an organiser of ours says so of a wish that was never kept.

    Raises:
        NotAuthorised: it is somebody else.
        UnsupportedActivity: nobody here asked, or nobody asked us.
    """
    event = ctx.known.posts.get(about_events.event_uri(activity, ctx))
    if event is None or not event.is_local or activity.actor_uri != event.actor.uri:
        await authorise_answer(activity, ctx)


async def accept(activity: Activity, ctx: Context) -> Effects:
    """The organiser agrees."""
    return await _settle(activity, ParticipationState.ACCEPTED, ctx)


async def accept_perhaps(activity: Activity, ctx: Context) -> Effects:
    """The organiser agrees as soon as there is room."""
    return await _settle(activity, ParticipationState.WAITING, ctx)


async def reject(activity: Activity, ctx: Context) -> Effects:
    """The organiser declines, or no longer wants whom it agreed to."""
    return await _settle(activity, ParticipationState.REFUSED, ctx)


async def _settle(activity: Activity, state: ParticipationState, ctx: Context) -> Effects:
    found = await _asked(activity)
    if found is None or found.state is state or found.actor is None:
        return Effects()
    if not found.event.is_local:
        await join_messages.forget(found.uri, ctx)
    recorded = await attendance.settle(found, state, ctx)
    moved = await moved_up(recorded.moved_up, found.event, ctx)
    told = JoinAnswered(found, found.event, ctx.known.actor(activity.actor_uri), found.actor)
    return Effects((told, *moved.facts), moved.replies)


async def authorise_leave(activity: Activity, ctx: Context) -> None:
    """Whoever said to come may say otherwise.

    Raises:
        UnsupportedActivity: they never did.
    """
    event = known_event(activity, ctx)
    if not await Participation.exists(event_id=event.id, actor__uri=activity.actor_uri):
        raise UnsupportedActivity(f"{activity.actor_uri} was not to come to {event.uri}")


async def leave(activity: Activity, ctx: Context) -> Effects:
    """The actor does not come after all."""
    event = known_event(activity, ctx)
    row = await Participation.get_or_none(event_id=event.id, actor__uri=activity.actor_uri)
    return await _withdrawn(row, event, ctx)


async def _withdrawn(row: Participation | None, event: Post, ctx: Context) -> Effects:
    if row is None:
        return Effects()
    row.event = event
    recorded = await attendance.withdraw(row, ctx)
    return await moved_up(recorded.moved_up, event, ctx)


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only its author takes back a Join, or an answer to an event.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    found = await _asked(activity)
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if found.actor is None or found.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def undo(activity: Activity, ctx: Context) -> Effects:
    """The actor no longer says whether it comes."""
    found = await _asked(activity)
    return await _withdrawn(found, found.event, ctx) if found is not None else Effects()
