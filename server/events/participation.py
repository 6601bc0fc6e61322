"""Coming to an event: ask, say otherwise, answer an invitation, decide on those who ask. Each tells only the other side."""

from enum import StrEnum

from federation import pipeline
from federation.activities import build, parse
from federation.context import Context
from federation.errors import NotAuthorised
from federation.handlers import participation as handler
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.participation import Participation, ParticipationState
from models.post import Post
from server.errors import Forbidden, NotFound


class Answer(StrEnum):
    """What is said to an event itself, as the type of the activity that says so."""

    YES = "Accept"
    PERHAPS = "TentativeAccept"
    NO = "Reject"


async def join(actor: Actor, event: Post, ctx: Context) -> Participation:
    """Ask to come to an event; asked already, nothing changes. The organiser alone is told.

    Raises:
        NotFound: it is no event.
        Forbidden: it is not for the actor, or does not take place.
    """
    held = await Participation.get_or_none(event_id=event.id, actor_id=actor.id)
    if held is None or held.state not in (ParticipationState.REQUESTED, ParticipationState.ACCEPTED):
        await _say("Join", actor, event, ctx)
    return await Participation.get(event_id=event.id, actor_id=actor.id)


async def leave(actor: Actor, event: Post, ctx: Context) -> None:
    """Do not come after all; who was not to come changes nothing.

    Raises:
        NotFound: it is no event.
    """
    if await Participation.exists(event_id=event.id, actor_id=actor.id):
        await _say("Leave", actor, event, ctx)


async def answer(actor: Actor, event: Post, said: Answer, ctx: Context) -> Participation:
    """Say whether one comes, in answer to an invitation or to the event itself.

    Raises:
        NotFound: it is no event.
        Forbidden: it is not for the actor.
    """
    await _say(said.value, actor, event, ctx)
    return await Participation.get(event_id=event.id, actor_id=actor.id)


async def _say(kind: str, actor: Actor, event: Post, ctx: Context) -> None:
    if event.type != "Event":
        raise NotFound("This is no event.")
    organiser = await Actor.get(id=event.actor_id)
    activity = build(kind, actor, event.uri, uri=ctx.names.new_activity(), to=[organiser.uri])
    try:
        await pipeline.submit(activity, acting=actor, ctx=ctx)
    except NotAuthorised as refused:
        raise Forbidden("You cannot take part in this event.") from refused


async def decide(organiser: Actor, asked: Participation, ctx: Context, *, accept: bool) -> None:
    """Agree to somebody's coming, or decline; somebody agreed to before is sent away by a refusal.

    Raises:
        NotFound: nobody asked.
        Forbidden: it is another's event.
    """
    row = await Participation.get_or_none(id=asked.id).select_related("actor", "event__actor", "event__group")
    record = await ActivityRecord.get_or_none(uri=row.uri, type="Join") if row is not None else None
    if row is None or row.actor is None or record is None:
        raise NotFound("There is no such request.")
    if not handler.is_organiser(organiser.uri, row.event):
        raise Forbidden("Only the organisers decide who comes.")
    kind = "Accept" if accept else "Reject"
    activity = handler.answer(kind, parse(load(record.document)), organiser, row.actor, ctx.for_batch())
    await pipeline.submit(activity, acting=organiser, ctx=ctx)
