"""Posts to be published later: kept as drafts, published once by the periodic look, whoever looks and whoever dies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.ids import new_id
from models.media import Media
from models.member import Member
from models.paging import page_of
from models.post import Post, QuotePolicy, Visibility
from models.scheduled import ScheduledPost
from server.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from server.media import actions as pictures
from server.media.queries import of_scheduled
from server.posts import actions, queries
from server.posts.actions import Draft
from server.posts.polls import DraftPoll

AT_LEAST_AHEAD = timedelta(minutes=5)
MAX_SCHEDULED = 300
HELD_FOR = timedelta(minutes=10)
POSTS_A_SWEEP = 20

log = structlog.get_logger()


async def schedule(author: Actor, draft: Draft, due_at: datetime, ctx: Context, *, key: str = "") -> ScheduledPost:
    """Keep a draft until its time has come. The same key of the same author gives what was kept under it.

    Raises:
        Invalid: the draft could not be published, its time is too near, or there are enough.
        Forbidden: the author has moved away.
    """
    hash_ = sha256(key.encode()).hexdigest() if key else None
    if hash_ is not None and (kept := await ScheduledPost.get_or_none(author_id=author.id, key=hash_)) is not None:
        return kept
    actions.check_present(author)
    actions.check(draft)
    pictures.check(author, draft.media or ())
    check_ahead(due_at, ctx)
    if await ScheduledPost.filter(author_id=author.id, due_at__isnull=False).count() >= MAX_SCHEDULED:
        raise Invalid(f"No more than {MAX_SCHEDULED} posts can be scheduled.")
    try:
        async with in_transaction():
            row = await ScheduledPost.create(author=author, due_at=due_at, draft=written(draft), key=hash_)
            await pictures.bind(draft.media or (), row)
            return row
    except IntegrityError:
        return await ScheduledPost.get(author_id=author.id, key=hash_)


async def move(row: ScheduledPost, due_at: datetime, ctx: Context) -> ScheduledPost:
    """Publish a draft at another time; one that was given up is tried anew.

    Raises:
        Invalid: that is too near.
        Conflict: it is being published.
    """
    check_ahead(due_at, ctx)
    if not await free(row, ctx.now()).update(due_at=due_at, given_up_at=None):
        raise Conflict("This is being published already.")
    return await ScheduledPost.get(id=row.id)


async def delete(row: ScheduledPost, ctx: Context) -> None:
    """Publish a draft never.

    Raises:
        Conflict: it is being published.
    """
    async with in_transaction():
        await pictures.unbind(row, ctx)
        if not await free(row, ctx.now()).delete():
            raise Conflict("This is being published already.")


def check_ahead(due_at: datetime, ctx: Context) -> None:
    """Refuse a time that is too near.

    Raises:
        Invalid: it is.
    """
    if due_at < ctx.now() + AT_LEAST_AHEAD:
        raise Invalid("A post can be scheduled for five minutes from now at the earliest.")


def free(row: ScheduledPost, now: datetime) -> QuerySet[ScheduledPost]:
    """Give a draft, unless somebody is publishing it."""
    return ScheduledPost.filter(Q(held_until=None) | Q(held_until__lte=now), id=row.id)


async def one(author: Actor, id_: int) -> ScheduledPost:
    """Load a draft of a member that is scheduled.

    Raises:
        NotFound: there is none, or it is another's, or it was published.
    """
    if (row := await ScheduledPost.get_or_none(id=id_, author_id=author.id, due_at__isnull=False)) is None:
        raise NotFound("You have no such scheduled post.")
    return row


async def page(
    author: Actor, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[ScheduledPost]:
    """Load what a member scheduled, the last one written first: those below `max_id`, or just above `min_id`."""
    rows = ScheduledPost.filter(author_id=author.id, due_at__isnull=False)
    return await page_of(rows, limit=limit, max_id=max_id, min_id=min_id)


async def sweep(ctx: Context) -> None:
    """Publish the drafts whose time has come; what goes wrong with one holds up no other."""
    now = ctx.now()
    is_free = Q(held_until=None) | Q(held_until__lte=now)
    due = ScheduledPost.filter(is_free, due_at__lte=now, given_up_at=None)
    for row in await due.order_by("due_at").limit(POSTS_A_SWEEP).select_related("author"):
        if await _hold(row, now):
            await _publish(row, ctx)


async def _hold(row: ScheduledPost, now: datetime) -> bool:
    """Take a draft, unless another worker was quicker."""
    unchanged = ScheduledPost.filter(id=row.id, held_until=row.held_until, due_at=row.due_at)
    row.post_id = row.post_id or new_id()
    return bool(await unchanged.update(held_until=now + HELD_FOR, post_id=row.post_id))


async def _publish(row: ScheduledPost, ctx: Context) -> None:
    try:
        if not await Post.exists(id=row.post_id):
            if not await Member.exists(actor_id=row.author_id, disabled_at=None, actor__gone_at=None):
                raise Forbidden("The login of its author is closed.")
            await actions.publish(row.author, await read(row), ctx, id_=row.post_id)
    except (AppError, FederationError) as refused:
        log.info("scheduled post cannot be published", id=row.id, why=str(refused))
        await ScheduledPost.filter(id=row.id).update(given_up_at=ctx.now(), held_until=None)
    else:
        await ScheduledPost.filter(id=row.id).delete()


def written(draft: Draft) -> dict[str, Any]:
    """Write a draft as the row keeps it; other rows by their ids."""
    poll = draft.poll
    return {
        "text": draft.text,
        "visibility": draft.visibility.value,
        "content_warning": draft.content_warning,
        "is_sensitive": draft.is_sensitive,
        "language": draft.language,
        "in_reply_to_id": draft.in_reply_to.id if draft.in_reply_to else None,
        "section_id": draft.section.id if draft.section else None,
        "quoted_id": draft.quoted.id if draft.quoted else None,
        "quote_policy": draft.quote_policy.value if draft.quote_policy else None,
        "media_ids": [media.id for media in draft.media or ()],
        "poll": {
            "options": list(poll.options),
            "open_seconds": poll.open_seconds,
            "is_multiple": poll.is_multiple,
            "hides_totals": poll.hides_totals,
        } if poll else None,
    }  # fmt: skip


async def read(row: ScheduledPost) -> Draft:
    """Read a draft as it was written, its `author` loaded.

    Raises:
        NotFound: what it answers or quotes is not there any more for its author, or its section is closed.
    """
    kept = row.draft
    return Draft(
        text=kept["text"],
        visibility=Visibility(kept["visibility"]),
        content_warning=kept["content_warning"],
        is_sensitive=kept["is_sensitive"],
        language=kept["language"],
        in_reply_to=await _named(kept["in_reply_to_id"], row.author),
        section=await _section(kept["section_id"]),
        poll=_poll(kept["poll"]),
        media=await _media(row) or None,
        quoted=await _named(kept["quoted_id"], row.author),
        quote_policy=QuotePolicy(kept["quote_policy"]) if kept["quote_policy"] else None,
    )


async def _named(id_: int | None, author: Actor) -> Post | None:
    if id_ is None:
        return None
    if (view := await queries.one(id_, author)) is None:
        raise NotFound("What this post answers or quotes is not there any more.")
    return view.post


async def _media(row: ScheduledPost) -> list[Media]:
    """Give the pictures of a draft in their order.

    Raises:
        NotFound: one of them is not there any more.
    """
    found = {media.id: media for media in (await of_scheduled([row.id])).get(row.id, [])}
    if missing := [id_ for id_ in row.draft["media_ids"] if id_ not in found]:
        raise NotFound(f"{len(missing)} of the pictures of this post are not there any more.")
    return [found[id_] for id_ in row.draft["media_ids"]]


async def _section(id_: int | None) -> Actor | None:
    if id_ is None:
        return None
    if (section := await Actor.get_or_none(id=id_, gone_at=None)) is None:
        raise NotFound("The section that this post is for is closed.")
    return section


def _poll(kept: Mapping[str, Any] | None) -> DraftPoll | None:
    return DraftPoll(**kept) if kept else None
