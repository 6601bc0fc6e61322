"""Organising an event together with other sections, here or elsewhere: ask, answer, leave, take back.

Nobody but the two sections learns of a question before it is agreed to. Whoever organises an event too learns no more of who
comes than everybody does. `by` is who does it in a section's name, as far as their role allows; None is the command line.
"""

from datetime import datetime

from federation import pipeline
from federation.activities import Activity, build, embed, parse, undo_of
from federation.context import Context
from federation.errors import NotAuthorised
from federation.jsonld import load
from models.activity import ActivityRecord
from models.actor import Actor
from models.event import Organising, OrganisingState
from models.post import Post, Visibility
from server.atomically import atomically
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.sections import acting, permissions
from server.sections.permissions import Act


async def ask(section: Actor, event: Post, other: Actor, by: Actor | None, ctx: Context) -> Organising:
    """Ask another section to organise an event of this one, too.

    Raises:
        Forbidden: the role of `by` does not allow it, it is another's event, or the two are kept apart.
        Invalid: the other is no section or group, or this one; or the event is not for everybody.
        Conflict: the other organises it already, or has been asked.
    """
    row = await acting.check(by, Act.ORGANISE_TOGETHER, section)
    if event.actor_id != section.id or event.type != "Event":
        raise Forbidden("This section did not make the event.")
    if not other.is_group or other.id == section.id:
        raise Invalid("Name another section or group.")
    if event.visibility is not Visibility.PUBLIC:
        raise Invalid("Sections organise together what is open to everybody.")
    held = await Organising.get_or_none(event__post_id=event.id, section_id=other.id)
    if held is not None and held.state is not OrganisingState.DECLINED:
        raise Conflict("This section has been asked already.")
    uri = ctx.names.new_activity()
    offer = build("Offer", section, event.uri, uri=uri, to=[other.uri], target=other.uri)
    async with atomically(ctx) as whole:
        try:
            await pipeline.submit(offer, acting=section, ctx=whole)
        except NotAuthorised as refused:
            raise Forbidden("This section cannot organise the event, too.") from refused
        await permissions.note(by, Act.ORGANISE_TOGETHER, row, f"Offer {other.uri} {event.uri}")
    return await Organising.get(uri=uri)


async def answer(section: Actor, asked: Organising, by: Actor | None, ctx: Context, *, accept: bool) -> None:
    """Organise an event, too, as another section asked; decline; or organise it no longer. The other section is told.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: this section was not asked, or there is nothing left to say.
    """
    row = await acting.check(by, Act.ORGANISE_TOGETHER, section)
    is_open = asked.state is OrganisingState.INVITED or (asked.state is OrganisingState.ACCEPTED and not accept)
    if asked.section_id != section.id or not is_open:
        raise NotFound("No such event waits for the answer of this section.")
    event = await Post.get(event__id=asked.event_id).select_related("actor")
    kind, uri = "Accept" if accept else "Reject", ctx.names.new_activity()
    said = build(kind, section, embed(await _offer(asked)), uri=uri, to=[event.actor.uri])
    async with atomically(ctx) as whole:
        await pipeline.submit(said, acting=section, ctx=whole)
        await permissions.note(by, Act.ORGANISE_TOGETHER, row, f"{kind} {event.uri}")


async def take_back(section: Actor, asked: Organising, by: Actor | None, ctx: Context) -> None:
    """No longer ask another section, or organise an event without it from now on. It is told.

    Raises:
        Forbidden: the role of `by` does not allow it.
        NotFound: it is not for this section to take back.
    """
    row = await acting.check(by, Act.ORGANISE_TOGETHER, section)
    event = await Post.get(event__id=asked.event_id)
    if event.actor_id != section.id or not await Organising.exists(id=asked.id):
        raise NotFound("This section does not ask that.")
    undo = undo_of(await _offer(asked), section, uri=ctx.names.new_activity())
    async with atomically(ctx) as whole:
        await pipeline.submit(undo, acting=section, ctx=whole)
        await permissions.note(by, Act.ORGANISE_TOGETHER, row, f"Undo {event.uri}")


async def _offer(asked: Organising) -> Activity:
    return parse(load((await ActivityRecord.get(uri=asked.uri)).document))


async def waiting_at(section: Actor, by: Actor | None, now: datetime) -> list[Organising]:
    """List the events to come that other sections ask this one to organise, too, or that it does; events and their authors
    loaded.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    await acting.check(by, Act.ORGANISE_TOGETHER, section)
    rows = Organising.filter(section_id=section.id, event__ends_at__gte=now).exclude(state=OrganisingState.DECLINED)
    return list(await rows.select_related("event__post__actor", "section").order_by("event__starts_at", "id"))


async def asked_by(section: Actor, by: Actor | None, now: datetime) -> list[Organising]:
    """List whom a section asked to organise its events to come, and what they said; events and sections loaded.

    Raises:
        Forbidden: the role of `by` does not allow it.
    """
    await acting.check(by, Act.ORGANISE_TOGETHER, section)
    rows = Organising.filter(event__post__actor_id=section.id, event__ends_at__gte=now)
    return list(await rows.select_related("event__post__actor", "section").order_by("event__starts_at", "id"))


async def to_come(section: Actor, now: datetime) -> list[Post]:
    """List the public events to come of a section, which it may ask others to organise with it."""
    events = Post.filter(actor_id=section.id, type="Event", visibility=Visibility.PUBLIC, event__ends_at__gte=now)
    return list(await events.order_by("event__starts_at").limit(MOST_TO_COME))


MOST_TO_COME = 100
