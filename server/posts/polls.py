"""Polls: asked with a post, voted in, counted for those who got them, closed when their time has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from tortoise.transactions import in_transaction

from federation import pipeline
from federation.activities import build
from federation.context import Context
from federation.errors import FederationError
from federation.facts import PollClosed
from federation.handlers.group import may_edit
from federation.objects import question
from models.actor import Actor
from models.ids import new_id
from models.poll import Poll, PollOption
from models.post import Post
from server.atomically import atomically
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.posts import documents, queries

MIN_OPTIONS = 2
MAX_OPTIONS = 10
MAX_OPTION_CHARACTERS = 100
MIN_SECONDS = 300
MAX_SECONDS = 2_629_746
TELL_EVERY = timedelta(minutes=1)
POLLS_A_SWEEP = 100

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DraftPoll:
    """What a member asks, and how long the poll is open. `hides_totals` keeps the counts back until it closes."""

    options: Sequence[str]
    open_seconds: int
    is_multiple: bool = False
    hides_totals: bool = False


def check(draft: DraftPoll) -> None:
    """Refuse a poll that cannot be asked.

    Raises:
        Invalid: too few or too many options, two alike, one empty or too long, or open for too short or too long a time.
    """
    titles = [question.title_of(title).strip() for title in draft.options]
    if not MIN_OPTIONS <= len(titles) <= MAX_OPTIONS:
        raise Invalid(f"A poll has {MIN_OPTIONS} to {MAX_OPTIONS} options.")
    if not all(titles) or len(set(titles)) < len(titles):
        raise Invalid("The options of a poll must differ, and none may be empty.")
    if any(len(title) > MAX_OPTION_CHARACTERS for title in titles):
        raise Invalid(f"An option of a poll may have {MAX_OPTION_CHARACTERS} characters.")
    if not MIN_SECONDS <= draft.open_seconds <= MAX_SECONDS:
        raise Invalid("A poll is open for five minutes at least, and for a month at most.")


def drafted(
    draft: DraftPoll | None, kept: queries.PostView | None, ctx: Context
) -> tuple[Poll, list[PollOption]] | None:
    """Make the rows of a draft, not to be saved: the pipeline writes them. Without a draft, or for the same, those kept."""
    before = kept.poll if kept else None
    if draft is None:
        return (before.poll, before.options) if before else None
    poll = Poll(
        is_multiple=draft.is_multiple,
        hides_totals=draft.hides_totals,
        closes_at=ctx.now() + timedelta(seconds=draft.open_seconds),
        voters_count=0,
    )
    titles = [question.title_of(title).strip() for title in draft.options]
    if before and before.poll.is_multiple == poll.is_multiple and [row.title for row in before.options] == titles:
        poll.voters_count = before.poll.voters_count
        return poll, before.options
    return poll, [PollOption(position=position, title=title, votes_count=0) for position, title in enumerate(titles)]


async def readable(id_: int, viewer: Actor | None) -> queries.PostView:
    """Find the post with a poll that the viewer may read.

    Raises:
        NotFound: there is none.
    """
    poll = await Poll.get_or_none(id=id_)
    view = await queries.one(poll.post_id, viewer) if poll else None
    if view is None or view.poll is None:
        raise NotFound("This poll does not exist, or is not for you.")
    return view


async def vote(voter: Actor, view: queries.PostView, choices: Sequence[int], ctx: Context) -> None:
    """Choose options of a poll by their positions: one, or several where it takes several.

    Raises:
        Invalid: nothing or too much is chosen, or what there is not.
        Forbidden: it is the voter's own poll.
        Conflict: it is closed, or the voter has voted.
    """
    if view.poll is None:
        raise NotFound("This post has no poll.")
    poll, options = view.poll.poll, {option.position: option for option in view.poll.options}
    chosen = list(dict.fromkeys(choices))
    if not chosen or (len(chosen) > 1 and not poll.is_multiple):
        raise Invalid("Choose at least one option.") if poll.is_multiple else Invalid("Choose one option.")
    if any(position not in options for position in chosen):
        raise Invalid("This poll has no such option.")
    if view.post.actor_id == voter.id:
        raise Forbidden("You cannot vote in your own poll.")
    if not poll.takes_votes(ctx.now()):
        raise Conflict("This poll is closed.")
    if view.poll.own_votes and not view.poll.asks_who_comes:
        raise Conflict("You have voted in this poll already.")
    author = view.post.actor
    submissions = []
    for position in chosen:
        note_uri = f"{voter.uri}#votes/{new_id()}"
        note = question.write_vote(note_uri, voter.uri, options[position].title, view.post.uri, author.uri)
        activity = build("Create", voter, note, uri=ctx.names.new_activity(), to=[author.uri])
        submissions.append(pipeline.Submission(activity, voter.uri))
    for outcome in await pipeline.submit_many(submissions, ctx):
        if outcome.error is not None:
            raise outcome.error


async def tell(post: Post, ctx: Context, *, is_closed: bool = False) -> None:
    """Tell those who got a poll of ours how it stands, and, if `is_closed`, that it takes no more votes."""
    view = await queries.one(post.id, post.actor)
    if view is None or view.poll is None:
        return
    if is_closed:
        view.poll.poll.closed_at = view.poll.poll.closes_at or ctx.now()
    document = documents.written(view, ctx.names)
    activity = build("Update", post.actor, document, uri=ctx.names.new_activity(), to=post.to_uris, cc=post.cc_uris)
    await pipeline.submit(activity, acting=post.actor, ctx=ctx)


async def sweep(ctx: Context) -> None:
    """Close the polls whose time has come, and tell of the votes that came a minute ago or earlier.

    Nobody is told how one stands whose author no longer belongs to those for whom it is.
    """
    now = ctx.now()
    due = Poll.filter(closed_at=None, closes_at__lte=now).order_by("closes_at").limit(POLLS_A_SWEEP)
    polls = await due.select_related("post__actor")
    ours = [poll for poll in polls if await _is_ours_to_tell(poll.post)]
    await _close_here([poll for poll in polls if poll not in ours], ctx)
    told = Poll.filter(untold_since__lte=now - TELL_EVERY).order_by("untold_since").limit(POLLS_A_SWEEP)
    for poll in ours:
        await _tell_alone(poll, ctx, is_closed=True)
    for poll in await told.select_related("post__actor"):
        if await _is_ours_to_tell(poll.post):
            await _tell_alone(poll, ctx, is_closed=False)
        else:
            await Poll.filter(id=poll.id).update(untold_since=None)


async def _is_ours_to_tell(post: Post) -> bool:
    return post.is_local and post.actor.gone_at is None and await may_edit(post)


async def _tell_alone(poll: Poll, ctx: Context, *, is_closed: bool) -> None:
    """Tell of one poll, unless another worker just did; what goes wrong with it holds up no other."""
    try:
        async with atomically(ctx) as whole:
            now = await Poll.select_for_update().get_or_none(id=poll.id)
            if now is not None and (now.closed_at, now.untold_since) == (poll.closed_at, poll.untold_since):
                await tell(poll.post, whole, is_closed=is_closed)
    except FederationError as refused:
        log.warning("poll cannot be told", post=poll.post.uri, error=str(refused))


async def _close_here(polls: Sequence[Poll], ctx: Context) -> None:
    """Close polls of which nobody is told by us, such as those of other servers, which tell their own followers."""
    async with in_transaction():
        due = Poll.select_for_update().filter(id__in=[poll.id for poll in polls], closed_at=None) if polls else None
        still_open = (
            {poll.id for poll in await due} if due is not None else set()
        )  # another worker may have been quicker
        polls = [poll for poll in polls if poll.id in still_open]
        for poll in polls:
            poll.closed_at = poll.closes_at
            await poll.save(update_fields=["closed_at"])
        await ctx.react([PollClosed(poll, poll.post) for poll in polls])
