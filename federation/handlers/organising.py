"""Organising an event together: a section asks another one, which agrees, declines, or leaves later.

    {"type": "Offer", "actor": who made the event, "object": the event, "target": another group, "to": [that group]}

The Offer, its answers and its Undo are between the two sections alone. What everybody learns is in the event: once the other
one has agreed, `organizers` names it (FEP-8a8e), and it announces the event to its own followers. Source: Activity
Vocabulary (Offer)
"""

from federation import about_events, addressing, apart
from federation.activities import Activity, build, parse, undo_of
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import Fact, OrganisersChanged, OrganisingAnswered, OrganisingAsked, OrganisingTakenBack
from federation.handlers.handler import Effects
from federation.handlers.participation import known_event
from federation.jsonld import load, written_instant
from federation.objects.event import MAX_ORGANISERS
from models.activity import ActivityRecord
from models.actor import Actor
from models.event import Event, Organising, OrganisingState
from models.ids import new_id
from models.post import Post, Visibility
from models.reaction import Announce

State = OrganisingState


async def authorise_offer(activity: Activity, ctx: Context) -> None:
    """Whoever made an event that everybody may see asks one other section; one of the two is ours.

    Raises:
        NotAuthorised: it is another's event, not for everybody, has enough organisers, or the two are kept apart.
        UnsupportedActivity: the event is not here, or nobody here is asked.
    """
    event, section = known_event(activity, ctx), _asked(activity, ctx)
    if activity.actor_uri != event.actor.uri or section.id == event.actor_id:
        raise NotAuthorised(f"{activity.actor_uri} may not offer {event.uri}")
    if event.visibility is not Visibility.PUBLIC or not section.is_group or section.gone_at is not None:
        raise NotAuthorised(f"{event.uri} cannot be organised together with {section.uri}")
    apart.check(event.actor, section, ctx)
    if not (event.is_local or section.is_local):
        raise UnsupportedActivity(f"{event.uri} and {section.uri} are both of other servers")
    if not await Event.exists(post_id=event.id):
        raise UnsupportedActivity(f"nobody knows when {event.uri} is")
    if await Organising.filter(event__post_id=event.id).exclude(section_id=section.id).count() >= MAX_ORGANISERS:
        raise NotAuthorised(f"{event.uri} has enough organisers")


def _asked(activity: Activity, ctx: Context) -> Actor:
    if len(activity.target_uris) != 1:
        raise UnsupportedActivity(f"{activity.uri} asks nobody, or several at once")
    return ctx.known.actor(activity.target_uris[0])


async def offer(activity: Activity, ctx: Context) -> Effects:
    """Keep the question for the section to answer. Asked before, only the newest question stands; who organises does so."""
    event, section = known_event(activity, ctx), _asked(activity, ctx)
    row = await Organising.get_or_none(event__post_id=event.id, section_id=section.id)
    if row is not None and row.state is State.ACCEPTED:
        return Effects()
    if row is None:
        terms = await Event.get(post_id=event.id)
        await Organising.create(
            id=new_id(), uri=activity.uri, event=terms, section=section, created_at=ctx.now(), state=State.INVITED
        )
    else:
        await Organising.filter(id=row.id).update(uri=activity.uri, state=State.INVITED, created_at=ctx.now())
    return Effects((OrganisingAsked(event, section),))


async def _find(activity: Activity) -> Organising:
    """Find what an answer or an Undo is about: by the uri of the Offer, and by nothing else.

    Raises:
        UnsupportedActivity: no such Offer stands here.
    """
    rows = Organising.filter(uri=activity.object_uri or "").select_related("section", "event__post__actor")
    if (row := await rows.first()) is None:
        raise UnsupportedActivity(f"{activity.object_uri} does not stand here")
    return row


async def authorise_answer(activity: Activity, ctx: Context) -> None:
    """Only the section that was asked answers, and only for the event that it was asked about.

    Raises:
        NotAuthorised: it is somebody else, or the answer is about another event.
        UnsupportedActivity: no such Offer stands here.
    """
    row = await _find(activity)
    if row.section.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.actor_uri} was not asked {activity.object_uri}")
    if about_events.event_uri(activity, ctx) != row.event.post.uri:
        raise NotAuthorised(f"{activity.object_uri} is not about that event")


async def accept(activity: Activity, ctx: Context) -> Effects:
    """The section organises the event, too: one of ours announces it to its followers."""
    row = await _find(activity)
    if row.state is not State.INVITED:
        return Effects()
    row.state = State.ACCEPTED
    await row.save(update_fields=["state"])
    event, section = row.event.post, row.section
    told = (OrganisingAnswered(row, event, section), OrganisersChanged(event, activity.uri, ctx.now()))
    if not section.is_local or await Announce.exists(actor_id=section.id, post_id=event.id):
        return Effects(told)
    to, cc = addressing.address(section, Visibility.PUBLIC, [event.actor.uri])
    uri, published = ctx.names.new_activity(), written_instant(ctx.now())
    ctx.known.actors[section.uri] = section
    return Effects(told, (build("Announce", section, event.uri, uri=uri, to=to, cc=cc, published=published),))


async def reject(activity: Activity, ctx: Context) -> Effects:
    """The section declines, or organises the event no longer."""
    row = await _find(activity)
    if row.state is State.DECLINED:
        return Effects()
    has_left, row.state = row.state is State.ACCEPTED, State.DECLINED
    await row.save(update_fields=["state"])
    told: tuple[Fact, ...] = (OrganisingAnswered(row, row.event.post, row.section),)
    if not has_left:
        return Effects(told)
    changed = OrganisersChanged(row.event.post, activity.uri, ctx.now())
    return Effects((*told, changed), await _withdrawn(row.section, row.event.post, ctx))


async def authorise_undo(activity: Activity, ctx: Context) -> None:
    """Only whoever asked takes the question back.

    Raises:
        NotAuthorised: it is another's.
        UnsupportedActivity: no such Offer stands here.
    """
    row = await _find(activity)
    if row.event.post.actor.uri != activity.actor_uri:
        raise NotAuthorised(f"{activity.object_uri} is not by {activity.actor_uri}")


async def undo(activity: Activity, ctx: Context) -> Effects:
    """The section is no longer asked, or is no longer one of the organisers."""
    row = await _find(activity)
    await row.delete()
    told: tuple[Fact, ...] = (OrganisingTakenBack(row.event.post, row.section),)
    if row.state is not State.ACCEPTED:
        return Effects(told)
    changed = OrganisersChanged(row.event.post, activity.uri, ctx.now())
    return Effects((*told, changed), await _withdrawn(row.section, row.event.post, ctx))


async def _withdrawn(section: Actor, event: Post, ctx: Context) -> tuple[Activity, ...]:
    """Build the Undo of the Announce by which a section of ours showed an event that it organises no longer."""
    if not section.is_local:
        return ()
    row = await Announce.get_or_none(actor_id=section.id, post_id=event.id)
    record = await ActivityRecord.get_or_none(uri=row.uri) if row is not None else None
    if record is None:
        return ()
    ctx.known.actors[section.uri] = section
    return (undo_of(parse(load(record.document)), section, uri=ctx.names.new_activity()),)
