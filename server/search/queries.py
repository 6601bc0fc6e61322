"""Finding what is here: actors by the beginnings of their names, posts by their address."""

import re
from urllib.parse import urlsplit

from federation.naming import Names
from models import database, search
from models.actor import Actor
from models.post import OPEN, Mention, Post
from models.words import PAGE_ENDING_CHARACTERS, PAGE_ENDING_IN_POSTGRES, PAGE_ENDING_IN_SQLITE

MAX_CHARACTERS = 100

_PROFILE = re.compile(r"/@([\w.-]{1,128})(?:@([\w.:-]{1,255}))?/?")
_PAGE = re.compile(r"/@[\w.-]{1,128}/([0-9]{1,18})")


async def actors(
    text: str, viewer: Actor, *, limit: int, offset: int = 0, only_followed: bool = False
) -> list[Actor]:  # fmt: skip
    """Find actors by the beginnings of their names: those one follows first, then ours, then the most followed.

    For members only: asked letter by letter it lists everybody who did not decline to be found.
    """
    name, _, host = text.strip().lstrip("@")[:MAX_CHARACTERS].partition("@")
    if (words := search.words_of(name)).is_empty:
        return []
    where, value = search.condition(words, 2, "w.")
    conditions, values = [where], [viewer.id, value]
    if host:
        conditions.append(f"lower(a.username) = $3 AND substr(a.handle_host, 1, {len(host)}) = $4")
        values += [name.lower(), host.lower()]
    conditions.append("f.id IS NOT NULL" if only_followed else "(NOT a.is_silenced OR f.id IS NOT NULL)")
    sql = _ACTORS.format(key=search.key(), where=" AND ".join(conditions), limit=limit, offset=offset)
    ids = [int(row["id"]) for row in await database.select(sql, *values)]
    rows = {actor.id: actor for actor in await Actor.filter(id__in=ids)} if ids else {}
    return [rows[id_] for id_ in ids]


_ACTORS = """
SELECT a.id FROM actor_words w CROSS JOIN actor a
LEFT JOIN follow f ON f.followed_id = a.id AND f.follower_id = $1::bigint AND f.state = 'accepted'
WHERE a.id = w.{key} AND a.gone_at IS NULL AND a.is_discoverable AND NOT a.is_suspended AND a.blocked_at IS NULL AND {where}
ORDER BY (f.id IS NULL), a.is_local DESC, a.followers_count DESC, a.id LIMIT {limit} OFFSET {offset}
"""


async def post_at(address: str, viewer: Actor | None, names: Names) -> Post | None:
    """Find the post that has this uri or this page, if it is here and the viewer may read it.

    Pages of other servers are looked for among all posts, for members only.
    """
    uris = {address, names.post(int(page[1]))} if (page := _own_page(address, names)) else {address}
    found = await Post.visible_to(viewer).filter(uri__in=list(uris)).first()
    if found is not None or viewer is None:
        return found
    sql = _AT_PAGE.format(ending=PAGE_ENDING_IN_POSTGRES if database.is_postgres() else PAGE_ENDING_IN_SQLITE)
    ids = [int(row["id"]) for row in await database.select(sql, address, address[-PAGE_ENDING_CHARACTERS:])]
    return await Post.visible_to(viewer).filter(id__in=ids).first() if ids else None


_AT_PAGE = "SELECT p.id FROM post p WHERE {ending} = $2 AND p.url = $1 LIMIT 5"


async def may_learn_of(viewer: Actor | None, actor: Actor) -> bool:
    """Whether the viewer may learn that this server knows an actor.

    That we have met somebody of another server says that they follow somebody here, or belong: the public learns of
    those alone of whom it can read here.
    """
    if viewer is not None or actor.is_local:
        return True
    if await Post.exists(actor_id=actor.id, visibility__in=OPEN):
        return True
    return await Mention.exists(actor_id=actor.id, post__visibility__in=OPEN)


def handle_at(address: str, names: Names) -> str | None:
    """Read the handle in the address of a profile page, https://host/@name on most servers; None in any other."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    match = _PROFILE.fullmatch(parts.path)
    if match is None or not parts.netloc or "@" in parts.netloc:
        return None
    is_complete = match[2] is not None
    host = match[2] if is_complete else parts.netloc
    return match[1] if names.is_our_host(host) else f"{match[1]}@{host.lower()}"


def _own_page(address: str, names: Names) -> re.Match[str] | None:
    return _PAGE.fullmatch(address.removeprefix(names.origin)) if names.is_ours(address) else None
