"""Finding posts by their words: one's own, those that one is named in, likes or keeps, and those whose author agreed.

Open posts are found by the index (federation/findable.py), in the order of the index, so that common words cost no more
than rare ones. Of what is for followers, members or a few, which is in no index, the newest are read themselves. The
public finds nothing by words: a search by words of all that is here would be a list of who says what.
"""

from dataclasses import dataclass

from federation import sanitise
from models import database, search
from models.actor import Actor
from models.growing import Growing
from models.search import Found, Words
from server.posts.queries import PostView, readable, views
from server.search.questions import Question

READ_APART = 100  # of each: one's own, those one is named in, likes, keeps
MOST_PLACES = 400


@dataclass(frozen=True, slots=True)
class Part:
    """Which of the posts that are found to give, the newest first. `author` is whose they are."""

    limit: int
    offset: int = 0
    author_id: int | None = None
    max_id: int | None = None
    min_id: int | None = None


async def found(asked: Question, viewer: Actor, part: Part) -> list[PostView]:
    """Load the posts that a member finds, newest first, as far as they may read them and hear of their authors."""
    author_ids = await _authors(asked, viewer, part)
    if part.offset >= MOST_PLACES or author_ids == [] or (asked.words.is_empty and author_ids is None):
        return []
    ids = {*await _open(asked, viewer, part, author_ids), *await _apart(asked, viewer, part, author_ids)}
    wanted = sorted(ids, reverse=True)[part.offset : part.offset + part.limit]
    rows = await readable(wanted, viewer, is_heard=True)
    return await views([rows[id_] for id_ in wanted if id_ in rows], viewer)


async def _authors(asked: Question, viewer: Actor, part: Part) -> list[int] | None:
    """Give whose posts are looked for; None is everybody's."""
    named = [handle for handle, is_wanted in asked.authors if is_wanted]
    if part.author_id is None and not named:
        return None
    wanted = set() if part.author_id is None else {part.author_id}
    for handle in named:
        ids = await _ids_of(handle, viewer)
        wanted = wanted & ids if wanted else ids
        if not wanted:
            break
    return sorted(wanted)


async def _ids_of(handle: str, viewer: Actor) -> set[int]:
    if handle == "me":
        return {viewer.id}
    name, _, host = handle.partition("@")
    known = Actor.filter(local_name=name) if not host else Actor.filter(handle_host=host, username__iexact=name)
    return {int(str(id_)) for id_ in await known.filter(gone_at=None).limit(5).values_list("id", flat=True)}


async def _open(asked: Question, viewer: Actor, part: Part, author_ids: list[int] | None) -> list[int]:
    """Find open posts by the index, or those of somebody without words."""
    query = Growing()
    me = query.value(viewer.id, "::bigint")
    if asked.words.is_empty:
        source, order = "post p", "p.id"
    else:
        source, order = f"{Found.POST.table} w CROSS JOIN post p", f"w.{search.key()}"
        where, value = search.condition(asked.words, len(query.values) + 1, "w.")
        query.values.append(value)
        query.where(f"{where} AND p.id = {order}")
    query.where("p.visibility IN ('public', 'unlisted')")
    query.where(_FINDABLE.format(me=me, library=_LIBRARY.format(me=me)))
    _narrow(query, asked, part, author_ids, me, key=order)
    sql = _OPEN.format(source=source, where=" AND ".join(query.conditions), order=order, limit=part.offset + part.limit)
    return [int(row["id"]) for row in await database.select(sql, *query.values)]


async def _apart(asked: Question, viewer: Actor, part: Part, author_ids: list[int] | None) -> list[int]:
    """Find what is not for everybody among the newest of it that concerns the viewer, by reading it."""
    query = Growing()
    me = query.value(viewer.id, "::bigint")
    _narrow(query, asked, part, author_ids, me)
    sql = _APART.format(me=me, where=" AND ".join(query.conditions), limit=READ_APART)
    return [int(row["id"]) for row in await database.select(sql, *query.values) if _fits(asked.words, row)]


def _fits(words: Words, row: dict[str, str]) -> bool:
    return words.fit(f"{row['title']} {row['content_warning']} {sanitise.words_of(row['content_html'])}")


def _narrow(
    query: Growing, asked: Question, part: Part, author_ids: list[int] | None, me: str, *, key: str = "p.id"
) -> None:
    """Add what narrows the search; `key` is the id by which the rows are read, so that reading begins and ends there."""
    query.where("NOT a.is_suspended AND a.blocked_at IS NULL AND a.gone_at IS NULL")
    if author_ids is not None:
        query.where(f"p.actor_id IN ({', '.join(query.value(id_, '::bigint') for id_ in author_ids)})")
    if part.max_id is not None:
        query.where(f"{key} < {query.value(part.max_id, '::bigint')}")
    if part.min_id is not None:
        query.where(f"{key} > {query.value(part.min_id, '::bigint')}")
    for handle, is_wanted in asked.authors:
        if not is_wanted:
            _leave_out(query, handle, me)
    for since, until, is_wanted in asked.times:
        begin, end = query.value(since, "::timestamptz"), query.value(until, "::timestamptz")
        query.where(f"p.published_at >= {begin} AND p.published_at < {end}", is_wanted=is_wanted)
    for code, is_wanted in asked.languages:
        query.where(f"COALESCE(p.language, '') = {query.value(code)}", is_wanted=is_wanted)
    for trait, is_wanted in asked.traits:
        query.where(_TRAITS[trait].format(library=_LIBRARY.format(me=me)), is_wanted=is_wanted)


def _leave_out(query: Growing, handle: str, me: str) -> None:
    if handle == "me":
        query.where(f"p.actor_id <> {me}")
        return
    name, _, host = handle.partition("@")
    query.where(f"NOT (lower(a.username) = {query.value(name)} AND a.handle_host = {query.value(host)})")


_LIBRARY = """
(p.actor_id = {me} OR EXISTS (SELECT 1 FROM mention m WHERE m.post_id = p.id AND m.actor_id = {me})
 OR EXISTS (SELECT 1 FROM "like" l WHERE l.actor_id = {me} AND l.post_id = p.id)
 OR EXISTS (SELECT 1 FROM bookmark b WHERE b.actor_id = {me} AND b.post_id = p.id))
"""
# A section speaks in public by what it is: nobody has to agree.
_PUBLIC = "p.visibility = 'public' AND (a.is_indexable OR (a.is_local AND a.type = 'Group'))"
_FINDABLE = f"({_PUBLIC} OR {{library}})"
_TRAITS = {
    "has:media": "EXISTS (SELECT 1 FROM attachment h WHERE h.post_id = p.id)",
    "has:poll": "EXISTS (SELECT 1 FROM poll q WHERE q.post_id = p.id)",
    "is:reply": "p.in_reply_to_uri IS NOT NULL",
    "is:sensitive": "p.is_sensitive",
    "in:library": "{library}",
    "in:public": _PUBLIC,
}
_OPEN = "SELECT p.id FROM {source} JOIN actor a ON a.id = p.actor_id WHERE {where} ORDER BY {order} DESC LIMIT {limit}"

_CONCERNING = """
SELECT id FROM (SELECT p.id FROM {source} AND p.visibility NOT IN ('public', 'unlisted')
                ORDER BY {key} DESC LIMIT {{limit}}) AS {name}
"""
# (name, what is read, by which id): each is read from the end of an index.
_SOURCES = (
    ("own", "post p WHERE p.actor_id = {me}", "p.id"),
    ("named", "mention m JOIN post p ON p.id = m.post_id WHERE m.actor_id = {me}", "m.post_id"),
    ("liked", '"like" l JOIN post p ON p.id = l.post_id WHERE l.actor_id = {me}', "l.post_id"),
    ("kept", "bookmark b JOIN post p ON p.id = b.post_id WHERE b.actor_id = {me}", "b.post_id"),
)
_APART = """
SELECT p.id, p.title, p.content_warning, p.content_html FROM ({concerning}) AS c
JOIN post p ON p.id = c.id JOIN actor a ON a.id = p.actor_id WHERE {{where}}
""".format(
    concerning=" UNION ".join(_CONCERNING.format(source=source, name=name, key=key) for name, source, key in _SOURCES)
)
