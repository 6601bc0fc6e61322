"""What is shown of posts, read in statements written by hand: the questions that every timeline and page asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from models.actor import Actor
from models.lists import ReadingList, RepliesPolicy
from models.post import Attachment, Post, PostTag
from models.reaction import Announce
from models.rows import MAX_ID, Values, columns, in_list, made, padded, select, width

READERS_A_STATEMENT = 512
IN_SIGHT = "NOT {0}.is_suspended AND {0}.blocked_at IS NULL"


async def home_items(
    owner_id: int, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, bool, Post]]:
    """Load (item id, whether it is an announce, post with its actor) of a home timeline, newest first.

    Those below `max_id`, or, with `min_id`, those just above that. Authors out of sight are left out.
    """
    order = "DESC" if min_id is None else "ASC"
    rows = await select(
        _home(order, _NOT_APART.format(owner="$1")), owner_id, MAX_ID if max_id is None else max_id, min_id or 0, limit
    )  # fmt: skip
    found = [(row[0], bool(row[1]), post_with_actor(row[2:])) for row in rows]
    return found if min_id is None else found[::-1]


async def list_items(
    of: ReadingList, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, bool, Post]]:
    """Load what of its owner's home timeline belongs in a list, as `home_items` does."""
    order = "DESC" if min_id is None else "ASC"
    answers = _ANSWERS[of.replies_policy].format(owner="$1", list="$5::bigint")
    sql = _home(order, _IN_LIST.format(owner="$1", list="$5::bigint", answers=answers))
    rows = await select(sql, of.owner_id, MAX_ID if max_id is None else max_id, min_id or 0, limit, of.id)
    found = [(row[0], bool(row[1]), post_with_actor(row[2:])) for row in rows]
    return found if min_id is None else found[::-1]


class HomeItem(NamedTuple):
    """A post in one member's home timeline, or in one of their lists; `item_id` is an announce's where that brought it."""

    owner_id: int
    item_id: int
    is_announce: bool
    post_id: int
    list_id: int | None = None


async def items_at_home(post_ids: Sequence[int], owner_ids: Sequence[int]) -> list[HomeItem]:
    """Tell in whose home timelines, of these owners', these posts are shown: the same question as `home_items`."""
    return await _items_of(_AT_HOME, post_ids, owner_ids)


async def items_in_lists(post_ids: Sequence[int], list_ids: Sequence[int]) -> list[HomeItem]:
    """Tell in which of these lists these posts are shown: the same question as `list_items`."""
    return await _items_of(_IN_LISTS, post_ids, list_ids)


async def _items_of(sql: str, post_ids: Sequence[int], ids: Sequence[int]) -> list[HomeItem]:
    if not post_ids or not ids:
        return []
    posts, found = padded(post_ids), []
    for start in range(0, len(ids), READERS_A_STATEMENT):
        some = padded(ids[start : start + READERS_A_STATEMENT])
        written = sql.format(posts=in_list(posts), some=in_list(some, len(posts) + 1))
        found += [
            HomeItem(owner_id, item_id, bool(is_announce), post_id, list_id)
            for owner_id, item_id, is_announce, post_id, list_id in await select(written, *posts, *some)
        ]
    return found


async def announces(ids: Sequence[int]) -> dict[int, Announce]:
    """Load announces with their actors, by id; those of actors out of sight are left out."""
    if not ids:
        return {}
    wanted = padded(ids)
    sql = f"""SELECT {columns(Announce, "n")}, {columns(Actor, "a")} FROM announce n JOIN actor a ON a.id = n.actor_id
WHERE n.id IN {in_list(wanted)} AND {IN_SIGHT.format("a")}"""
    found = {}
    for row in await select(sql, *wanted):
        announce = made(Announce, row[: width(Announce)])
        announce.__dict__["_actor"] = made(Actor, row[width(Announce) :])
        found[announce.id] = announce
    return found


async def mentioned(post_ids: Sequence[int]) -> dict[int, list[Actor]]:
    """Load whom each of these posts names, by the id of the post; actors out of sight are left out."""
    sql = f"""SELECT m.post_id, {columns(Actor, "a")} FROM mention m JOIN actor a ON a.id = m.actor_id
WHERE m.post_id IN {in_list(post_ids)} AND {IN_SIGHT.format("a")} ORDER BY m.id"""
    found: dict[int, list[Actor]] = {}
    for row in await select(sql, *post_ids):
        found.setdefault(row[0], []).append(made(Actor, row[1:]))
    return found


async def tags(post_ids: Sequence[int]) -> dict[int, list[PostTag]]:
    """Load the hashtags of these posts, by the id of the post."""
    sql = f"SELECT {columns(PostTag, 't')} FROM post_tag t WHERE t.post_id IN {in_list(post_ids)} ORDER BY t.id"
    found: dict[int, list[PostTag]] = {}
    for row in await select(sql, *post_ids):
        tag = made(PostTag, row)
        found.setdefault(tag.post_id, []).append(tag)
    return found


async def attachments(post_ids: Sequence[int]) -> dict[int, list[Attachment]]:
    """Load the attachments of these posts in their order, by the id of the post."""
    sql = f"SELECT {columns(Attachment, 'i')} FROM attachment i WHERE i.post_id IN {in_list(post_ids)} ORDER BY i.position"
    found: dict[int, list[Attachment]] = {}
    for row in await select(sql, *post_ids):
        item = made(Attachment, row)
        found.setdefault(item.post_id, []).append(item)
    return found


async def posts(ids: Sequence[int]) -> dict[int, Post]:
    """Load posts without their actors, by id."""
    if not ids:
        return {}
    wanted = padded(ids)
    sql = f"SELECT {columns(Post, 'p')} FROM post p WHERE p.id IN {in_list(wanted)}"
    return {post.id: post for post in (made(Post, row) for row in await select(sql, *wanted))}


@dataclass(slots=True)
class Marks:
    """Which posts an actor likes, announces, puts in front, keeps; of whose conversation they are told no more."""

    liked: set[int] = field(default_factory=set)
    announced: set[int] = field(default_factory=set)
    featured: set[int] = field(default_factory=set)
    bookmarked: set[int] = field(default_factory=set)
    muted: set[int] = field(default_factory=set)


async def marks(actor_id: int, post_ids: Sequence[int]) -> Marks:
    """Tell what an actor did with these posts."""
    return (await marks_of([actor_id], post_ids)).get(actor_id) or Marks()


async def marks_of(actor_ids: Sequence[int], post_ids: Sequence[int]) -> dict[int, Marks]:
    """Tell what each of these actors did with these posts, by the actor's id; those who did nothing are left out."""
    found: dict[int, Marks] = {}
    for start in range(0, len(actor_ids), READERS_A_STATEMENT):
        some = padded(actor_ids[start : start + READERS_A_STATEMENT])
        sql = _MARKS.format(actors=in_list(some), ids=in_list(post_ids, len(some) + 1))
        for kind, actor_id, post_id in await select(sql, *some, *post_ids):
            marked = found.setdefault(actor_id, Marks())
            (marked.liked, marked.announced, marked.featured, marked.bookmarked, marked.muted)[kind].add(post_id)
    return found


async def emoji_totals(viewer_id: int, post_ids: Sequence[int]) -> list[tuple[int, str, str | None, int, bool]]:
    """Count the emojis of these posts: (post id, emoji, the url of its picture, how many, whether the viewer's too)."""
    rows = await select(_EMOJIS.format(ids=in_list(post_ids, 2)), viewer_id, *post_ids)
    return [(post_id, emoji, url, total, bool(is_mine)) for post_id, emoji, url, total, is_mine in rows]


async def actor_of_ours(*, uri: str = "", local_name: str = "") -> Actor | None:
    """Load an actor of ours, gone or not, by one of its two names."""
    where, value = ("local_name = $1", local_name) if local_name else ("uri = $1 AND a.is_local", uri)
    rows = await select(f"SELECT {columns(Actor, 'a')} FROM actor a WHERE a.{where}", value)
    return made(Actor, rows[0]) if rows else None


def post_with_actor(values: Values) -> Post:
    """Make a post and its author of the columns of both."""
    post = made(Post, values[: width(Post)])
    post.__dict__["_actor"] = made(Actor, values[width(Post) :])
    return post


@cache
def _home(order: str, narrower: str) -> str:
    shown = IN_SIGHT.format("a") + _NOT_MUTED.format(owner="$1") + narrower
    return f"""SELECT h.item_id, h.is_announce, {columns(Post, "p")}, {columns(Actor, "a")}
FROM home_row h JOIN post p ON p.id = h.post_id JOIN actor a ON a.id = p.actor_id
WHERE h.owner_id = $1 AND h.item_id < $2::bigint AND h.item_id > $3::bigint AND {shown}
ORDER BY h.item_id {order} LIMIT $4::bigint"""


_NOT_MUTED = """
AND h.actor_id NOT IN (SELECT m.muted_id FROM mute m WHERE m.muter_id = {owner})
AND p.actor_id NOT IN (SELECT m.muted_id FROM mute m WHERE m.muter_id = {owner})
AND (a.is_local OR a.host NOT IN (SELECT x.host FROM host_mute x WHERE x.muter_id = {owner})
  AND a.handle_host NOT IN (SELECT x.host FROM host_mute x WHERE x.muter_id = {owner}))"""

_NOT_APART = """
AND h.actor_id NOT IN (SELECT l.actor_id FROM listed l JOIN reading_list r ON r.id = l.list_id
  WHERE r.owner_id = {owner} AND r.is_exclusive)"""

# An answer to whom is here: to oneself and to the owner always; otherwise as the list has it.
_IN_LIST = """
AND h.actor_id IN (SELECT l.actor_id FROM listed l WHERE l.list_id = {list})
AND (h.is_announce OR p.in_reply_to_uri IS NULL OR EXISTS (SELECT 1 FROM post q
  WHERE q.id = p.in_reply_to_id AND (q.actor_id IN (p.actor_id, {owner}) OR {answers})))"""
_ANSWERS = {
    RepliesPolicy.NONE: "FALSE",
    RepliesPolicy.LISTED: "q.actor_id IN (SELECT l.actor_id FROM listed l WHERE l.list_id = {list})",
    RepliesPolicy.FOLLOWED: (
        "EXISTS (SELECT 1 FROM follow f "
        "WHERE f.follower_id = {owner} AND f.followed_id = q.actor_id AND f.state = 'accepted')"
    ),
}
_ANSWERS_OF_ANY = " OR ".join(f"(r.replies_policy = '{policy.value}' AND {sql})" for policy, sql in _ANSWERS.items())

_AT_HOME = f"""SELECT h.owner_id, h.item_id, h.is_announce, h.post_id, NULL
FROM home_row h JOIN post p ON p.id = h.post_id JOIN actor a ON a.id = p.actor_id
WHERE h.post_id IN {{posts}} AND h.owner_id IN {{some}} AND {IN_SIGHT.format("a")}
{_NOT_MUTED.format(owner="h.owner_id")}{_NOT_APART.format(owner="h.owner_id")}"""

_IN_LISTS = f"""SELECT h.owner_id, h.item_id, h.is_announce, h.post_id, r.id
FROM reading_list r JOIN home_row h ON h.owner_id = r.owner_id
JOIN post p ON p.id = h.post_id JOIN actor a ON a.id = p.actor_id
WHERE h.post_id IN {{posts}} AND r.id IN {{some}} AND {IN_SIGHT.format("a")}{_NOT_MUTED.format(owner="r.owner_id")}
{_IN_LIST.format(owner="r.owner_id", list="r.id", answers=f"({_ANSWERS_OF_ANY.format(owner='r.owner_id', list='r.id')})")}"""

_MARKS = """SELECT 0, actor_id, post_id FROM "like" WHERE actor_id IN {actors} AND post_id IN {ids}
UNION ALL SELECT 1, actor_id, post_id FROM announce WHERE actor_id IN {actors} AND post_id IN {ids}
UNION ALL SELECT 2, actor_id, post_id FROM featured_post WHERE actor_id IN {actors} AND post_id IN {ids}
UNION ALL SELECT 3, actor_id, post_id FROM bookmark WHERE actor_id IN {actors} AND post_id IN {ids}
UNION ALL SELECT 4, m.muter_id, p.id FROM post p JOIN conversation_mute m ON m.uri = COALESCE(p.conversation_uri, p.uri)
  WHERE m.muter_id IN {actors} AND p.id IN {ids}"""

_EMOJIS = """SELECT post_id, emoji, MAX(emoji_url), COUNT(*), MAX(CASE WHEN actor_id = $1::bigint THEN 1 ELSE 0 END)
FROM emoji_reaction WHERE post_id IN {ids} GROUP BY post_id, emoji"""
