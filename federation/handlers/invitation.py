"""Being asked to come to an event, and answering the event itself: yes, perhaps, no.

Source: Activity Vocabulary (Invite, TentativeAccept); Friendica, Hubzilla (Invite with the Event, answers to it).
"""

from federation import apart, attendance, policy
from federation.activities import Activity
from federation.attendance import Person, Said
from federation.context import Context
from federation.errors import MalformedActivity, NotAuthorised, UnsupportedActivity
from federation.facts import Fact, Invited, Posted
from federation.handlers import participation
from federation.handlers import post as post_handler
from federation.handlers.handler import Effects
from federation.objects import note
from models.actor import MAX_URI, Actor, ActorType
from models.participation import Channel, Participation, ParticipationState

MAX_INVITED = 100
STATES = {
    "Accept": ParticipationState.ACCEPTED,
    "TentativeAccept": ParticipationState.TENTATIVE,
    "Reject": ParticipationState.DECLINED,
    "TentativeReject": ParticipationState.DECLINED,
}


async def authorise_invite(activity: Activity, ctx: Context) -> None:
    """The organisers of an event ask others to come. One that is not here yet comes with the invitation, by its author.

    Raises:
        NotAuthorised: it is another's event, or was deleted.
        UnsupportedActivity: nobody here is asked, nor follows whoever asks.
    """
    inviter, event = ctx.known.actor(activity.actor_uri), ctx.known.posts.get(activity.object_uri or "")
    if event is None:
        _read(activity, inviter, ctx)
        if activity.object_uri in ctx.known.deleted_uris:
            raise NotAuthorised(f"{activity.object_uri} was deleted")
        if not policy.is_wanted(activity, inviter, ctx):
            raise UnsupportedActivity(f"nobody here follows {inviter.uri} or is asked by {activity.uri}")
        return
    await event.fetch_related("group")
    if not participation.is_organiser(inviter.uri, event):
        raise NotAuthorised(f"{inviter.uri} does not organise {event.uri}")
    if not _invited(activity, inviter, ctx):
        raise UnsupportedActivity(f"{activity.uri} asks nobody here")


def _read(activity: Activity, inviter: Actor, ctx: Context) -> note.ReadPost:
    if activity.object is None:
        raise MalformedActivity(f"{activity.uri} does not say to what it invites")
    return note.read(activity.object, inviter, activity_to=activity.to, activity_cc=activity.cc, now=ctx.now())


def _invited(activity: Activity, inviter: Actor, ctx: Context) -> list[Actor]:
    """Name the people who are asked: the target, or else those it is addressed to. Other servers ask only people here."""
    named = [ctx.known.actors[uri] for uri in activity.target_uris or activity.to if uri in ctx.known.actors]
    people = [actor for actor in named if actor.type is ActorType.PERSON and actor.id != inviter.id]
    return [actor for actor in people if actor.is_local or inviter.is_local][:MAX_INVITED]


async def invite(activity: Activity, ctx: Context) -> Effects:
    """Record who is asked, unless they said something of it already."""
    inviter, facts = ctx.known.actor(activity.actor_uri), list[Fact]()
    event = ctx.known.posts.get(activity.object_uri or "")
    if event is None:
        event, mentioned = await post_handler.keep(_read(activity, inviter, ctx), inviter, ctx)
        facts.append(Posted(event, inviter, mentioned))
    for actor in _invited(activity, inviter, ctx):
        uri = f"{activity.uri}#{actor.id}"
        if apart.are_apart(inviter, actor, ctx) or len(uri) > MAX_URI:
            continue
        columns = {"uri": uri, "state": ParticipationState.INVITED}
        row, is_new = await Participation.get_or_create(columns, event=event, actor=actor)
        if is_new:
            facts.append(Invited(row, event, inviter, actor))
    return Effects(tuple(facts))


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only the organisers take an invitation back.

    Raises:
        NotAuthorised: it is another's event.
        UnsupportedActivity: the event is not here.
    """
    event = participation.known_event(activity, ctx)
    await event.fetch_related("group")
    if not participation.is_organiser(activity.actor_uri, event):
        raise NotAuthorised(f"{activity.actor_uri} does not organise {event.uri}")


async def undo(activity: Activity, ctx: Context) -> Effects:
    """Whoever has not answered is no longer asked."""
    event = participation.known_event(activity, ctx)
    asked = Participation.filter(event_id=event.id, state=ParticipationState.INVITED)
    await asked.filter(uri__startswith=f"{activity.object_uri}#").delete()
    return Effects()


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Whoever may read an event, or was asked to come, may say whether they do; yes, where they might ask to come, too.

    Raises:
        NotAuthorised: it is not for this actor, the two are kept apart, or a yes comes to what is cancelled or over.
        UnsupportedActivity: the event is not here, it is between two strangers, or one of ours would say yes in vain.
    """
    actor, event = ctx.known.actor(activity.actor_uri), participation.known_event(activity, ctx)
    await participation.check_readable(actor, event, ctx)
    if STATES[activity.type] is ParticipationState.ACCEPTED:
        await participation.check_takes_place(event, ctx)
        if not await participation.asks_in_vain(actor, event):
            await participation.check_open(event, ctx)


async def answer(activity: Activity, ctx: Context) -> Effects:
    """Record whether the actor comes; where the organiser has to agree, it is asked.

    A yes from elsewhere to what one does not come to by asking is written down as refused: nothing else answers it, and
    its author, who does not know, is told.
    """
    actor, event = ctx.known.actor(activity.actor_uri), participation.known_event(activity, ctx)
    state = STATES[activity.type]
    if state is ParticipationState.ACCEPTED and await participation.asks_in_vain(actor, event):
        is_in = await Participation.exists(event_id=event.id, actor_id=actor.id, state=ParticipationState.ACCEPTED)
        state = state if is_in else ParticipationState.REFUSED
    said = Said(state, Channel.ANSWER, activity.uri)
    return await participation.effects(await attendance.record(event, Person(actor.id), said, ctx), event, actor, ctx)
