"""The ledger of who comes to an event of ours: one answer a person, the newest, whatever way it came.

Who asks for a place gets it if nobody has to agree and there is room, waits if there is none, and asks the organisers
otherwise. A place that becomes free goes to whoever waits longest. Source: Mobilizon (`joinMode`, capacity); RFC 5546 for
the answers.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from federation.context import Context
from models.event import Event, JoinMode, Shift
from models.ids import new_id
from models.participation import Channel, Participation, ParticipationState, ShiftTaken
from models.post import Post

State = ParticipationState

HOLDING = (State.ACCEPTED, State.WAITING)  # a place, or one in the line, where a large party holds up whoever is behind
IN_LINE = (State.ACCEPTED, State.WAITING, State.REQUESTED)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of an event: `state` is ACCEPTED for yes, TENTATIVE for perhaps, DECLINED for no.

    `uri` is the activity that says so. `guests`, `shift_ids`, `answers` (JSON) and `message` are None where nothing is said
    of them, which leaves what was said before.
    """

    state: ParticipationState
    channel: Channel
    uri: str | None = None
    guests: int | None = None
    shift_ids: tuple[int, ...] | None = None
    answers: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Who says so: an actor by its row id, or whoever has that e-mail address, or a name at the door.

    `columns` are written for somebody new: email, name, language, hash.
    """

    actor_id: int | None = None
    email_fingerprint: str | None = None
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an answer: the row now, the state it had before, who came up from the waiting list for it."""

    row: Participation
    before: ParticipationState | None
    moved_up: tuple[Participation, ...] = ()


async def record(event: Post, person: Person, said: Said, ctx: Context) -> Recorded:
    """Write what somebody says of an event. Call it in a transaction: two who ask for the last place wait for each other."""
    terms = await locked(event)
    row = await held(event, person)
    before = row.state if row is not None else None
    if before is State.REFUSED and event.is_local and said.state is not State.ACCEPTED:
        said = replace(said, state=State.REFUSED)  # else a no, and then a yes, would be a way in
    if terms is not None and said.state is State.ACCEPTED and event.is_local:
        said = replace(said, state=await _place_for(terms, row, said))
    columns: dict[str, Any] = {"state": said.state, "channel": said.channel, "said_at": ctx.now(), "uri": said.uri}
    if row is not None and before is said.state and said.state in (State.WAITING, State.REQUESTED):
        columns["said_at"] = row.said_at  # whoever asks again keeps their place in the line
    if row is not None and said.uri is None:
        del columns["uri"]
    for name in ("answers", "message"):
        if (value := getattr(said, name)) is not None:
            columns[name] = value
    if said.guests is not None and terms is not None:
        columns["guests"] = await _guests_for(terms, row, said)
    if row is None:
        whose = {"actor_id": person.actor_id, "email_fingerprint": person.email_fingerprint} | person.columns
        row = await Participation.create(id=new_id(), event_id=event.id, **whose, **columns)
    else:
        await row.update_from_dict(columns).save(update_fields=list(columns))
    if said.shift_ids is not None or said.state not in IN_LINE:
        await take_shifts(event, row, said.shift_ids or (), ctx)
    moved = await _let_through(event, before, ctx)
    if any(one.id == row.id for one in moved):  # with fewer guests there is room for them
        row.state = State.ACCEPTED
    return Recorded(row, before, tuple(one for one in moved if one.id != row.id))


async def _let_through(event: Post, before: ParticipationState | None, ctx: Context) -> tuple[Participation, ...]:
    """Let whoever waits have what somebody gave up who was in this state."""
    return tuple(await move_up(event, ctx)) if event.is_local and before in HOLDING else ()


async def locked(event: Post) -> Event | None:
    """Give what an event asks of those who come, and let nobody else say anything of it until the transaction ends.

    Others may go on naming it: two who answer it in words have each named it before they ask for this lock.
    """
    await Post.select_for_update(no_key=True).get(id=event.id)
    return await Event.get_or_none(post_id=event.id)


async def held(event: Post, person: Person) -> Participation | None:
    """Find what somebody said before."""
    rows = Participation.filter(event_id=event.id)
    if person.actor_id is not None:
        return await rows.get_or_none(actor_id=person.actor_id)
    if person.email_fingerprint is not None:
        return await rows.get_or_none(email_fingerprint=person.email_fingerprint)
    return None


async def _place_for(terms: Event, row: Participation | None, said: Said) -> ParticipationState:
    """Say what becomes of a yes: a place, the waiting list, or a question to the organisers.

    Whoever is in stays in, whoever was invited is welcome, and whom the organisers refused has to be let in by them. Whoever
    is written down at the door is there.
    """
    before = row.state if row is not None else None
    if before is State.ACCEPTED or said.channel is Channel.DOOR:
        return State.ACCEPTED
    is_welcome = before in (State.INVITED, State.WAITING)
    if not is_welcome and (before is State.REFUSED or terms.join_mode is not JoinMode.FREE):
        return State.REQUESTED
    if before is State.WAITING:
        return State.WAITING
    guests = said.guests if said.guests is not None else (row.guests if row is not None else 0)
    return State.ACCEPTED if await _has_room(terms, 1 + min(guests, terms.most_guests)) else State.WAITING


async def _guests_for(terms: Event, row: Participation | None, said: Said) -> int:
    """Say how many guests somebody brings: as many as they say, where that is allowed and there is room for them."""
    wanted = max(0, min(said.guests or 0, terms.most_guests))
    if terms.capacity is None or said.state is not State.ACCEPTED or row is None or row.state is not State.ACCEPTED:
        return wanted
    held = int(row.guests)
    return min(wanted, max(held, held + terms.capacity - await coming(terms.post_id)))


async def _has_room(terms: Event, persons: int) -> bool:
    """Whether so many more may come; nobody goes before those who wait."""
    if terms.capacity is None:
        return True
    if await Participation.exists(event_id=terms.post_id, state=State.WAITING):
        return False
    return await coming(terms.post_id) + persons <= terms.capacity


async def coming(event_id: int) -> int:
    """Count who comes to an event, guests included."""
    return (await Participation.coming([event_id])).get(event_id, 0)


async def move_up(event: Post, ctx: Context) -> list[Participation]:
    """Give what places there are to those who wait, in their order; who now comes. Call it in a transaction.

    A party too large for what is left keeps its place, and nobody overtakes it. To what is over nobody comes any more.
    """
    terms = await locked(event)
    if terms is None or not terms.takes_place or terms.ends_at <= ctx.now():
        return []
    left = None if terms.capacity is None else terms.capacity - await coming(event.id)
    waiting = Participation.filter(event_id=event.id, state=State.WAITING).order_by("said_at", "id")
    moved = []
    for row in await waiting.select_related("actor"):
        if left is not None:
            if 1 + row.guests > left:
                break
            left -= 1 + row.guests
        row.state = State.ACCEPTED
        await row.save(update_fields=["state"])
        moved.append(row)
    return moved


async def take_shifts(event: Post, row: Participation, shift_ids: tuple[int, ...], ctx: Context) -> None:
    """Have somebody do these shifts and no others; one that is full is left to those who have it."""
    shifts = await Shift.filter(event__post_id=event.id, id__in=list(shift_ids)) if shift_ids else []
    has = set(await ShiftTaken.filter(participation_id=row.id).values_list("shift_id", flat=True))
    wanted = {shift.id: shift for shift in shifts}
    await ShiftTaken.filter(participation_id=row.id).exclude(shift_id__in=list(wanted) or [0]).delete()
    for id_, shift in wanted.items():
        if id_ in has or (event.is_local and await ShiftTaken.filter(shift_id=id_).count() >= shift.places):
            continue
        await ShiftTaken.create(shift_id=id_, participation_id=row.id, taken_at=ctx.now())


async def settle(row: Participation, state: ParticipationState, ctx: Context) -> Recorded:
    """Write what the organisers decided of somebody, who is not asked; `row.event` must be loaded. Call it in a transaction.

    Whom they let in comes, however many do. A place they take back goes to whoever waits.
    """
    before = row.state
    await locked(row.event)
    row.state = state
    await row.save(update_fields=["state"])
    if state not in IN_LINE:
        await ShiftTaken.filter(participation_id=row.id).delete()
    return Recorded(row, before, () if state is State.ACCEPTED else await _let_through(row.event, before, ctx))


async def withdraw(row: Participation, ctx: Context) -> Recorded:
    """Forget somebody's answer as if it had never been given; `row.event` must be loaded. Call it in a transaction.

    That the organisers refused somebody is not forgotten.
    """
    before = row.state
    await locked(row.event)
    if before is State.REFUSED and row.event.is_local:
        return Recorded(row, before)
    await row.delete()
    return Recorded(row, before, await _let_through(row.event, before, ctx))
