"""Telling many: the database is asked as often for forty readers as for five, and nobody who is quick is closed."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from federation.context import Context
from models.actor import Actor
from models.event import EventPoll
from models.filters import Filter, FilterKeyword
from models.lists import Listed, ReadingList
from models.member import Member
from models.oauth import AccessToken, token_hash
from models.participation import Participation, ParticipationState
from models.poll import PollOption, PollVote
from models.post import Post, Visibility
from models.reaction import Announce, EmojiReaction
from models.timeline import HomeRow
from server.posts.queries import PostView
from server.posts.queries import one as one_post
from server.streaming.connections import Connection, EventKind, Stream, StreamName
from server.streaming.hub import Hub
from server.streaming.news import News
from tests import factories
from tests.web.test_queries import needs_sqlite, statements

ANY = [Stream(StreamName.USER), Stream(StreamName.PUBLIC), Stream(StreamName.DIRECT)]

Read = Callable[[int], Awaitable[Connection]]


@pytest.fixture
def hub() -> Hub:
    return Hub()


@pytest.fixture
def read(hub: Hub, ctx: Context, other_member: Actor) -> Read:
    """Make readers of Ali who filter something, have a list, and listen to everything."""

    async def make(number: int) -> Connection:
        actor = await factories.member(ctx, f"reader{number}", "Reader")
        await factories.follow(actor, other_member)
        row = await Filter.create(owner=actor, title="x", contexts=["home"])
        await FilterKeyword.create(part_of=row, keyword="foot")
        reading_list = await ReadingList.create(owner=actor, title="x")
        await Listed.create(list=reading_list, actor=other_member)
        login = await Member.get(actor_id=actor.id)
        token = await AccessToken.create(hash=token_hash(str(number)), member=login, scopes="read")
        connection = Connection(actor, token.id, ("read",), f"192.0.2.{number}")
        connection.streams = {*ANY, Stream(StreamName.LIST, list_id=reading_list.id)}
        hub.add(connection)
        return connection

    return make


async def said(author: Actor, visibility: Visibility, *, is_fresh: bool) -> News:
    """Write a post with its rows; the news of it, or that it was edited."""
    post = await factories.post(author, "Du foot", visibility)
    await HomeRow.bring_posts([post.id])
    return News(posts=(post.id,)) if is_fresh else News(edited=(post.id,))


async def changed(author: Actor, what: str) -> News:
    """Edit a poll or an event, or a post that was answered with an emoji, with its rows; the news of it."""
    if what == "poll":
        post = (await factories.poll(author, "Oui", "Non")).post
    elif what == "event":
        post = await factories.event(author)
    else:
        post = await factories.post(author)
        await EmojiReaction.create(uri=f"{post.uri}#e", actor=author, post=post, emoji="🎉")
    await HomeRow.bring_posts([post.id])
    return News(edited=(post.id,))


async def boosted(by: Actor, author: Actor) -> News:
    """Write a boost with its rows; the news of it."""
    post = await factories.post(author)
    announce = await Announce.create(uri=f"{by.uri}/announces/{post.id}", actor=by, post=post)
    await HomeRow.bring_to_followers(announce.id, post.id, by.id, is_announce=True)
    return News(announces=((announce.id, post.id),))


async def times_asked(hub: Hub, news: News) -> int:
    with statements() as seen:
        await hub.tell(news)
    return len(seen)


@needs_sqlite
@pytest.mark.parametrize("what", ["post", "edit", "boost", "poll", "event", "emoji"])
async def test_forty_readers_cost_as_many_questions_as_five(
    what: str, hub: Hub, read: Read, other_member: Actor, member: Actor
):
    async def news() -> News:
        if what == "boost":
            return await boosted(other_member, member)
        if what in ("poll", "event", "emoji"):
            return await changed(other_member, what)
        return await said(other_member, Visibility.PUBLIC, is_fresh=what == "post")

    readers = [await read(number) for number in range(5)]
    few = await times_asked(hub, await news())
    readers += [await read(number) for number in range(5, 40)]
    many = await times_asked(hub, await news())

    assert many <= few
    assert few < 30
    assert {reader.waiting.qsize() for reader in readers[5:]} == {2 if what == "boost" else 3}


async def heard(reader: Connection) -> PostView:
    """Give the post as it was told at home."""
    while (event := reader.waiting.get_nowait()) is None or event.stream.name is not StreamName.USER:
        pass
    view: PostView = event.item
    return view


async def test_everybody_finds_their_own_answers_in_what_is_loaded_once(
    hub: Hub, read: Read, other_member: Actor, ctx: Context
):
    voter, other = await read(0), await read(1)
    poll = await factories.poll(other_member, "Oui", "Non", "Peut-être")
    event = await factories.event(other_member)
    asked = await factories.poll(other_member, "Oui", "Peut-être", "Non")
    await Post.filter(id=asked.post_id).update(in_reply_to_id=event.id, in_reply_to_uri=event.uri)
    await EventPoll.create(post=asked.post, event=event)
    await PollVote.create(
        uri="https://lille.test/v", actor=voter.actor, option=await PollOption.get(poll=poll, position=1)
    )
    await Participation.create(event=event, actor=voter.actor, state=ParticipationState.TENTATIVE)
    await EmojiReaction.create(uri="https://lille.test/e", actor=voter.actor, post=event, emoji="🎉")

    for post in (poll.post, event, asked.post):
        await HomeRow.bring_posts([post.id])
        await hub.tell(News(edited=(post.id,)))

    mine, theirs = [[await heard(reader) for _ in range(3)] for reader in (voter, other)]
    for found, number, said in ((mine, 1, True), (theirs, 0, False)):
        one, held, question = found
        assert one.poll is not None
        assert one.poll.own_votes == [1] * number
        assert held.event is not None
        assert (held.event.own is not None) is said
        assert [(total.emoji, total.total, total.is_mine) for total in held.emojis] == [("🎉", 1, said)]
        assert question.poll is not None
        assert question.poll.own_votes == [1] * number
    for reader, found in ((voter, mine), (other, theirs)):
        for view in found:
            assert view == await one_post(view.post.id, reader.actor)


@needs_sqlite
async def test_what_is_for_followers_asks_once_more_for_each(hub: Hub, read: Read, other_member: Actor):
    await read(0)
    one = await times_asked(hub, await said(other_member, Visibility.FOLLOWERS, is_fresh=True))
    for number in range(1, 11):
        await read(number)
    eleven = await times_asked(hub, await said(other_member, Visibility.FOLLOWERS, is_fresh=True))

    assert eleven - one <= 2 * 10  # at home and in the list


async def test_more_posts_at_once_than_may_wait_close_nobody_who_takes_them(hub: Hub, read: Read, other_member: Actor):
    reader = await read(0)
    taken = []

    async def take() -> None:
        while (event := await reader.waiting.get()) is not None:
            taken.append(event)

    taking = asyncio.create_task(take())
    posts = [await factories.post(other_member, str(number)) for number in range(100)]
    await HomeRow.bring_posts([post.id for post in posts])

    await hub.tell(News(posts=tuple(post.id for post in posts)))
    await asyncio.sleep(0)
    taking.cancel()

    assert not reader.closing.is_set()
    at_home = [event for event in taken if event.stream.name is StreamName.USER and event.kind is EventKind.UPDATE]
    assert [event.item.post.id for event in at_home] == [post.id for post in posts]
    assert await Post.all().count() == 100
