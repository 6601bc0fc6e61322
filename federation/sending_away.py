"""Sending people away from events of ours when a block comes between.

Whom the organiser blocks is refused as if the organisers had decided so: told by the way they came, and once. Whose server
is blocked is told nothing: nothing is sent there. That stays when the block is taken back. Those who wait move up.
"""

from collections.abc import Sequence

from federation import attendance
from federation.activities import Activity, parse
from federation.context import Context
from federation.facts import Fact, SentAway
from federation.handlers import participation
from federation.handlers.handler import Effects
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.participation import Channel, EventNotice, Participation, ParticipationState, ShiftTaken

State = ParticipationState

COMING = (State.INVITED, State.REQUESTED, State.WAITING, State.ACCEPTED, State.TENTATIVE)


async def coming(actor_ids: Sequence[int], ctx: Context, *, organiser_id: int | None = None) -> list[Participation]:
    """Find what these actors said, or were asked, of events of ours that are still to come: all, or by one organiser.

    In the order of the events, in which everybody holds them.
    """
    rows = Participation.filter(actor_id__in=list(actor_ids), state__in=list(COMING), event__is_local=True)
    rows = rows.filter(event__event__ends_at__gt=ctx.now())
    rows = rows if organiser_id is None else rows.filter(event__actor_id=organiser_id)
    return await rows.select_related("actor", "event__actor", "event__group").order_by("event_id", "id")


async def _join(row: Participation, person: Actor) -> Activity:
    record = await ActivityRecord.get_or_none(uri=row.uri, type="Join")
    named = {"type": "Join", "id": row.uri, "actor": person.uri, "object": row.event.uri}
    return parse(named if record is None else load(record.document))


async def shut_out(actor_ids: Sequence[int], ctx: Context) -> list[str]:
    """Refuse these actors at every event of ours, and tell them nothing; at which events others may have their places.

    Call it in a transaction. What is owed to them is told them no more.
    """
    uris = dict[str, None]()
    for row in await coming(actor_ids, ctx):
        await attendance.locked(row.event)
        await Participation.filter(id=row.id).update(state=State.REFUSED)
        await ShiftTaken.filter(participation_id=row.id).delete()
        await EventNotice.filter(participation_id=row.id).delete()
        uris[row.event.uri] = None
    return list(uris)


async def send_away(organiser: Actor, person: Actor, ctx: Context) -> Effects:
    """Refuse somebody at every event of an organiser of ours. Call it in a transaction."""
    facts, replies = list[Fact](), list[Activity]()
    for row in await coming([person.id], ctx, organiser_id=organiser.id) if organiser.is_local else ():
        await attendance.locked(row.event)
        now = await Participation.get_or_none(id=row.id)
        if now is None or now.state not in COMING:  # they said otherwise meanwhile
            continue
        row.state = now.state
        ctx.known.posts[row.event.uri] = row.event  # what is answered is about it
        recorded = await attendance.settle(row, State.REFUSED, ctx)
        await EventNotice.filter(participation_id=row.id).delete()
        if recorded.before is State.INVITED:  # who has not answered yet knows nothing of a place
            pass
        elif row.channel is Channel.JOIN and not person.is_local:
            replies.append(participation.answer("Reject", await _join(row, person), organiser, person, ctx))
        else:
            facts.append(SentAway(row, row.event))
        moved = await participation.moved_up(recorded.moved_up, row.event, ctx)
        facts += moved.facts
        replies += moved.replies
    return Effects(tuple(facts), tuple(replies))
