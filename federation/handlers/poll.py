"""The life of a poll: kept with its Question, voted on, counted anew, closed.   Source: Activity Vocabulary; Mastodon."""

from typing import Any

from tortoise.expressions import F

from federation import event_polls
from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import PollClosed
from federation.handlers import event_poll
from federation.handlers.handler import Effects
from federation.jsonld import uri_of
from federation.objects.question import ReadPoll, title_of
from models.delivery import Delivery
from models.poll import Poll, PollOption, PollVote
from models.post import Post

VOTERS_A_QUERY = 1000


async def keep(post: Post, read: ReadPoll | None) -> tuple[PollClosed, ...]:
    """Write the poll of a new Question, or what is new of one that is here; tell if it closed meanwhile.

    Options that changed make it another poll: the old one goes with its votes. What is ours is counted here alone.
    """
    poll = await Poll.filter(post_id=post.id).select_for_update().get_or_none()
    options = await PollOption.filter(poll_id=poll.id).order_by("position") if poll else []
    if poll is not None and (read is None or not _is_same(poll, options, read)):
        await poll.delete()
        poll = None
    if read is None:
        return ()
    columns: dict[str, Any] = {"closes_at": read.closes_at, "closed_at": read.closed_at}
    if poll is None:
        columns |= {"voters_count": read.voters_count, "hides_totals": read.hides_totals}
        poll = await Poll.create(post=post, is_multiple=read.is_multiple, **columns)
        await PollOption.bulk_create(
            PollOption(poll=poll, position=position, title=title, votes_count=count)
            for position, (title, count) in enumerate(read.options)
        )
        return ()
    was_open = poll.closed_at is None
    if post.is_local:
        columns["closed_at"] = poll.closed_at or read.closed_at
    else:
        columns |= {"voters_count": read.voters_count, "hides_totals": read.hides_totals}
        for option, (_, count) in zip(options, read.options, strict=True):
            await PollOption.filter(id=option.id).update(votes_count=count)
    await poll.update_from_dict(columns).save(update_fields=list(columns))
    return (PollClosed(poll, post),) if was_open and poll.closed_at is not None else ()


def _is_same(poll: Poll, options: list[PollOption], read: ReadPoll) -> bool:
    return poll.is_multiple == read.is_multiple and [option.title for option in options] == read.titles


async def recount(activity: Activity, post: Post, read: ReadPoll | None, ctx: Context) -> tuple[PollClosed, ...]:
    """Take the counts of another server's poll. Of ours, remember what the others have been told of it."""
    if read is None:
        return ()
    closed = await keep(post, read)
    if post.is_local:
        await _remember_told(post, read, ctx)
        await _tell_voters(activity, post, ctx)
    return closed


async def _remember_told(post: Post, read: ReadPoll, ctx: Context) -> None:
    """Mark a poll of ours as told, unless somebody voted while this was being written."""
    poll = await Poll.get(post_id=post.id)
    options = await PollOption.filter(poll_id=poll.id).order_by("position")
    is_current = read.hides_totals or [count for _, count in read.options] == [row.votes_count for row in options]
    is_current = is_current and read.voters_count == poll.voters_count
    await Poll.filter(id=poll.id).update(untold_since=None if is_current else ctx.now())


async def _tell_voters(activity: Activity, post: Post, ctx: Context) -> None:
    """Owe the counts also to whoever voted without following: unnamed, as who votes is nobody's business."""
    record = ctx.known.records.get(activity.uri)
    if record is None or not post.is_open:
        return
    votes = PollVote.filter(option__poll__post_id=post.id, actor__is_local=False)
    uris = [str(uri) for uri in await votes.distinct().values_list("actor__uri", flat=True)]
    for start in range(0, len(uris), VOTERS_A_QUERY):
        await Delivery.plan_to_actors(record, post.actor_id, uris[start : start + VOTERS_A_QUERY], ctx.now())


async def _chosen(activity: Activity) -> tuple[Poll, PollOption]:
    """Find the poll and the option that a vote names.

    Raises:
        UnsupportedActivity: there is no such poll or option here.
    """
    vote = activity.object or {}
    poll = await Poll.get_or_none(post__uri=uri_of(vote.get("inReplyTo")) or "").select_related("post__actor")
    option = await PollOption.get_or_none(poll_id=poll.id, title=title_of(vote.get("name"))) if poll else None
    if poll is None or option is None:
        raise UnsupportedActivity(f"{activity.uri} chooses what is not offered here")
    return poll, option


async def authorise_vote(activity: Activity, ctx: Context) -> None:
    """Whoever may read an open poll may vote, in their own name, once or for each of several options.

    Raises:
        NotAuthorised: it is closed, not for this actor, their own, voted on already, or the vote is another's.
        UnsupportedActivity: there is no such poll or option here.
    """
    parts = activity.parts
    for part in parts:
        poll = await _authorise_one(part, ctx)
        if len(parts) > 1 and not poll.is_multiple:
            raise NotAuthorised(f"{activity.uri} chooses several options where one may be chosen")


async def _authorise_one(activity: Activity, ctx: Context) -> Poll:
    actor = ctx.known.actor(activity.actor_uri)
    poll, option = await _chosen(activity)
    post = poll.post
    if uri_of((activity.object or {}).get("attributedTo")) not in (None, actor.uri):
        raise NotAuthorised(f"{activity.uri} is a vote in another's name")
    if not (actor.is_local or post.is_local):
        raise UnsupportedActivity(f"{activity.uri} is a vote in a poll of another server")
    if post.actor_id == actor.id:
        raise NotAuthorised(f"{actor.uri} asks in {post.uri}, and does not answer")
    if not poll.takes_votes(ctx.now()):
        raise NotAuthorised(f"the poll {post.uri} is closed")
    if not await Post.visible_to(actor).filter(id=post.id).exists():
        raise NotAuthorised(f"{post.uri} is not for {actor.uri}")
    if (event := await event_polls.event_of(post)) is not None:
        await event_poll.check(event, actor, event_polls.STATES[option.position], ctx)
    await Poll.filter(id=poll.id).select_for_update().get()  # of two votes at once, the other one waits here
    votes = PollVote.filter(actor_id=actor.id, option__poll_id=poll.id)
    if await (votes.filter(option_id=option.id) if poll.is_multiple else votes).exists():
        raise NotAuthorised(f"{actor.uri} has voted in {post.uri} already")
    return poll


async def vote(activity: Activity, ctx: Context) -> Effects:
    """Count the vote. Where the poll is another server's, its home counts and tells us with an Update."""
    told = [await _count(part, ctx) for part in activity.parts]
    facts, replies = (fact for one in told for fact in one.facts), (reply for one in told for reply in one.replies)
    return Effects(tuple(facts), tuple(replies))


async def _count(activity: Activity, ctx: Context) -> Effects:
    actor = ctx.known.actor(activity.actor_uri)
    poll, option = await _chosen(activity)
    if (event := await event_polls.event_of(poll.post)) is not None:
        return await event_poll.answer(event, option, actor, ctx)
    is_first = not await PollVote.exists(actor_id=actor.id, option__poll_id=poll.id)
    await PollVote.create(option=option, actor=actor, uri=activity.object_uri, created_at=ctx.now())
    await PollOption.filter(id=option.id).update(votes_count=F("votes_count") + 1)
    if is_first and poll.voters_count is not None:
        await Poll.filter(id=poll.id).update(voters_count=F("voters_count") + 1)
    if poll.post.is_local:
        await Poll.filter(id=poll.id, untold_since=None).update(untold_since=ctx.now())
    return Effects()
