"""Asking to come to an event, and the organiser's answer. Nobody but the two and the organisers learns of it.

Source: Mobilizon (Join, Leave, `joinMode`, `maximumAttendeeCapacity`); FEP-8a8e (Ignore).
"""

from federation import about_events, apart
from federation.activities import Activity, build, embed
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import JoinAnswered, JoinAsked
from federation.handlers.handler import Effects
from federation.jsonld import Json, integer_of, load, uri_of
from federation.uris import same_origin
from models.activity import ActivityRecord
from models.actor import Actor
from models.participation import Participation, ParticipationState
from models.post import Post

ASKED = (ParticipationState.REQUESTED, ParticipationState.TENTATIVE, ParticipationState.ACCEPTED)
WELCOME = (ParticipationState.INVITED, ParticipationState.ACCEPTED)


async def authorise_join(activity: Activity, ctx: Context) -> None:
    """Whoever may read an event may ask to come, as long as it takes place.

    Raises:
        NotAuthorised: it is not for this actor, the two are kept apart, or it was cancelled.
        UnsupportedActivity: the event is not here, or it is between two strangers.
    """
    actor, event = ctx.known.actor(activity.actor_uri), known_event(activity, ctx)
    await check_readable(actor, event, ctx)
    if event.is_local and "CANCELLED" in str(terms(event).get("status", "")).upper():
        raise NotAuthorised(f"{event.uri} does not take place")


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


def terms(event: Post) -> Json:
    """Give the document of an event, with its `joinMode`, `status` and capacity."""
    return load(event.document) if event.document else {}


def join_mode(event: Post) -> str:
    """Tell who may come to an event: 'free' where it does not say."""
    mode = terms(event).get("joinMode")
    return mode if isinstance(mode, str) else "free"


async def join(activity: Activity, ctx: Context) -> Effects:
    """Record the wish to come; to an event of ours that anybody may come to, agree at once."""
    actor, event = ctx.known.actor(activity.actor_uri), known_event(activity, ctx)
    held = await Participation.get_or_none(event_id=event.id, actor_id=actor.id)
    verdict = await decide(event, held) if event.is_local else None
    is_in = held is not None and held.state is ParticipationState.ACCEPTED
    state = ParticipationState.ACCEPTED if is_in else ParticipationState.REQUESTED
    row, _ = await Participation.update_or_create({"uri": activity.uri, "state": state}, event=event, actor=actor)
    if verdict is not None:
        return Effects(replies=(answer(verdict, activity, event.actor, actor, ctx),))
    is_asking = event.is_local and (held is None or held.state is not ParticipationState.REQUESTED)
    return Effects((JoinAsked(row, event, actor),) if is_asking else ())


async def decide(event: Post, held: Participation | None) -> str | None:
    """Answer a wish to come to an event of ours: 'Accept', 'Reject' where it is full; None leaves it to the organiser.

    Whoever is in stays in, whoever was invited is welcome, and whom the organiser refused is not let in by asking again.
    """
    if held is not None and held.state is ParticipationState.ACCEPTED:
        return "Accept"
    is_welcome = held is not None and held.state in WELCOME
    if not is_welcome and (join_mode(event) != "free" or await _was_refused(held)):
        return None
    await Post.select_for_update().get(id=event.id)  # of two who ask for the last place at once one gets it
    most = integer_of(terms(event).get("maximumAttendeeCapacity")) or 0
    coming = await Participation.filter(event_id=event.id, state=ParticipationState.ACCEPTED).count() if most else 0
    return "Reject" if most and coming >= most else "Accept"


async def _was_refused(held: Participation | None) -> bool:
    """Whether the organiser declined, not the actor: then what is held still bears the uri of the Join."""
    if held is None or held.state is not ParticipationState.DECLINED:
        return False
    return await ActivityRecord.exists(uri=held.uri, type="Join")


def answer(kind: str, join: Activity, organiser: Actor, actor: Actor, ctx: Context) -> Activity:
    """Build the Accept or Reject of a Join, which is embedded as it came; it is for whoever asked, and nobody else."""
    ctx.known.actors[organiser.uri] = organiser
    return build(kind, organiser, embed(join), to=[actor.uri], uri=ctx.names.new_activity())


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


async def accept(activity: Activity, ctx: Context) -> Effects:
    """The organiser agrees."""
    return await _settle(activity, ParticipationState.ACCEPTED, ctx)


async def accept_perhaps(activity: Activity, ctx: Context) -> Effects:
    """The organiser may agree later."""
    return await _settle(activity, ParticipationState.TENTATIVE, ctx)


async def reject(activity: Activity, ctx: Context) -> Effects:
    """The organiser declines, or no longer wants whom it agreed to."""
    return await _settle(activity, ParticipationState.DECLINED, ctx)


async def _settle(activity: Activity, state: ParticipationState, ctx: Context) -> Effects:
    found = await _asked(activity)
    if found is None or not await Participation.filter(id=found.id).exclude(state=state).update(state=state):
        return Effects()
    found.state = state
    if found.event.is_local and join_mode(found.event) == "free" and state is ParticipationState.ACCEPTED:
        return Effects()  # nobody had to wait, so that it is no news
    return Effects((JoinAnswered(found, found.event, ctx.known.actor(activity.actor_uri), found.actor),))


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
    await Participation.filter(event_id=event.id, actor__uri=activity.actor_uri).delete()
    return Effects()


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only its author takes back a Join, or an answer to an event.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: it is not here.
    """
    found = await _asked(activity)
    if found is None:
        raise UnsupportedActivity(f"{activity.object_uri} is not here")
    if found.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def undo(activity: Activity, ctx: Context) -> Effects:
    """The actor no longer says whether it comes."""
    if (found := await _asked(activity)) is not None:
        await found.delete()
    return Effects()
