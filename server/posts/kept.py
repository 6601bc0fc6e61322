"""What a member has written and does not publish yet: drafts, which have no date, and scheduled posts, changed by hand."""

from dataclasses import replace
from datetime import datetime

from tortoise.transactions import in_transaction

from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.media import Media
from models.paging import page_of
from models.post import Post
from models.scheduled import ScheduledPost
from server.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from server.media import actions as pictures
from server.media.queries import of_scheduled
from server.posts import actions, scheduled
from server.posts.actions import Draft

MAX_DRAFTS = 100
MAX_DRAFT_CHARACTERS = 20_000


async def own(author: Actor, id_: int) -> ScheduledPost:
    """Load what a member keeps, with a date or without.

    Raises:
        NotFound: there is none, or it is another's, or it was published.
    """
    if (row := await ScheduledPost.get_or_none(id=id_, author_id=author.id)) is None:
        raise NotFound("You have no such draft: it was published or deleted meanwhile.")
    row.author = author
    return row


async def drafts(author: Actor, *, limit: int, max_id: int | None = None) -> list[ScheduledPost]:
    """Load the drafts of a member that have no date, the last one begun first."""
    return await page_of(ScheduledPost.filter(author_id=author.id, due_at=None), limit=limit, max_id=max_id)


async def pictures_of(row: ScheduledPost) -> list[Media]:
    """Give the pictures of a draft in their order, as far as they are still there."""
    found = {media.id: media for media in (await of_scheduled([row.id])).get(row.id, [])}
    return [found[id_] for id_ in row.draft["media_ids"] if id_ in found]


async def keep(author: Actor, draft: Draft, ctx: Context, row: ScheduledPost | None = None) -> ScheduledPost:
    """Keep a draft without a date, in the place of `row` where there is one. It need not be fit to be published yet.

    Raises:
        Invalid: it is far too long, there are enough, or one of its pictures has gone to another post.
        Conflict: it is being published.
    """
    if len(draft.text) > MAX_DRAFT_CHARACTERS:
        raise Invalid("A draft may have 20,000 characters at most.")
    if row is None and await ScheduledPost.filter(author_id=author.id, due_at=None).count() >= MAX_DRAFTS:
        raise Invalid("You keep a hundred drafts already. Publish or delete some of them first.")
    return await _put(author, draft, None, ctx, row)


async def change(row: ScheduledPost, draft: Draft, due_at: datetime, ctx: Context) -> ScheduledPost:
    """Have a kept draft say something else, and be published then; one that was given up is tried anew.

    Raises:
        Invalid: it could not be published, or the time is too near.
        Forbidden: its author has moved away.
        Conflict: it is being published.
    """
    actions.check_present(row.author)
    actions.check(draft)
    pictures.check(row.author, draft.media or ())
    scheduled.check_ahead(due_at, ctx)
    return await _put(row.author, draft, due_at, ctx, row)


async def _put(
    author: Actor, draft: Draft, due_at: datetime | None, ctx: Context, row: ScheduledPost | None
) -> ScheduledPost:
    async with in_transaction():
        if row is None:
            row = await ScheduledPost.create(author=author, due_at=due_at, draft=scheduled.written(draft))
        else:
            if (held := await scheduled.free(row, ctx.now()).select_for_update().first()) is None:
                raise Conflict("This is being published already.")
            await pictures.unbind(held, ctx)
            held.due_at, held.given_up_at, held.draft = due_at, None, scheduled.written(draft)
            await held.save(update_fields=["due_at", "given_up_at", "draft"])
            row = held
        await pictures.bind(draft.media or (), row)
    return row


async def publish(row: ScheduledPost, draft: Draft, ctx: Context, *, id_: int) -> Post:
    """Publish now what was kept, as `draft` says it, under this row id; what is refused stays kept as it was.

    Raises:
        Conflict: it is being published.
        Invalid, Forbidden: as for `server.posts.actions.publish`.
    """
    if not await scheduled.free(row, ctx.now()).update(held_until=ctx.now() + scheduled.HELD_FOR, post_id=id_):
        raise Conflict("This is being published already.")
    try:
        post = await actions.publish(row.author, draft, ctx, id_=id_)
    except (AppError, FederationError):
        await ScheduledPost.filter(id=row.id).update(held_until=None, post_id=None)
        raise
    await pictures.unbind(row, ctx)
    await ScheduledPost.filter(id=row.id).delete()
    return post


async def withdraw(author: Actor, post: Post, draft: Draft, ctx: Context) -> ScheduledPost:
    """Delete a post to write it again: what it said is kept as a draft, with its pictures.

    Raises:
        Forbidden: it is another's.
        Invalid: there are enough drafts.
    """
    if post.actor_id != author.id:
        raise Forbidden("Only its author may change a post.")
    row = await keep(author, replace(draft, media=None), ctx)
    try:
        await actions.delete(author, post, ctx, keeps_pictures=True)
    except (AppError, FederationError):
        await ScheduledPost.filter(id=row.id).delete()
        raise
    return await keep(author, draft, ctx, row)
