"""Telling those who said something of an event what came of it, what changes, and that it is near: by the way they came.

A reaction writes what is to be told as rows, in the transaction that made it true; a worker tells it, whatever happens to it
in between. Members of ours are notified, people of other servers get a message for them alone, whoever left an e-mail
address a letter. Nobody is told who else comes.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from federation import addressing, markup, pipeline
from federation.activities import build
from federation.context import Context
from federation.errors import FederationError
from federation.facts import Attended, EventChanged, SentAway
from federation.handlers.event import TELLING
from federation.objects import event_line, note
from models.actor import Actor
from models.event import Event, EventStatus
from models.ids import new_id
from models.member import Member
from models.moderation import Block
from models.notification import Notification, NotificationType
from models.participation import Channel, EventNotice, NoticeKind, Participation, ParticipationState
from models.post import Post, Visibility
from server.atomically import atomically
from server.events.by_email import link_of
from server.mail import actions as mail
from server.mail.writing import LANGUAGES, words

NOTICES_A_SWEEP = 200
EVENTS_A_SWEEP = 50
REMINDED_BEFORE = timedelta(hours=24)
# Whoever answered in another way sees what became of it: on our page, or as the Accept of their Join.
TOLD_AT_ONCE = (Channel.POLL, Channel.REPLY, Channel.EMAIL)
UNDECIDED = (ParticipationState.WAITING, ParticipationState.REQUESTED)
CONCERNED = (
    ParticipationState.ACCEPTED,
    ParticipationState.WAITING,
    ParticipationState.REQUESTED,
    ParticipationState.TENTATIVE,
)
_NOTIFICATIONS = {
    NoticeKind.MOVED_UP: NotificationType.EVENT_ANSWER,
    NoticeKind.DECIDED: NotificationType.EVENT_ANSWER,
    NoticeKind.CHANGED: NotificationType.EVENT_CHANGE,
    NoticeKind.CANCELLED: NotificationType.EVENT_CHANGE,
    NoticeKind.REMINDER: NotificationType.EVENT_REMINDER,
}

log = structlog.get_logger()


async def on_attended(facts: Sequence[Attended]) -> None:
    """Have people told what became of their answer, where they do not see it by themselves."""
    for fact in facts:
        row = fact.participation
        if fact.has_moved_up:
            await EventNotice.ask([row.id], NoticeKind.MOVED_UP, row.said_at)
        elif _is_unseen(row, fact.before):
            await EventNotice.ask([row.id], NoticeKind.RECORDED, row.said_at)


def _is_unseen(row: Participation, before: ParticipationState | None) -> bool:
    """Whether somebody does not see what became of their answer.

    A yes to the event itself stands as it was said, and nothing answers it: they are told where it has to wait, or was
    said in vain. Said in vain again, they know.
    """
    if row.channel is Channel.ANSWER:
        if row.state is ParticipationState.REFUSED:
            return row.state is not before
        has_waited = row.state is ParticipationState.ACCEPTED and before in UNDECIDED
        return has_waited or (row.state in UNDECIDED and row.state is not before)
    return row.channel in TOLD_AT_ONCE and row.state is not ParticipationState.UNCONFIRMED


async def on_sent_away(facts: Sequence[SentAway]) -> None:
    """Have people told that the organisers do not want them to come."""
    for fact in facts:
        await EventNotice.ask([fact.participation.id], NoticeKind.DECIDED, fact.participation.said_at)


async def on_event_changed(facts: Sequence[EventChanged]) -> None:
    """Have everybody told who comes, or may, that an event is another day, elsewhere, or does not take place."""
    for fact in facts:
        if TELLING.isdisjoint(fact.columns):
            continue
        event = await Event.get_or_none(post_id=fact.event.id)
        if event is not None and event.ends_at > (fact.event.edited_at or event.starts_at):
            kind = NoticeKind.CANCELLED if event.status is EventStatus.CANCELLED else NoticeKind.CHANGED
            await EventNotice.ask_all(fact.event.id, CONCERNED, kind, fact.event.edited_at or event.starts_at)


async def sweep(ctx: Context) -> None:
    """Ask for the reminders of the events that are near, and tell what is due."""
    await remind(ctx.now())
    due = EventNotice.filter(due_at__lte=ctx.now()).order_by("due_at", "id").limit(NOTICES_A_SWEEP)
    for id_ in await due.values_list("id", flat=True):
        try:
            await tell(int(str(id_)), ctx)
        except FederationError as refused:
            log.warning("event notice cannot be told", id=id_, error=str(refused))
            await EventNotice.filter(id=id_).delete()


async def remind(now: datetime) -> None:
    """Ask for one reminder of each event that begins within a day, for those who come; not of what they just said."""
    near = Event.filter(starts_at__gt=now, starts_at__lte=now + REMINDED_BEFORE, post__is_local=True)
    near = near.filter(status__in=[EventStatus.CONFIRMED, EventStatus.TENTATIVE])
    for event in await near.order_by("starts_at").limit(EVENTS_A_SWEEP):
        rows = Participation.filter(event_id=event.post_id, state=ParticipationState.ACCEPTED, reminded_at=None)
        said_before = event.starts_at - REMINDED_BEFORE
        ids = [int(str(id_)) for id_ in await rows.filter(said_at__lt=said_before).values_list("id", flat=True)]
        if ids:
            await EventNotice.ask(ids, NoticeKind.REMINDER, now)
            await Participation.filter(id__in=ids).update(reminded_at=now)


async def tell(id_: int, ctx: Context) -> None:
    """Tell one notice, unless another worker just did. It is gone in the same transaction.

    Raises:
        FederationError: the message cannot be sent as it is.
    """
    async with atomically(ctx) as whole:
        notice = await EventNotice.select_for_update().get_or_none(id=id_)
        if notice is None:
            return
        await notice.delete()
        row = await Participation.get(id=notice.participation_id).select_related("actor", "event__actor")
        event = await Event.get_or_none(post_id=row.event_id).select_related("place")
        if event is None or row.event.actor.gone_at is not None:
            return
        if row.actor is not None and row.actor.is_local:
            await _tell_member(row, row.actor, event, notice.kind, whole)
        elif row.actor is not None and row.event.is_local:
            await _write_to(row, row.actor, event, notice.kind, whole)
        elif row.email is not None:
            await _send_letter(row, event, notice.kind, whole)


async def _tell_member(row: Participation, member: Actor, event: Event, kind: NoticeKind, ctx: Context) -> None:
    """Notify a member of ours. For whom the organiser blocks the event is on no page: they get a letter, if they can."""
    if await Block.exists(blocker_id=row.event.actor_id, blocked_id=member.id):
        login = await Member.get_or_none(actor_id=member.id)
        if login is not None and login.email is not None:
            await mail.post(
                f"event_{kind}", login.email, ctx, language=login.language, sender_name=row.event.actor.name,
                **_values(row, event, row.event.url, login.language),
            )  # fmt: skip
    elif (type_ := _NOTIFICATIONS.get(kind)) is not None:
        await Notification.create(recipient_id=member.id, type=type_, actor_id=row.event.actor_id, post_id=row.event_id)
        await ctx.publish(())


async def _write_to(row: Participation, actor: Actor, event: Event, kind: NoticeKind, ctx: Context) -> None:
    """Send a message for one person alone. What asked by a Join was answered by an Accept, which says the same."""
    if actor.gone_at is not None or (row.channel is Channel.JOIN and kind in (NoticeKind.MOVED_UP, NoticeKind.DECIDED)):
        return
    language = row.event.language if row.event.language in LANGUAGES else LANGUAGES[0]
    _, text = words(f"event_{kind}", language, **_values(row, event, row.event.url, language))
    organiser, id_ = row.event.actor, new_id()
    link = markup.MentionLink(actor.uri, actor.url, actor.username)
    named = {actor.handle: link}  # and nobody whom a title may name
    rendered = markup.render(f"@{actor.handle} {text}", mention=named.get, tag_url=ctx.names.tag)
    to, cc = addressing.address(organiser, Visibility.DIRECT, [actor.uri])
    post = Post(
        id=id_, uri=ctx.names.post(id_), url=ctx.names.post_page(organiser.username, id_), actor_id=organiser.id,
        visibility=Visibility.DIRECT, content_html=rendered.html, source_text=text, language=language, to_uris=to,
        cc_uris=cc,
        published_at=ctx.now(), in_reply_to_uri=row.event.uri, conversation_uri=ctx.names.context(id_),
    )  # fmt: skip
    document = note.write(post, organiser, [actor], [], [], ctx.names)
    activity = build(
        "Create", organiser, document, uri=ctx.names.new_activity(), to=to, published=document["published"]
    )
    await pipeline.submit(activity, acting=organiser, ctx=ctx)


async def _send_letter(row: Participation, event: Event, kind: NoticeKind, ctx: Context) -> None:
    link = link_of(row, ctx)
    await mail.post(
        f"event_{kind}", row.email or "", ctx, language=row.language, sender_name=row.event.actor.name, unsubscribe=link,
        **_values(row, event, link, row.language),
    )  # fmt: skip


def _values(row: Participation, event: Event, link: str, language: str) -> dict[str, str]:
    return {
        "state": row.state.value,
        "status": event.status.value,
        "join_mode": event.join_mode.value,
        "elsewhere": event.external_url,
        "title": row.event.title,
        "line": event_line.line(event, event.place, language),
        "page": event.online_url,
        "link": link,
        "by_mail": "yes" if row.email is not None else "",
    }
