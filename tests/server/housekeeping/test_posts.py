"""Which posts of other servers go, and what goes with them."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.context import Context
from models import database, leftovers
from models.actor import Actor
from models.bookmark import Bookmark
from models.edit import PostEdit
from models.featured import FeaturedPost
from models.ids import id_at
from models.moderation import Report
from models.notification import Notification, NotificationType
from models.participation import Participation, ParticipationState
from models.poll import Poll, PollOption, PollVote
from models.post import Attachment, Mention, Post, PostTag, Visibility
from models.quote import Quote
from models.reaction import Announce, EmojiReaction, Like
from models.timeline import HomeRow
from server.housekeeping import run
from server.housekeeping.chores import Terms
from tests import databases, factories

DAYS = 90


def long_ago(now: datetime, days: int = 200) -> datetime:
    return now - timedelta(days=days)


async def old_post(author: Actor, now: datetime, *, days: int = 200, **more: Any) -> Post:
    """A post that arrived long ago."""
    moment = long_ago(now, days)
    id_ = id_at(int(moment.timestamp() * 1000))
    return await factories.post(author, id=id_, received_at=moment, published_at=moment, **more)


async def sweep(now: datetime, *, days: int = DAYS, limit: int = 100) -> dict[str, int]:
    return await run.sweep(Terms(now, days, limit), seconds=3600)


async def test_a_post_that_nobody_here_has_to_do_with_goes(remote_actor: Actor, now: datetime) -> None:
    await old_post(remote_actor, now)
    assert (await sweep(now))["posts"] == 1
    assert not await Post.exists()


async def test_with_zero_days_posts_are_kept_for_ever(remote_actor: Actor, now: datetime) -> None:
    await old_post(remote_actor, now)
    assert (await sweep(now, days=0))["posts"] == 0


async def test_a_post_that_arrived_lately_stays_however_old_it_is(remote_actor: Actor, now: datetime) -> None:
    post = await old_post(remote_actor, now)
    await Post.filter(id=post.id).update(received_at=now - timedelta(days=1))
    assert (await sweep(now))["posts"] == 0


async def test_what_was_written_here_stays(member: Actor, now: datetime) -> None:
    await old_post(member, now)
    assert (await sweep(now))["posts"] == 0


async def liked(post: Post, member: Actor) -> None:
    await Like.create(uri=f"{member.uri}/l", actor=member, post=post)


async def bookmarked(post: Post, member: Actor) -> None:
    await Bookmark.create(actor=member, post=post)


async def announced(post: Post, member: Actor) -> None:
    await Announce.create(uri=f"{member.uri}/a", actor=member, post=post)


async def answered_with_an_emoji(post: Post, member: Actor) -> None:
    await EmojiReaction.create(uri=f"{member.uri}/e", actor=member, post=post, emoji="👍")


async def naming_a_member(post: Post, member: Actor) -> None:
    await Mention.create(post=post, actor=member)


async def pinned(post: Post, member: Actor) -> None:
    await FeaturedPost.create(actor=member, post=post)


async def attended(post: Post, member: Actor) -> None:
    uri = f"{member.uri}/j"
    await Participation.create(uri=uri, event=post, actor=member, state=ParticipationState.ACCEPTED)


async def quoted(post: Post, member: Actor) -> None:
    await Quote.create(post=await factories.post(member), quoted=post, quoted_uri=post.uri)


async def quoting(post: Post, member: Actor) -> None:
    ours = await factories.post(member)
    await Quote.create(post=post, quoted=ours, quoted_uri=ours.uri)


async def voted_on(post: Post, member: Actor) -> None:
    option = await PollOption.create(poll=await Poll.create(post=post), position=0, title="Oui")
    await PollVote.create(option=option, actor=member, uri=f"{member.uri}/v")


async def told_of(post: Post, member: Actor) -> None:
    said = {"type": NotificationType.MENTION, "actor_id": post.actor_id, "post_id": post.id}
    await Notification.create(recipient_id=member.id, **said)


async def by_somebody_reported(post: Post, member: Actor) -> None:
    await Report.create(uri=f"{member.uri}/r", reporter=member, reported_id=post.actor_id)


async def for_a_section_here(post: Post, member: Actor) -> None:
    await Post.filter(id=post.id).update(group_id=member.id)


async def answered_here(post: Post, member: Actor) -> None:
    await factories.post(member, in_reply_to=post, in_reply_to_uri=post.uri)


async def answering_somebody_here(post: Post, member: Actor) -> None:
    ours = await factories.post(member)
    await Post.filter(id=post.id).update(in_reply_to_id=ours.id, in_reply_to_uri=ours.uri)


async def answered_far_below(post: Post, member: Actor) -> None:
    author = await Actor.get(id=post.actor_id)
    middle = await factories.post(author, in_reply_to=post, in_reply_to_uri=post.uri)
    await factories.post(member, in_reply_to=middle, in_reply_to_uri=middle.uri)


@pytest.mark.parametrize(
    "tie",
    [
        liked, bookmarked, announced, answered_with_an_emoji, naming_a_member, pinned, attended, quoted, quoting,
        voted_on, told_of, by_somebody_reported, for_a_section_here, answered_here, answering_somebody_here,
        answered_far_below,
    ],
)  # fmt: skip
async def test_a_post_stays_that_is(
    tie: Callable[[Post, Actor], Awaitable[None]], member: Actor, remote_actor: Actor, now: datetime
) -> None:
    post = await old_post(remote_actor, now)
    await tie(post, member)
    assert (await sweep(now))["posts"] == 0
    assert await Post.exists(id=post.id)


async def test_what_strangers_did_to_a_post_does_not_keep_it(
    remote_actor: Actor, stranger: Actor, now: datetime
) -> None:
    post = await old_post(remote_actor, now)
    for tie in (liked, announced, answered_with_an_emoji, naming_a_member):
        await tie(post, stranger)
    assert (await sweep(now))["posts"] == 1


async def test_all_that_hangs_on_a_post_goes_with_it(remote_actor: Actor, member: Actor, now: datetime) -> None:
    post = await old_post(remote_actor, now)
    await Attachment.create(post=post, url="https://far.test/1.png")
    await PostTag.create(post=post, name="a", shown="A")
    await PostEdit.create(post=post, stood_from=now)
    await HomeRow.create(owner=member, item_id=post.id, post=post, actor=remote_actor)
    await sweep(now)
    for model in (Attachment, PostTag, PostEdit, HomeRow):
        assert not await model.all().exists()


async def test_totals_no_longer_count_what_went(remote_actor: Actor, stranger: Actor, now: datetime) -> None:
    newer = await factories.post(stranger)
    await Actor.filter(id=remote_actor.id).update(posts_count=5)
    await Post.filter(id=newer.id).update(replies_count=3)
    await old_post(remote_actor, now, in_reply_to=newer, in_reply_to_uri=newer.uri)
    await old_post(remote_actor, now, visibility=Visibility.FOLLOWERS)
    assert (await sweep(now))["posts"] == 2
    assert (await Actor.get(id=remote_actor.id)).posts_count == 4
    assert (await Post.get(id=newer.id)).replies_count == 2


async def test_a_sweep_goes_on_where_the_last_one_stopped(remote_actor: Actor, now: datetime) -> None:
    for days in range(100, 110):
        await old_post(remote_actor, now, days=days)
    terms = Terms(now, DAYS, limit=3)
    deleted = [(await run.sweep(terms, seconds=0))["posts"] for _ in range(4)]
    assert deleted == [3, 3, 3, 1]


async def test_a_dry_run_deletes_nothing(remote_actor: Actor, now: datetime) -> None:
    await old_post(remote_actor, now)
    assert (await run.would_go(Terms(now, DAYS)))["posts"] == 1
    assert await Post.all().count() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    parents=st.lists(st.integers(0, 12), min_size=1, max_size=12),
    ours=st.sets(st.integers(0, 12), max_size=3),
)
async def test_no_post_that_stays_loses_what_it_answers(
    parents: list[int], ours: set[int], ctx: Context, member: Actor, remote_actor: Actor, now: datetime
) -> None:
    await Post.all().delete()
    posts: list[Post] = []
    for number, parent in enumerate(parents):
        above = posts[parent % len(posts)] if posts else None
        author = member if number in ours else remote_actor
        named = {"in_reply_to": above, "in_reply_to_uri": above.uri} if above else {}
        posts.append(await old_post(author, now, uri=f"{author.uri}/posts/x{number}", **named))
    await sweep(now, limit=4)
    left = {post.id: post for post in await Post.all()}
    assert all(post.id in left for number, post in enumerate(posts) if number in ours)
    assert all(post.in_reply_to_uri is None or post.in_reply_to_id in left for post in left.values())


@pytest.mark.skipif(databases.KIND != "sqlite", reason="how SQLite finds its rows")
async def test_every_reference_between_tables_is_found_by_an_index(db: str) -> None:
    without = []
    for table in [row["name"] for row in await database.select("SELECT name FROM sqlite_master WHERE type = 'table'")]:
        indexes = await database.select(f'PRAGMA index_list("{table}")')
        first = {(await database.select(f'PRAGMA index_info("{row["name"]}")'))[0]["name"] for row in indexes}
        keys = await database.select(f'PRAGMA foreign_key_list("{table}")')
        without += [(table, key["from"]) for key in keys if key["from"] not in first]
    assert without == []


@pytest.mark.skipif(databases.KIND != "sqlite", reason="how SQLite finds its rows")
async def test_no_question_about_a_slice_reads_a_whole_table(db: str) -> None:
    sql = leftovers._KEPT_POSTS.format(ids="2,3,4").replace("$1::integer", "100")
    plan = [row["detail"] for row in await database.select(f"EXPLAIN QUERY PLAN {sql}")]
    tables = ("post", "mention", '"like"', "announce", "notification", "report", "poll")
    scans = [
        line for line in plan if line.startswith("SCAN") and line.split()[1] in (*tables, "p", "x", "n", "a", "q", "o")
    ]
    assert scans == []
