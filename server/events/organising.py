"""Organising events in a section's name: announce, change, call off, ask who comes. Who did it stays inside, in SectionAct.

`by` is None for whoever runs the server from its command line.
"""

from federation import attendance, event_polls, pipeline
from federation.context import Context
from models.actor import Actor
from models.event import Event, EventPoll, EventStatus
from models.ids import new_id
from models.post import Post, Visibility
from models.section import Section
from server.atomically import atomically
from server.errors import Conflict
from server.events import actions, permissions
from server.events.checks import check_takes_people
from server.events.drafts import EventDraft
from server.sections.permissions import Act, noted


async def announce(
    section: Section, by: Actor | None, draft: EventDraft, ctx: Context, *, id_: int | None = None
) -> Post:
    """Announce an event of a section, under a row id that was made for it where there is one.

    Raises:
        Forbidden: `by` may not.
        Invalid: it cannot be announced as it was typed.
    """
    id_, actor = new_id() if id_ is None else id_, await Actor.get(id=section.actor_id)
    async with noted(by, Act.ORGANISE, section, ctx.names.post(id_)):
        return await actions.publish(actor, draft, ctx, id_=id_)


async def edit(event: Post, by: Actor | None, draft: EventDraft, ctx: Context) -> Post:
    """Change an event; everybody who got it is told.

    Raises:
        Forbidden: `by` may not.
        Invalid: it cannot be announced as it was typed.
        NotFound: it is no event of ours.
    """
    async with permissions.noted(by, Act.ORGANISE, event):
        return await actions.edit(await Actor.get(id=event.actor_id), event, draft, ctx)


async def set_status(event: Post, by: Actor | None, status: EventStatus, ctx: Context) -> Post:
    """Call an event off, put it off to a day not known yet, or hold it after all.

    Raises:
        Forbidden: `by` may not.
        NotFound: it is no event of ours.
    """
    async with permissions.noted(by, Act.ORGANISE, event):
        return await actions.set_status(await Actor.get(id=event.actor_id), event, status, ctx)


async def delete(event: Post, by: Actor | None, ctx: Context) -> None:
    """Delete an event as if it had never been announced: nobody is told, not even those who come.

    Raises:
        Forbidden: `by` may not.
        NotFound: it is no event of ours.
    """
    async with permissions.noted(by, Act.DELETE_POST, event):
        await actions.delete(await Actor.get(id=event.actor_id), event, ctx)


async def ask_everybody(event: Post, by: Actor | None, ctx: Context) -> Post:
    """Publish, below an event, the Question whether one comes, for apps that know no events; once for each event.

    Raises:
        Forbidden: `by` may not.
        Conflict: that was done already, it has begun, or it takes nobody.
        NotFound: it is no event of ours.
    """
    async with permissions.noted(by, Act.ORGANISE, event), atomically(ctx) as whole:
        event.actor = await Actor.get(id=event.actor_id)
        await attendance.locked(event)
        terms = await Event.get(post_id=event.id).select_related("place")
        check_takes_people(terms, ctx.now())
        if terms.starts_at <= ctx.now():
            raise Conflict("This event has begun.")
        if await EventPoll.filter(event_id=event.id).exclude(post__visibility=Visibility.DIRECT).exists():
            raise Conflict("That was asked below this event already.")
        id_ = new_id()
        await pipeline.submit(event_polls.ask(id_, event, terms, None, whole), acting=event.actor, ctx=whole)
        await EventPoll.create(post_id=id_, event=event)
    return await Post.get(id=id_).select_related("actor")
