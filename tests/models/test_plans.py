"""The hot questions find their rows by an index, in the order in which they are wanted."""

from collections.abc import Awaitable, Callable

import pytest

from models import database, open_posts, shown
from models.actor import Actor
from models.filters import Filter, FilterKeyword
from models.follow import Follow, FollowState
from models.lists import ReadingList
from models.mute import is_deaf
from models.network import bound_to_ours, newest_posts
from models.notification import Notification
from models.open_posts import Page
from models.post import Post, PostTag
from models.rows import _REMEMBERED, MAX_REMEMBERED, made, padded
from models.trail import followed
from server.follows.queries import followers, following, waiting
from server.posts import bookmarks, queries
from server.search import posts as search_posts
from server.search import queries as search
from server.search import questions
from server.search import tags as search_tags
from server.search.posts import Part
from server.tags import featured
from server.tags import queries as tags
from server.tags.queries import Wanted
from tests import factories
from tests.web.test_queries import needs_sqlite

Ask = Callable[[Actor], Awaitable[object]]


async def _notifications(actor: Actor) -> object:
    return await Notification.filter(recipient_id=actor.id).order_by("-id").limit(20)


async def _followers(actor: Actor) -> object:
    return await Follow.filter(followed_id=actor.id, state=FollowState.ACCEPTED).order_by("-id").limit(20)


HOT: dict[str, Ask] = {
    "home": lambda actor: shown.home_items(actor.id, limit=20),
    "home above": lambda actor: shown.home_items(actor.id, limit=20, min_id=1),
    "profile": lambda actor: open_posts.by_actor(actor.id, Page(20), with_replies=True),
    "profile announces": lambda actor: open_posts.announced_by(actor, Page(20)),
    "thread": lambda actor: open_posts.descendants(actor.id, 20),
    "thread of a member": lambda actor: Post.descendant_ids(actor.id, 20),
    "ancestors": lambda actor: Post.ancestor_ids(actor.id, 20),
    "post": lambda actor: open_posts.by_uri(actor.uri),
    "posts": lambda actor: open_posts.by_ids([1, 2]),
    "homes of many": lambda actor: shown.items_at_home([1, 2], [actor.id, 2]),
    "lists of many": lambda actor: shown.items_in_lists([1, 2], [1, 2]),
    "marks of many": lambda actor: shown.marks_of([actor.id, 2], [1, 2]),
    "marks": lambda actor: shown.marks(actor.id, [1, 2]),
    "mentioned": lambda actor: shown.mentioned([1, 2]),
    "tags": lambda actor: shown.tags([1, 2]),
    "attachments": lambda actor: shown.attachments([1, 2]),
    "emojis": lambda actor: shown.emoji_totals(actor.id, [1, 2]),
    "tag page": lambda actor: queries.by_tag("nord", None, limit=20),
    "public": lambda actor: queries.public(None, limit=20),
    "network": lambda actor: newest_posts([actor.id, 2], actor.id, limit=20),
    "network above": lambda actor: newest_posts([actor.id, 2], None, limit=20, min_id=1),
    "sections of the network": lambda actor: bound_to_ours(),
    "public, members": lambda actor: queries.public(actor, limit=20),
    "list": lambda actor: shown.list_items(ReadingList(id=1, owner_id=actor.id), limit=20),
    "filters": lambda actor: Filter.active([actor.id]),
    "filtered words": lambda actor: FilterKeyword.of([1, 2]),
    "bookmarks": lambda actor: bookmarks.bookmarked(actor, limit=20),
    "favourites": lambda actor: bookmarks.liked(actor, limit=20),
    "muted or not": lambda actor: is_deaf(actor.id, 1, 2),
    "hashtags": lambda actor: tags.posts(Wanted(["nord", "sud"], ["est"], ["ouest"]), actor, limit=20),
    "who is to be told": lambda actor: Follow.to_be_told([1, 2]),
    "notifications": _notifications,
    "followers": _followers,
    "follow requests": lambda actor: waiting(actor, limit=20),
    "own followers": lambda actor: followers(actor, limit=20),
    "whom one follows": lambda actor: following(actor, limit=20),
    "search for posts": lambda actor: search_posts.found(questions.read("pont -neuf has:media"), actor, Part(20)),
    "search for posts of somebody": lambda actor: search_posts.found(
        questions.read("from:me has:poll"), actor, Part(20)
    ),
    "search for actors": lambda actor: search.actors("pont", actor, limit=20),
    "search for hashtags": lambda actor: search_tags.found("pont", limit=20),
    "hashtags one writes about": featured.suggested,
}


CONCERNING = {"SCAN c", "SCAN own", "SCAN named", "SCAN liked", "SCAN kept"}
# What a statement has found so far is gone through whole: it is no table.
RECURSIVE = {
    "ancestors": {"SCAN a", "SCAN above"},
    "thread": {"SCAN b", "SCAN below"},
    "thread of a member": {"SCAN b", "SCAN below"},
    "search for posts": CONCERNING,
    "search for posts of somebody": CONCERNING,
    "search for hashtags": {"SCAN f"},
    "network": {"SCAN w"},
    "network above": {"SCAN w"},
    "sections of the network": {"SCAN ours", "SCAN b"},
}


async def plan_of(ask: Ask, actor: Actor) -> list[str]:
    with followed() as trail:
        await ask(actor)
    assert trail.steps
    lines = []
    for query, values, _ in trail.steps:
        lines += [row["detail"] for row in await database.select(f"EXPLAIN QUERY PLAN {query}", *values)]
    return lines


def _is_scan(line: str) -> bool:
    """Whether a step goes through a table without an index, that of words being one."""
    return line.startswith("SCAN") and "USING" not in line and ":M" not in line


@needs_sqlite
@pytest.mark.parametrize("name", HOT)
async def test_no_hot_question_reads_a_whole_table(name: str, member: Actor) -> None:
    scans = [line for line in await plan_of(HOT[name], member) if _is_scan(line)]

    assert set(scans) <= RECURSIVE.get(name, set())


@needs_sqlite
async def test_answers_that_wait_for_their_post_are_found_by_its_uri(member: Actor) -> None:
    [line, *_] = await plan_of(lambda actor: Post.awaited([f"https://far.test/{n}" for n in range(400)]), member)

    assert "in_reply_to_uri=?" in line


@needs_sqlite
@pytest.mark.parametrize("name", ["home", "home above", "profile", "profile announces", "notifications"])
async def test_a_page_is_not_sorted(name: str, member: Actor) -> None:
    assert [line for line in await plan_of(HOT[name], member) if "TEMP B-TREE FOR ORDER BY" in line] == []


# Rows made into objects


async def test_what_is_made_of_a_row_is_what_the_query_builder_makes(member: Actor, remote_actor: Actor) -> None:
    for author in (member, remote_actor):
        post = await factories.post(author, to_uris=[author.uri], emojis=[{"shortcode": "a", "url": "b"}])
        for _ in range(2):
            [found] = (await open_posts.by_ids([post.id])).values()
            expected = await Post.get(id=post.id).select_related("actor")
            assert _columns_of(found) == _columns_of(expected)
            assert _columns_of(found.actor) == _columns_of(expected.actor)


def _columns_of(row: Actor | Post) -> dict[str, object]:
    return {name: getattr(row, name) for name in row._meta.fields_db_projection}


async def test_readers_do_not_share_what_they_may_change(member: Actor) -> None:
    post = await factories.post(member)
    [first], [second] = [list((await open_posts.by_ids([post.id])).values()) for _ in range(2)]
    first.likes_count, first.title = 7, "Un"
    first.to_uris.append("https://far.test/")
    first.actor.display_name = "Zoë"
    assert (second.likes_count, second.title, second.to_uris) == (0, "", [])
    assert second.actor.display_name == "Zoé"

    await first.save(update_fields=["likes_count"])
    [third] = (await open_posts.by_ids([post.id])).values()
    assert (third.likes_count, third.to_uris) == (7, [])


async def test_rows_are_remembered_within_bounds(db: str) -> None:
    for number in range(2 * MAX_REMEMBERED):
        made(PostTag, (number, "n", "N", 1))

    assert len(_REMEMBERED) <= MAX_REMEMBERED


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (2, 2), (3, 4), (20, 32), (40, 64)])
def test_lists_of_ids_have_few_lengths(count: int, expected: int) -> None:
    ids = list(range(count))

    assert len(padded(ids)) == expected
    assert set(padded(ids)) == set(ids)
