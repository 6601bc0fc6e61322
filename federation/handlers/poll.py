"""The life of a poll: kept with its Question, voted on, counted anew, closed.   Source: Activity Vocabulary; Mastodon."""

from typing import Any

from tortoise.expressions import F

from federation.activities import Activity
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.handlers.handler import Effects
from federation.jsonld import text_of, uri_of
from federation.objects.question import ReadPoll
from models.poll import Poll, PollOption, PollVote
from models.post import Post


async def keep(post: Post, read: ReadPoll) -> None:
    """Write the poll of a new Question, or the counts of one that is here.

    Options that changed make it another poll: the old one goes with its votes.
    """
    poll = await Poll.get_or_none(post_id=post.id).prefetch_related("options")
    columns: dict[str, Any] = {
        "closes_at": read.closes_at,
        "closed_at": read.closed_at,
        "voters_count": read.voters_count,
    }
    if poll is not None and [option.title for option in poll.options] == [title for title, _ in read.options]:
        await Poll.filter(id=poll.id).update(**columns)
        if not post.is_local:
            for option, (_, count) in zip(poll.options, read.options, strict=True):
                await PollOption.filter(id=option.id).update(votes_count=count)
        return
    if poll is not None:
        await poll.delete()
    poll = await Poll.create(post=post, is_multiple=read.is_multiple, **columns)
    await PollOption.bulk_create(
        [
            PollOption(poll=poll, position=position, title=title, votes_count=count)
            for position, (title, count) in enumerate(read.options)
        ]
    )


async def _chosen(activity: Activity) -> tuple[Poll, PollOption]:
    """Find the poll and the option that a vote names.

    Raises:
        UnsupportedActivity: there is no such poll or option here.
    """
    vote = activity.object or {}
    poll = await Poll.get_or_none(post__uri=uri_of(vote.get("inReplyTo")) or "").select_related("post__actor")
    option = await PollOption.get_or_none(poll_id=poll.id, title=text_of(vote.get("name"))) if poll else None
    if poll is None or option is None:
        raise UnsupportedActivity(f"{activity.uri} chooses what is not offered here")
    return poll, option


async def authorise_vote(activity: Activity, ctx: Context) -> None:
    """Whoever may read an open poll may vote, in one's own name, once or for each of several options.

    Raises:
        NotAuthorised: it is closed, not for this actor, voted on already, or in another's name.
        UnsupportedActivity: there is no such poll or option here.
    """
    actor = ctx.known.actor(activity.actor_uri)
    poll, option = await _chosen(activity)
    if uri_of((activity.object or {}).get("attributedTo")) not in (None, actor.uri):
        raise NotAuthorised(f"{activity.uri} is a vote in another's name")
    if not (actor.is_local or poll.post.is_local):
        raise UnsupportedActivity(f"{activity.uri} is a vote in a poll of another server")
    if poll.closed_at is not None or (poll.closes_at is not None and poll.closes_at <= ctx.now()):
        raise NotAuthorised(f"the poll {poll.post.uri} is closed")
    if not await Post.visible_to(actor).filter(id=poll.post_id).exists():
        raise NotAuthorised(f"{poll.post.uri} is not for {actor.uri}")
    votes = PollVote.filter(actor_id=actor.id, option__poll_id=poll.id)
    if await (votes.filter(option_id=option.id) if poll.is_multiple else votes).exists():
        raise NotAuthorised(f"{actor.uri} has voted in {poll.post.uri} already")


async def vote(activity: Activity, ctx: Context) -> Effects:
    """Count the vote. Where the poll is another server's, its home counts and tells us with an Update."""
    actor = ctx.known.actor(activity.actor_uri)
    poll, option = await _chosen(activity)
    is_first = not await PollVote.exists(actor_id=actor.id, option__poll_id=poll.id)
    await PollVote.create(option=option, actor=actor, uri=activity.object_uri)
    await PollOption.filter(id=option.id).update(votes_count=F("votes_count") + 1)
    if is_first and poll.voters_count is not None:
        await Poll.filter(id=poll.id).update(voters_count=F("voters_count") + 1)
    return Effects()
