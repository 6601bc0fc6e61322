"""Coming to an event: ask, say otherwise, choose in its poll, answer an invitation, decide on those who ask.

Each tells only the other side.
"""

from enum import StrEnum
from typing import Any

from federation import attendance, join_messages, pipeline
from federation.activities import build, parse
from federation.context import Context
from federation.errors import NotAuthorised
from federation.facts import JoinAnswered
from federation.handlers import participation as handler
from federation.handlers.handler import Effects
from federation.jsonld import Json, load
from federation.vocabulary import EVENT_CONTEXT
from models.activity import ActivityRecord
from models.actor import Actor
from models.event import Event, Shift
from models.participation import Channel, EventNotice, NoticeKind, Participation, ParticipationState
from models.post import Post
from server.atomically import atomically
from server.errors import Forbidden, NotFound
from server.events.checks import Wish, check_wish, read_answers
from server.events.telling import follow_up

DECIDABLE = (
    ParticipationState.REQUESTED,
    ParticipationState.WAITING,
    ParticipationState.ACCEPTED,
    ParticipationState.REFUSED,
)


class Answer(StrEnum):
    """What is said to an event itself, as the type of the activity that says so."""

    YES = "Accept"
    PERHAPS = "TentativeAccept"
    NO = "Reject"


async def join(actor: Actor, event: Post, ctx: Context, wish: Wish | None = None) -> Participation:
    """Ask to come to an event; asked already, nothing changes but what `wish` says. The organiser alone is told.

    Raises:
        NotFound: it is no event.
        Forbidden: it is not for the actor, or does not take place.
        Invalid: the wish asks for what the event does not offer.
        Conflict: a shift is full.
    """
    held = await Participation.get_or_none(event_id=event.id, actor_id=actor.id)
    if wish is not None:
        await _say("Join", actor, event, ctx, **await _private(event, wish, held))
    elif held is None or held.state not in (ParticipationState.REQUESTED, ParticipationState.ACCEPTED):
        await _say("Join", actor, event, ctx)
    return await Participation.get(event_id=event.id, actor_id=actor.id)


async def _private(event: Post, wish: Wish, held: Participation | None) -> Json:
    """Write what a Join says to the organisers alone."""
    if (terms := await Event.get_or_none(post_id=event.id)) is None:
        raise NotFound("This is no event.")
    columns = await check_wish(terms, wish, held)
    shifts = await Shift.filter(id__in=columns["wished_shifts"]).order_by("position")
    answers = read_answers(columns["answers"])
    return {
        "@context": EVENT_CONTEXT,
        "guests": columns["guests"],
        "shifts": [shift.uri for shift in shifts],
        "answers": [{"id": id_, "content": said} for id_, said in answers.items()],
        **({join_messages.NAME: columns["message"]} if columns["message"] else {}),
    }


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


async def choose(actor: Actor, event: Post, position: int, ctx: Context) -> Participation:
    """Say yes, perhaps or no, as an app shows it that knows polls and no events: 0, 1 or 2.

    A server that was asked by a Join (Mobilizon) knows no other no than a Leave.

    Raises:
        NotFound: it is no event.
        Forbidden: it is not for the actor, or does not take place.
    """
    said = (Answer.YES, Answer.PERHAPS, Answer.NO)[position]
    if said is Answer.YES:
        return await join(actor, event, ctx)
    if not event.is_local and await Participation.exists(event_id=event.id, actor_id=actor.id, channel=Channel.JOIN):
        await leave(actor, event, ctx)
    return await answer(actor, event, said, ctx)


async def _say(kind: str, actor: Actor, event: Post, ctx: Context, **more: Any) -> None:
    if event.type != "Event":
        raise NotFound("This is no event.")
    organiser = await Actor.get(id=event.actor_id)
    activity = build(kind, actor, event.uri, uri=ctx.names.new_activity(), to=[organiser.uri], **more)
    try:
        await pipeline.submit(activity, acting=actor, ctx=ctx)
    except NotAuthorised as refused:
        raise Forbidden("You cannot take part in this event.") from refused


async def decide(organiser: Actor, asked: Participation, ctx: Context, *, accept: bool) -> None:
    """Agree to somebody's coming, or decline; somebody agreed to before is sent away by a refusal.

    Who asked by a Join is answered by an activity; everybody else is told by the way they came.

    Raises:
        NotFound: nobody asked.
        Forbidden: it is another's event.
    """
    row = await Participation.get_or_none(id=asked.id).select_related("actor", "event__actor", "event__group")
    if row is None or row.state not in DECIDABLE:
        raise NotFound("There is no such request.")
    if not handler.is_organiser(organiser.uri, row.event):
        raise Forbidden("Only the organisers decide who comes.")
    record = await ActivityRecord.get_or_none(uri=row.uri, type="Join") if row.channel is Channel.JOIN else None
    if row.actor is not None and record is not None:
        kind = "Accept" if accept else "Reject"
        activity = handler.answer(kind, parse(load(record.document)), organiser, row.actor, ctx.for_batch())
        await pipeline.submit(activity, acting=organiser, ctx=ctx)
        return
    state = ParticipationState.ACCEPTED if accept else ParticipationState.REFUSED
    async with atomically(ctx) as whole:
        await _settle(row, state, organiser, whole)


async def _settle(row: Participation, state: ParticipationState, organiser: Actor, ctx: Context) -> None:
    await attendance.locked(row.event)
    now = await Participation.get_or_none(id=row.id)
    if now is None or now.state is state:
        return
    row.state = now.state
    recorded = await attendance.settle(row, state, ctx)
    moved = await handler.moved_up(recorded.moved_up, row.event, ctx.for_batch())
    if row.actor is None or not row.actor.is_local:
        await EventNotice.ask([row.id], NoticeKind.DECIDED, ctx.now())
    told = JoinAnswered(row, row.event, organiser, row.actor)
    await follow_up(Effects((told, *moved.facts), moved.replies), row.event, ctx)
