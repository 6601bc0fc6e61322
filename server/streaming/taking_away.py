"""Taking away from open streams what is no longer there, or no longer for whoever listens.

Of what goes all at once, such as everything somebody wrote, the last posts are named: a client has few others on its screen.
Nobody is told the id of what they could not read: it says when something was written.
"""

import asyncio
from collections.abc import Collection, Iterable

from tortoise.queryset import QuerySet

from models.post import Post, Visibility
from models.reaction import Announce
from server.streaming.connections import HOMES, PUBLIC, Connection, Connections, Event, EventKind, StreamName, by_actor
from server.streaming.news import News

LAST_POSTS = 20
ANYWHERE = (*HOMES, *PUBLIC)


async def take_away(news: News, connections: Connections) -> None:
    """Offer deletions to every open stream that may have told of what they delete."""
    for gone in news.gone:
        if gone.was_open:
            await _take(connections, [gone.post_id], ANYWHERE)
        else:
            await _take((one for one in connections if one.actor.id in gone.shown_to), [gone.post_id], HOMES)
    await _take(connections, news.ended, HOMES)
    if news.hidden and len(connections):
        await _take(connections, await Post.last_open(news.hidden, LAST_POSTS), ANYWHERE)
    await _take_from_some(news, connections)


async def _take_from_some(news: News, connections: Connections) -> None:
    """Take from readers what is not for them any more, though it is for others."""
    listening = by_actor(connections, *ANYWHERE)
    for blocker_id, blocked_id in news.blocked:  # the other one does not learn of it here
        if blocker_id in listening:
            by_blocked = Post.visible_to(listening[blocker_id][0].actor).filter(actor_id=blocked_id)
            shared = Announce.filter(actor_id=blocked_id)
            await _take(listening[blocker_id], [*await _last(by_blocked), *await _last(shared)], ANYWHERE)
    for member_id, group_id in news.left:
        if member_id in listening:
            for_members = Post.filter(group_id=group_id, visibility=Visibility.SECTION).exclude(actor_id=member_id)
            await _take(listening[member_id], await _last(for_members), HOMES)
    followers: dict[int, list[Connection]] = {}
    for follower_id, followed_id in news.unfollowed:
        followers.setdefault(followed_id, []).extend(listening.get(follower_id, ()))
    for followed_id, some in followers.items():
        for_followers = Post.filter(actor_id=followed_id, visibility=Visibility.FOLLOWERS)
        await _take(some, await _last(for_followers) if some else (), HOMES)


async def _take(connections: Iterable[Connection], ids: Collection[int], names: Collection[StreamName]) -> None:
    listening = list(connections)
    for id_ in ids:
        for connection in listening:
            for stream in connection.listens(*names):
                connection.offer(Event(stream, EventKind.DELETE, id_))
        await asyncio.sleep(0)  # whoever takes what is offered at once has nothing waiting when the next comes


async def _last(rows: QuerySet[Post] | QuerySet[Announce]) -> list[int]:
    found = await rows.order_by("-id").limit(LAST_POSTS).values_list("id", flat=True)
    return [int(str(id_)) for id_ in found]
