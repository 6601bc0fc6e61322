"""Finding out for whom news is: the rows are asked who has a post in their home, and who may read it.

What a stream tells is what its timeline would show: the same questions are asked of the same rows.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from models import shown
from models.actor import Actor
from models.conversation import Conversation, ConversationPost
from models.filters import FilterContext
from models.notification import Notification
from models.post import Visibility
from models.reaction import Announce
from models.shown import HomeItem
from server.conversations import queries as conversations
from server.notifications import queries as notifications
from server.oauth.scopes import covers
from server.posts.queries import PostView
from server.streaming import reading
from server.streaming.connections import (
    HASHTAGS,
    HOMES,
    PUBLIC,
    PUBLIC_WITH_MEDIA,
    WITH_NOTIFICATIONS,
    Connection,
    Connections,
    Event,
    EventKind,
    Stream,
    StreamName,
    by_actor,
)
from server.streaming.hearing import Hearing
from server.streaming.news import News
from server.streaming.reading import Reading
from server.streaming.taking_away import take_away

LOCAL = (StreamName.PUBLIC_LOCAL, StreamName.PUBLIC_LOCAL_MEDIA, StreamName.HASHTAG_LOCAL)
REMOTE = (StreamName.PUBLIC_REMOTE, StreamName.PUBLIC_REMOTE_MEDIA)


class Telling(NamedTuple):
    """That a post is told in a stream to somebody: `where` says which of their filters apply."""

    connections: Sequence[Connection]
    stream: Stream
    kind: EventKind
    post_id: int
    where: FilterContext
    announce: Announce | None = None

    @property
    def reader(self) -> Actor:
        """Give whom it is told: all its connections are theirs."""
        return self.connections[0].actor

    def item_id(self) -> int:
        """Give the id by which a timeline sorts it."""
        id_: int = self.post_id if self.announce is None else self.announce.id
        return id_


async def tell(news: News, connections: Connections) -> None:
    """Offer what is new to every open stream that it is for."""
    await _tell_posts(news, connections)
    await _tell_conversations(news, by_actor(connections, StreamName.DIRECT))
    for owner_id, some in by_actor(connections, StreamName.USER).items():
        if owner_id in news.filters:
            _offer(some, (StreamName.USER,), EventKind.FILTERS_CHANGED)
    for recipient_id, some in by_actor(connections, *WITH_NOTIFICATIONS).items():
        if recipient_id in news.accepted:
            _offer(_allowed(some), WITH_NOTIFICATIONS, EventKind.NOTIFICATIONS_MERGED)
    await take_away(news, connections)


def _offer(connections: Sequence[Connection], names: Sequence[StreamName], kind: EventKind) -> None:
    for connection in connections:
        for stream in connection.listens(*names):
            connection.offer(Event(stream, kind))


async def _tell_posts(news: News, connections: Connections) -> None:
    """Offer posts, boosts and edits to those who have them in a timeline that they listen to."""
    post_ids = {*news.posts, *news.edited, *(post_id for _, post_id in news.announces)}
    if not post_ids or not any(connection.listens(*HOMES, *PUBLIC) for connection in connections):
        return
    found = await reading.load(post_ids, news.posts)
    tellings = [*await _homes(news, post_ids, connections), *await _public(news, found, connections)]
    readers = {telling.reader.id: telling.reader for telling in tellings}
    await found.ask_for(list(readers.values()))
    for _, some in groupby(sorted(tellings, key=Telling.item_id), Telling.item_id):
        for telling in some:
            await _tell(telling, found)
        await asyncio.sleep(0)  # whoever takes what is offered at once has nothing waiting when the next comes


async def _tell(telling: Telling, found: Reading) -> None:
    """Offer a post, unless a filter hides it; of one that was shown before it was edited, that it is gone."""
    if (view := await found.seen_by(telling.reader, telling.post_id)) is None:
        return
    event = Event(telling.stream, telling.kind, view)
    if view.is_hidden(telling.where):
        if telling.kind is not EventKind.STATUS_UPDATE:
            return
        event = Event(telling.stream, EventKind.DELETE, telling.post_id)
    elif telling.announce is not None:
        event = Event(telling.stream, telling.kind, replace(view, announce=telling.announce))
    for connection in telling.connections:
        connection.offer(event)


async def _homes(news: News, post_ids: set[int], connections: Connections) -> list[Telling]:
    """Tell who has these posts in their home timeline, or in a list, that they listen to."""
    at_home = by_actor(connections, StreamName.USER)
    in_lists = {
        stream: [connection for connection in connections if stream in connection.streams]
        for stream in {stream for connection in connections for stream in connection.listens(StreamName.LIST)}
    }
    announces = await shown.announces([announce_id for announce_id, _ in news.announces])
    items = await shown.items_at_home(list(post_ids), list(at_home))
    found = [
        told
        for item in items
        for told in _news_of(item, Stream(StreamName.USER), at_home[item.owner_id], news, announces)
    ]
    list_ids = [stream.list_id for stream in in_lists if stream.list_id is not None]
    for item in await shown.items_in_lists(list(post_ids), list_ids):
        stream = Stream(StreamName.LIST, list_id=item.list_id)
        found += _news_of(item, stream, in_lists[stream], news, announces)
    return found


def _news_of(
    item: HomeItem, stream: Stream, listening: Sequence[Connection], news: News, announces: Mapping[int, Announce]
) -> Iterator[Telling]:
    """Tell what is new about an item of a timeline."""
    announce = announces.get(item.item_id)
    if item.item_id in news.posts or announce is not None:
        yield Telling(listening, stream, EventKind.UPDATE, item.post_id, FilterContext.HOME, announce)
    if item.post_id in news.edited:
        yield Telling(listening, stream, EventKind.STATUS_UPDATE, item.post_id, FilterContext.HOME)


async def _public(news: News, found: Reading, connections: Connections) -> list[Telling]:
    """Tell who listens to public streams in which these posts are, and hears their authors."""
    listening = [connection for connection in connections if connection.listens(*PUBLIC)]
    told = {*news.posts, *news.edited}
    views = [
        view for id_, view in found.views.items() if id_ in told and view.post.visibility is Visibility.PUBLIC
    ]  # fmt: skip
    if not listening or not views:
        return []
    hearing = await Hearing.of([view.post.actor for view in views])
    tellings = []
    for view in views:
        kind = EventKind.UPDATE if view.post.id in news.posts else EventKind.STATUS_UPDATE
        tags = {tag.name for tag in view.tags}
        for connection in listening:
            if hearing.hears(connection.actor, view.post.actor):
                tellings += [
                    Telling([connection], stream, kind, view.post.id, FilterContext.PUBLIC)
                    for stream in connection.listens(*PUBLIC)
                    if _belongs(stream, view, tags)
                ]
    return tellings


def _belongs(stream: Stream, view: PostView, tags: set[str]) -> bool:
    """Whether a public post belongs in a public stream; what answers another only where its hashtag is followed."""
    name = stream.name
    if (name in LOCAL and not view.post.is_local) or (name in REMOTE and view.post.is_local):
        return False
    if name in HASHTAGS:
        return stream.tag in tags
    return view.post.in_reply_to_uri is None and (name not in PUBLIC_WITH_MEDIA or bool(view.attachments))


async def _tell_conversations(news: News, listening: Mapping[int, list[Connection]]) -> None:
    """Offer conversations in which something was written or edited, or that were read."""
    if not listening or not (news.posts or news.edited or news.read):
        return
    rows = ConversationPost.filter(post_id__in=[*news.posts, *news.edited]).values_list("conversation_id", flat=True)
    ids = {*news.read, *(int(str(id_)) for id_ in await rows)}
    for row in await Conversation.filter(id__in=list(ids), owner_id__in=list(listening)):
        view = await conversations.one(listening[row.owner_id][0].actor, row.id)
        for connection in listening[row.owner_id] if view is not None else ():
            connection.offer(Event(Stream(StreamName.DIRECT), EventKind.CONVERSATION, view))


def _allowed(connections: Sequence[Connection]) -> list[Connection]:
    """Leave out those whose token does not say what its owner is notified of."""
    return [connection for connection in connections if covers(connection.scopes, "read:notifications")]


async def tell_notifications(after_id: int, known: set[int], connections: Connections) -> list[int]:
    """Offer the notifications made after an id, but for those `known`, to those whom they tell; the ids of all of them."""
    rows = await Notification.filter(id__gt=after_id, is_filtered=False).select_related("actor").order_by("id")
    listening = by_actor(connections, *WITH_NOTIFICATIONS)
    for row in rows:
        if row.id in known or row.recipient_id not in listening:
            continue
        allowed = _allowed(listening[row.recipient_id])
        actor = listening[row.recipient_id][0].actor
        for view in await notifications.shown([row], actor) if allowed and not row.actor.is_suspended else ():
            for connection in allowed:
                for stream in connection.listens(*WITH_NOTIFICATIONS):
                    connection.offer(Event(stream, EventKind.NOTIFICATION, view))
    return [row.id for row in rows]
