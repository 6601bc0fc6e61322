"""Answering an event of ours without knowing events: a vote in the Question about it, or a word in reply to it.

Source: gathio; Mastodon, whose apps offer no other way. An answer that came in words is its author's own post, and stays so.
"""

from datetime import datetime, timedelta

from tortoise.expressions import F, Subquery

from federation import attendance, event_polls, reply_words
from federation.activities import Activity
from federation.attendance import Person, Said
from federation.context import Context
from federation.errors import NotAuthorised, UnsupportedActivity
from federation.facts import EventChanged
from federation.handlers import participation
from federation.handlers.handler import Effects
from federation.reply_words import Meaning
from models.actor import Actor
from models.event import Event, EventPoll
from models.ids import new_id
from models.participation import Channel, Participation, ParticipationState
from models.poll import Poll, PollOption
from models.post import Mention, Post, Visibility

LATE = timedelta(hours=1)
_STATES = {
    Meaning.YES: ParticipationState.ACCEPTED,
    Meaning.PERHAPS: ParticipationState.TENTATIVE,
    Meaning.NO: ParticipationState.DECLINED,
}


async def heard(post: Post, author: Actor, ctx: Context) -> Effects:
    """Take a new reply to an event of ours for what it says, if it says one of a few words; else it is only a reply.

    Such a reply stays its author's own, and is shown below the event to nobody: that would be a list of who comes.
    """
    event = ctx.known.posts.get(post.in_reply_to_uri or "")
    if event is None or event.type != "Event" or not event.is_local or author.is_group or author.id == event.actor_id:
        return Effects()
    reply = reply_words.read(post.content_html)
    if reply is None:
        return Effects()
    await _take_off(post, event)
    if await _is_overtaken(event, author, post.published_at, ctx):
        return Effects()
    state = _STATES.get(reply.meaning, ParticipationState.ACCEPTED)
    terms = await Event.get_or_none(post_id=event.id).select_related("place")
    if terms is None or terms.ends_at <= ctx.now() or not await _may_answer(event, author, state, ctx):
        return Effects()
    if reply.meaning is Meaning.ASK:
        return await _asked(event, terms, author, ctx)
    return await _record(event, author, Said(state, Channel.REPLY, guests=reply.guests), ctx)


async def _take_off(post: Post, event: Post) -> None:
    """Hang a reply on nothing, and have it counted as no reply."""
    await Post.filter(id=post.id).update(in_reply_to_id=None)
    if post.is_open and post.in_reply_to_id is not None:
        await Post.filter(id=event.id).update(replies_count=F("replies_count") - 1)
    post.in_reply_to_id = None


async def _is_overtaken(event: Post, author: Actor, published_at: datetime, ctx: Context) -> bool:
    """Whether a reply that is met late says what its author has thought otherwise of since."""
    if ctx.now() - published_at < LATE:
        return False
    return await Participation.exists(event_id=event.id, actor_id=author.id, said_at__gt=published_at)


async def _may_answer(event: Post, actor: Actor, state: ParticipationState, ctx: Context) -> bool:
    try:
        await check(event, actor, state, ctx)
    except (NotAuthorised, UnsupportedActivity):
        return False
    return True


async def check(event: Post, actor: Actor, state: ParticipationState, ctx: Context) -> None:
    """Let whoever may read an event say whether they come, as long as it takes people.

    Raises:
        NotAuthorised: it is not for this actor, does not take place, or is over.
        UnsupportedActivity: one does not come to it by asking here.
    """
    await participation.check_readable(actor, event, ctx)
    if state is ParticipationState.ACCEPTED:
        await participation.check_open(event, ctx)


async def _record(event: Post, actor: Actor, said: Said, ctx: Context) -> Effects:
    recorded = await attendance.record(event, Person(actor.id), said, ctx)
    return await participation.effects(recorded, event, actor, ctx)


async def _asked(event: Post, terms: Event, actor: Actor, ctx: Context) -> Effects:
    """Ask somebody who wishes it, once: a Question for them alone."""
    await attendance.locked(event)
    mine = Mention.filter(actor_id=actor.id).values("post_id")
    asked = EventPoll.filter(event_id=event.id, post__visibility=Visibility.DIRECT, post_id__in=Subquery(mine))
    if terms.starts_at <= ctx.now() or await asked.exists():
        return Effects()
    ctx.known.actors[event.actor.uri] = event.actor
    id_ = new_id()

    async def link(_activity: Activity, _ctx: Context) -> Effects:
        await EventPoll.create(post_id=id_, event=event)
        return Effects()

    return Effects(replies=(event_polls.ask(id_, event, terms, actor, ctx),), afterwards=link)


async def answer(event: Post, option: PollOption, actor: Actor, ctx: Context) -> Effects:
    """Take a vote in the Question about an event for what its author says of coming; it is not counted as a vote."""
    return await _record(event, actor, Said(event_polls.STATES[option.position], Channel.POLL), ctx)


async def move(event: Post, ctx: Context) -> None:
    """Have the Questions about an event that begins at another time close then; those who got them are told soon."""
    terms = await Event.get(post_id=event.id)
    questions = EventPoll.filter(event_id=event.id).values("post_id")
    still_open = Poll.filter(post_id__in=Subquery(questions), closed_at=None)
    await still_open.update(closes_at=terms.starts_at, untold_since=ctx.now())


async def changed(event: Post, columns: frozenset[str], ctx: Context) -> Effects:
    """Tell that an event changed; whoever waits for a place of ours that there is now gets it at once."""
    if event.is_local and "starts_at" in columns:
        await move(event, ctx)
    makes_room = event.is_local and not columns.isdisjoint({"capacity", "status"})
    moved = await participation.moved_up(await attendance.move_up(event, ctx) if makes_room else (), event, ctx)
    return Effects((EventChanged(event, columns), *moved.facts), moved.replies)
