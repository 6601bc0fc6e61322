"""Taking away from open streams what is no longer there, or no longer for whoever listens.

Of what goes all at once, such as everything somebody wrote, the last posts are named: a client has no others on its screen.
"""

import asyncio
from collections.abc import Collection, Iterable

from models.actor import Actor
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
    for one_id, other_id in news.apart:
        for reader_id, author_id in ((one_id, other_id), (other_id, one_id)):
            if reader_id in listening:
                await _take(listening[reader_id], await _last_by(author_id), ANYWHERE)
    for member_id, group_id in news.left:
        if member_id in listening:
            reader = listening[member_id][0].actor
            await _take(listening[member_id], await _last_for_members(group_id, reader), HOMES)


async def _take(connections: Iterable[Connection], ids: Collection[int], names: Collection[StreamName]) -> None:
    listening = list(connections)
    for id_ in ids:
        for connection in listening:
            for stream in connection.listens(*names):
                connection.offer(Event(stream, EventKind.DELETE, id_))
        await asyncio.sleep(0)  # whoever takes what is offered at once has nothing waiting when the next comes


async def _last_by(author_id: int) -> list[int]:
    """Name the last posts and boosts of somebody."""
    posts = Post.filter(actor_id=author_id).order_by("-id").limit(LAST_POSTS)
    announces = Announce.filter(actor_id=author_id).order_by("-id").limit(LAST_POSTS)
    found = [*await posts.values_list("id", flat=True), *await announces.values_list("id", flat=True)]
    return sorted((int(str(id_)) for id_ in found), reverse=True)[:LAST_POSTS]


async def _last_for_members(group_id: int, reader: Actor) -> list[int]:
    """Name the last posts for the members of a group, but the reader's own."""
    rows = Post.filter(group_id=group_id, visibility=Visibility.SECTION).exclude(actor_id=reader.id)
    found = await rows.order_by("-id").limit(LAST_POSTS).values_list("id", flat=True)
    return [int(str(id_)) for id_ in found]
