"""The list at the door: who was seen, and whoever came without having said so. How many came is kept when the names go."""

from federation import attendance
from federation.attendance import Person, Said
from federation.context import Context
from federation.handlers import participation as handler
from models.actor import Actor
from models.event import Event
from models.participation import Channel, Participation, ParticipationState
from models.post import Post
from models.secrets import fingerprint
from server.atomically import atomically
from server.contacts.actions import check_name
from server.errors import Conflict, Invalid
from server.events import people, permissions
from server.events.checks import check_guests
from server.events.telling import follow_up
from server.sections.permissions import Act


async def add_at_door(
    event: Post, name: str, by: Actor | None, ctx: Context, *, guests: int = 0, form_key: str = ""
) -> Participation:
    """Write down somebody who is there and is not on the list; full or not, they came.

    `form_key` is that of the form in which they were typed: sent twice, it writes them down once.

    Raises:
        Forbidden: `by` may not see who comes.
        Invalid: they have no name, too long a one, or bring more guests than they may.
        NotFound: it is no event of ours.
    """
    await permissions.check(by, Act.SEE_PARTICIPANTS, event)
    if not (name := check_name(name)):
        raise Invalid("Write down a name.")
    async with atomically(ctx) as whole:
        event.actor = await Actor.get(id=event.actor_id)
        await attendance.locked(event)
        guests = check_guests(await Event.get(post_id=event.id), guests)
        mark = fingerprint(f"door {event.id} {form_key} {guests} {name}") if form_key else None
        if mark is not None and (held := await Participation.get_or_none(hash=mark)) is not None:
            return held
        said = Said(ParticipationState.ACCEPTED, Channel.DOOR, guests=guests)
        recorded = await attendance.record(event, Person(columns={"name": name, "hash": mark}), said, whole)
        await Participation.filter(id=recorded.row.id).update(came_at=ctx.now())
        await _count(event)
        await follow_up(await handler.effects(recorded, event, None, whole.for_batch()), event, whole)
    return await Participation.get(id=recorded.row.id)


async def check_in(event: Post, id_: int, by: Actor | None, ctx: Context) -> None:
    """Say that somebody on the list was seen at the door. Twice is once.

    Raises:
        Forbidden: `by` may not see who comes.
        NotFound: it is no event of ours, or there is nobody like this on its list.
        Conflict: the organisers did not want them to come.
    """
    await permissions.check(by, Act.SEE_PARTICIPANTS, event)
    async with atomically(ctx):
        await attendance.locked(event)
        row = await people.of_event(event, id_)
        if row.state is ParticipationState.REFUSED:
            raise Conflict("The organisers refused this person: let them in first.")
        if row.came_at is None:
            await Participation.filter(id=row.id).update(came_at=ctx.now())
            await _count(event)


async def undo_check_in(event: Post, id_: int, by: Actor | None, ctx: Context) -> None:
    """Say that somebody was not seen at the door after all; who was only written down there goes from the list.

    Raises:
        Forbidden: `by` may not see who comes.
        NotFound: it is no event of ours, or there is nobody like this on its list.
    """
    await permissions.check(by, Act.SEE_PARTICIPANTS, event)
    async with atomically(ctx) as whole:
        await attendance.locked(event)
        row = await people.of_event(event, id_)
        if row.channel is Channel.DOOR:
            recorded = await attendance.withdraw(row, whole)
            await follow_up(await handler.moved_up(recorded.moved_up, row.event, whole.for_batch()), row.event, whole)
        else:
            await Participation.filter(id=row.id).update(came_at=None)
        await _count(event)


async def _count(event: Post) -> None:
    """Keep how many came, guests included."""
    came = await Participation.filter(event_id=event.id, came_at__isnull=False).values_list("guests", flat=True)
    await Event.filter(post_id=event.id).update(came_count=sum(1 + int(str(guests)) for guests in came))
