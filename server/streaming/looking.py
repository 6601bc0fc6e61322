"""Finding out for whom news is: the rows are asked who has a post in their home, and who may read it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tortoise.expressions import Q

from models import shown
from models.conversation import ConversationPost
from models.moderation import Block
from models.notification import Notification
from models.post import Visibility
from models.timeline import HomeRow
from server.conversations import queries as conversations
from server.notifications import queries as notifications
from server.oauth.scopes import covers
from server.posts import queries as posts
from server.posts.queries import PostView
from server.streaming.connections import Connection, Connections, Event, EventKind, Stream, StreamName
from server.streaming.news import News

PUBLIC = (
    StreamName.PUBLIC,
    StreamName.PUBLIC_LOCAL,
    StreamName.PUBLIC_REMOTE,
    StreamName.HASHTAG,
    StreamName.HASHTAG_LOCAL,
)
WITH_NOTIFICATIONS = (StreamName.USER, StreamName.USER_NOTIFICATION)

ByActor = Mapping[int, list[Connection]]


async def tell(news: News, connections: Connections) -> None:
    """Offer what is new to every open stream that it is for."""
    await _tell_homes(news, _by_actor(connections, StreamName.USER))
    await _tell_public(news, [connection for connection in connections if connection.listens(*PUBLIC)])
    await _tell_conversations(news, _by_actor(connections, StreamName.DIRECT))
    for gone in news.gone:
        for connection in connections:
            if gone.was_open or connection.actor.id in gone.shown_to:
                for stream in connection.listens(StreamName.USER, *(PUBLIC if gone.was_open else ())):
                    connection.offer(Event(stream, EventKind.DELETE, gone.post_id))


def _by_actor(connections: Connections, *names: StreamName) -> ByActor:
    found: dict[int, list[Connection]] = defaultdict(list)
    for connection in connections:
        if connection.listens(*names):
            found[connection.actor.id].append(connection)
    return found


async def _tell_homes(news: News, listening: ByActor) -> None:
    """Offer posts, boosts and edits to those who have them in their home timeline."""
    post_ids = {*news.posts, *news.edited, *(post_id for _, post_id in news.announces)}
    if not post_ids or not listening:
        return
    new, announces, edited = set(news.posts), dict(news.announces), set(news.edited)
    fresh = await _as_everybody_reads(new)
    found = await shown.announces(list(announces))
    rows = await HomeRow.filter(post_id__in=list(post_ids)).values_list("owner_id", "item_id", "post_id")
    for owner_id, item_id, post_id in rows:
        if owner_id not in listening:
            continue
        actor = listening[owner_id][0].actor
        if item_id in new or (item_id in announces and item_id in found):
            view = fresh.get(post_id) if item_id in new else None
            if (view := view or await posts.one(post_id, actor)) is not None:
                view.announce = found.get(item_id)
                _offer_home(listening[owner_id], EventKind.UPDATE, view)
        if post_id in edited and (view := await posts.one(post_id, actor)) is not None:
            _offer_home(listening[owner_id], EventKind.STATUS_UPDATE, view)


def _offer_home(connections: Sequence[Connection], kind: EventKind, view: PostView) -> None:
    for connection in connections:
        connection.offer(Event(Stream(StreamName.USER), kind, view))


async def _as_everybody_reads(ids: set[int]) -> dict[int, PostView]:
    """Load the open ones of these new posts once for all: nobody has done anything with them yet."""
    found = await posts.readable(list(ids), None)
    return {view.post.id: view for view in await posts.views(list(found.values()))}


async def _tell_public(news: News, listening: Sequence[Connection]) -> None:
    """Offer public posts that answer nothing, and their edits, to those who hear their authors."""
    if not listening or not (news.posts or news.edited):
        return
    views = await _as_everybody_reads({*news.posts, *news.edited})
    shown_ones = [
        view
        for view in views.values()
        if view.post.visibility is Visibility.PUBLIC
        and (view.post.in_reply_to_uri is None)
        and not view.post.actor.is_silenced
    ]
    apart = await _apart({view.post.actor_id for view in shown_ones})
    for view in shown_ones:
        kind = EventKind.UPDATE if view.post.id in news.posts else EventKind.STATUS_UPDATE
        tags = {tag.name for tag in view.tags}
        for connection in listening:
            if (connection.actor.id, view.post.actor_id) not in apart:
                for stream in connection.listens(*PUBLIC):
                    if _belongs(stream, view, tags):
                        connection.offer(Event(stream, kind, view))


def _belongs(stream: Stream, view: PostView, tags: set[str]) -> bool:
    """Whether a public post belongs in a public stream."""
    name, is_local = stream.name, view.post.is_local
    if name in (StreamName.HASHTAG, StreamName.HASHTAG_LOCAL):
        return stream.tag in tags and (is_local or name is StreamName.HASHTAG)
    return name is StreamName.PUBLIC or is_local is (name is StreamName.PUBLIC_LOCAL)


async def _apart(author_ids: set[int]) -> set[tuple[int, int]]:
    """Name the pairs of whom one blocks the other, an author among them: both ways round."""
    if not author_ids:
        return set()
    ids = list(author_ids)
    rows = await Block.filter(Q(blocker_id__in=ids) | Q(blocked_id__in=ids)).values_list("blocker_id", "blocked_id")
    return {pair for first, second in rows for pair in ((first, second), (second, first))}


async def _tell_conversations(news: News, listening: ByActor) -> None:
    if not listening or not news.posts:
        return
    rows = await ConversationPost.filter(post_id__in=list(news.posts)).select_related("conversation")
    for row in rows:
        owner_id = row.conversation.owner_id
        if owner_id in listening:
            view = await conversations.one(listening[owner_id][0].actor, row.conversation_id)
            for connection in listening[owner_id] if view is not None else ():
                connection.offer(Event(Stream(StreamName.DIRECT), EventKind.CONVERSATION, view))


async def tell_notifications(after_id: int, known: set[int], connections: Connections) -> list[int]:
    """Offer the notifications made after an id, but for those `known`, to those whom they tell; the ids of all of them."""
    rows = await Notification.filter(id__gt=after_id, is_filtered=False).select_related("actor").order_by("id")
    listening = _by_actor(connections, *WITH_NOTIFICATIONS)
    for row in rows:
        if row.id in known or row.recipient_id not in listening:
            continue
        allowed = [one for one in listening[row.recipient_id] if covers(one.scopes, "read:notifications")]
        actor = listening[row.recipient_id][0].actor
        for view in await notifications.shown([row], actor) if allowed and not row.actor.is_suspended else ():
            for connection in allowed:
                for stream in connection.listens(*WITH_NOTIFICATIONS):
                    connection.offer(Event(stream, EventKind.NOTIFICATION, view))
    return [row.id for row in rows]
