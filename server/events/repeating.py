"""Organising what repeats in a section's name: this event and those that follow. Who did it stays inside, in SectionAct.

`by` is None for whoever runs the server from its command line.
"""

from collections.abc import Collection
from datetime import datetime

from federation.context import Context
from models.actor import Actor
from models.event import EventSeries, EventStatus
from models.ids import new_id
from models.post import Post
from models.section import Section
from server.events import permissions, series, series_dates
from server.events.drafts import EventDraft
from server.events.recurrence import Rule
from server.sections.permissions import Act, noted


async def announce(
    section: Section,
    by: Actor | None,
    draft: EventDraft,
    rule: Rule,
    ctx: Context,
    *,
    left_out: Collection[datetime] = (),
    id_: int | None = None,
) -> Post:
    """Have an event of a section repeat; give the first, under a row id that was made for it where there is one.

    Raises:
        Forbidden: `by` may not.
        Invalid: it cannot be announced as it was typed, or nothing of it is to come.
    """
    id_, actor = new_id() if id_ is None else id_, await Actor.get(id=section.actor_id)
    async with noted(by, Act.ORGANISE, section, ctx.names.post(id_)):
        await series.begin(actor, draft, rule, ctx, left_out=left_out, id_=id_)
    return await Post.get(id=id_).select_related("actor")


async def edit(event: Post, by: Actor | None, draft: EventDraft, ctx: Context) -> None:
    """Change an event and those that follow.

    Raises:
        Forbidden: `by` may not.
        Invalid: it cannot be announced as it was typed.
        NotFound: it is no event of ours that repeats.
    """
    async with permissions.noted(by, Act.ORGANISE, event):
        await series.edit_following(await Actor.get(id=event.actor_id), event, draft, ctx)


async def set_status(event: Post, by: Actor | None, status: EventStatus, ctx: Context) -> None:
    """Call off an event and those that follow, postpone them, or hold them after all.

    Raises:
        Forbidden: `by` may not.
        NotFound: it is no event of ours that repeats.
    """
    async with permissions.noted(by, Act.ORGANISE, event):
        await series.set_status_following(await Actor.get(id=event.actor_id), event, status, ctx)


async def delete(event: Post, by: Actor | None, ctx: Context) -> None:
    """Delete an event and those that follow as if they had never been announced: nobody is told.

    Raises:
        Forbidden: `by` may not.
        NotFound: it is no event of ours that repeats.
    """
    async with permissions.noted(by, Act.DELETE_POST, event):
        await series.delete_following(await Actor.get(id=event.actor_id), event, ctx)


async def change_date(
    section: Section, by: Actor | None, repeats: EventSeries, clock: datetime, ctx: Context, *, is_held: bool
) -> None:
    """Leave out a date of a series that is not announced yet, or hold it after all.

    Raises:
        Forbidden: `by` may not.
        Conflict: it is announced already.
        NotFound: the series has no such date.
    """
    async with noted(by, Act.ORGANISE, section, repeats.uri):
        await series_dates.change(repeats, clock, ctx.now(), is_held=is_held)
