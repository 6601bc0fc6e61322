"""What is shown of posts, read in statements written by hand: the questions that every timeline and page asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from models.actor import Actor
from models.lists import ReadingList, RepliesPolicy
from models.post import Attachment, Post, PostTag
from models.reaction import Announce
from models.rows import MAX_ID, Values, columns, in_list, made, padded, select, width

IN_SIGHT = "NOT {0}.is_suspended AND {0}.blocked_at IS NULL"


async def home_items(
    owner_id: int, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, bool, Post]]:
    """Load (item id, whether it is an announce, post with its actor) of a home timeline, newest first.

    Those below `max_id`, or, with `min_id`, those just above that. Authors out of sight are left out.
    """
    order = "DESC" if min_id is None else "ASC"
    rows = await select(
        _home(order, _NOT_APART), owner_id, MAX_ID if max_id is None else max_id, min_id or 0, limit
    )  # fmt: skip
    found = [(row[0], bool(row[1]), post_with_actor(row[2:])) for row in rows]
    return found if min_id is None else found[::-1]


async def list_items(
    of: ReadingList, *, limit: int, max_id: int | None = None, min_id: int | None = None
) -> list[tuple[int, bool, Post]]:
    """Load what of its owner's home timeline belongs in a list, as `home_items` does."""
    order = "DESC" if min_id is None else "ASC"
    sql = _home(order, _IN_LIST.format(answers=_ANSWERS[of.replies_policy]))
    rows = await select(sql, of.owner_id, MAX_ID if max_id is None else max_id, min_id or 0, limit, of.id)
    found = [(row[0], bool(row[1]), post_with_actor(row[2:])) for row in rows]
    return found if min_id is None else found[::-1]


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
    ids, found = in_list(post_ids, 2), Marks()
    sets = {1: found.liked, 2: found.announced, 3: found.featured, 4: found.bookmarked, 5: found.muted}
    for kind, post_id in await select(_MARKS.format(ids=ids), actor_id, *post_ids):
        sets[kind].add(post_id)
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
    return f"""SELECT h.item_id, h.is_announce, {columns(Post, "p")}, {columns(Actor, "a")}
FROM home_row h JOIN post p ON p.id = h.post_id JOIN actor a ON a.id = p.actor_id
WHERE h.owner_id = $1 AND h.item_id < $2::bigint AND h.item_id > $3::bigint AND {IN_SIGHT.format("a")}{_NOT_MUTED}{narrower}
ORDER BY h.item_id {order} LIMIT $4::bigint"""


_NOT_MUTED = """
AND h.actor_id NOT IN (SELECT m.muted_id FROM mute m WHERE m.muter_id = $1)
AND p.actor_id NOT IN (SELECT m.muted_id FROM mute m WHERE m.muter_id = $1)
AND (a.is_local OR a.host NOT IN (SELECT x.host FROM host_mute x WHERE x.muter_id = $1)
  AND a.handle_host NOT IN (SELECT x.host FROM host_mute x WHERE x.muter_id = $1))"""

_NOT_APART = """
AND h.actor_id NOT IN (SELECT l.actor_id FROM listed l JOIN reading_list r ON r.id = l.list_id
  WHERE r.owner_id = $1 AND r.is_exclusive)"""

# An answer to whom is here: to oneself and to the owner always; otherwise as the list has it.
_IN_LIST = """
AND h.actor_id IN (SELECT l.actor_id FROM listed l WHERE l.list_id = $5::bigint)
AND (h.is_announce OR p.in_reply_to_uri IS NULL OR EXISTS (SELECT 1 FROM post q
  WHERE q.id = p.in_reply_to_id AND (q.actor_id IN (p.actor_id, $1) OR {answers})))"""
_ANSWERS = {
    RepliesPolicy.NONE: "FALSE",
    RepliesPolicy.LISTED: "q.actor_id IN (SELECT l.actor_id FROM listed l WHERE l.list_id = $5::bigint)",
    RepliesPolicy.FOLLOWED: (
        "EXISTS (SELECT 1 FROM follow f WHERE f.follower_id = $1 AND f.followed_id = q.actor_id AND f.state = 'accepted')"
    ),
}

_MARKS = """SELECT 1, post_id FROM "like" WHERE actor_id = $1 AND post_id IN {ids}
UNION ALL SELECT 2, post_id FROM announce WHERE actor_id = $1 AND post_id IN {ids}
UNION ALL SELECT 3, post_id FROM featured_post WHERE actor_id = $1 AND post_id IN {ids}
UNION ALL SELECT 4, post_id FROM bookmark WHERE actor_id = $1 AND post_id IN {ids}
UNION ALL SELECT 5, p.id FROM post p JOIN conversation_mute m ON m.uri = COALESCE(p.conversation_uri, p.uri)
  WHERE m.muter_id = $1 AND p.id IN {ids}"""

_EMOJIS = """SELECT post_id, emoji, MAX(emoji_url), COUNT(*), MAX(CASE WHEN actor_id = $1::bigint THEN 1 ELSE 0 END)
FROM emoji_reaction WHERE post_id IN {ids} GROUP BY post_id, emoji"""
