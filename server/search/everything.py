"""One search for all that there is: sections, events, posts, people and hashtags; whom a name or an address stands for.

Visitors find what server/search/public.py says. Members find what the client API finds for them, and may have other servers
asked: by a form alone, since a page that is merely opened would tell another server that somebody here did.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from tortoise.expressions import Q

from federation import resolving, sanitise, webfinger
from federation.context import Context
from federation.errors import FederationError, MalformedActivity
from models import search
from models.actor import Actor, in_sight
from models.filters import FilterContext
from models.post import Post
from server.errors import NotFound
from server.events import agenda
from server.events.agenda import Wanted
from server.follows import lookup
from server.posts.queries import PostView
from server.search import posts as member_posts
from server.search import public, queries, questions, tags
from server.search.posts import Part
from server.sections import directory
from server.sections.directory import Listed

ADDRESSES = ("https://", "http://")
T = TypeVar("T")

_HANDLE = re.compile(r"(?:acct:)?(?:@[^\s@:/]+|@?[^\s@:/]+@[^\s@/]+)")


class Kind(StrEnum):
    """What may be found."""

    SECTIONS = "sections"
    EVENTS = "events"
    POSTS = "posts"
    PEOPLE = "people"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for: of each of these kinds so many, behind so many. `viewer` is None for the public."""

    text: str
    viewer: Actor | None
    now: datetime
    kinds: frozenset[Kind]
    limit: int
    offset: int = 0


@dataclass(slots=True)
class Results:
    """What was found by words; `more` are the kinds of which there is more."""

    sections: list[Listed] = field(default_factory=list)
    events: list[PostView] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    people: list[Actor] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    more: set[Kind] = field(default_factory=set)

    @property
    def are_none(self) -> bool:
        """Whether nothing was found."""
        return not (self.sections or self.events or self.posts or self.people or self.tags)


async def look(asked: Asked) -> Results:
    """Find what somebody looks for by its words."""
    found = Results()
    if search.words_of(asked.text).is_empty or is_name(asked.text):
        return found
    if Kind.SECTIONS in asked.kinds:
        known = _some(await directory.known(asked.text), Kind.SECTIONS, asked, found)
        found.sections = await directory.listed(known, asked.now)
    if Kind.EVENTS in asked.kinds:
        wanted = Wanted(asked.now, is_here=asked.viewer is None, words=asked.text)
        views = await agenda.page(wanted, asked.viewer, limit=asked.limit + 1)
        found.events = _some(views, Kind.EVENTS, asked, found)
    if Kind.POSTS in asked.kinds:
        found.posts = _some(await _posts(asked), Kind.POSTS, asked, found)
    if Kind.PEOPLE in asked.kinds:
        found.people = _some(await _people(asked), Kind.PEOPLE, asked, found)
    if Kind.TAGS in asked.kinds:
        named = await tags.found(asked.text, limit=asked.limit + 1, offset=asked.offset)
        found.tags = _some(named, Kind.TAGS, asked, found)
    return found


def _some(rows: Sequence[T], kind: Kind, asked: Asked, found: Results) -> list[T]:
    if len(rows) > asked.limit:
        found.more.add(kind)
    return list(rows[: asked.limit])


async def _posts(asked: Asked) -> list[Post]:
    if asked.viewer is None:
        words = search.words_of(asked.text)
        return await public.posts(words, asked.now, limit=asked.limit + 1, offset=asked.offset)
    part = Part(asked.limit + 1, asked.offset)
    views = await member_posts.found(questions.read(asked.text), asked.viewer, part)
    return [view.post for view in views if not view.is_hidden(FilterContext.PUBLIC)]


async def _people(asked: Asked) -> list[Actor]:
    if asked.viewer is None:
        return await public.people(search.words_of(asked.text), limit=asked.limit + 1, offset=asked.offset)
    found = await queries.actors(asked.text, asked.viewer, limit=asked.limit + 1, offset=asked.offset)
    return [actor for actor in found if not (actor.is_group and actor.is_local)]


def is_name(text: str) -> bool:
    """Whether somebody typed a fediverse address, or the address of a page, rather than words."""
    return text.strip().startswith(ADDRESSES) or _HANDLE.fullmatch(text.strip()) is not None


@dataclass(frozen=True, slots=True)
class Named:
    """Whom or what a name or an address stands for here; `elsewhere` is where it may be looked at, '' for nowhere."""

    actor: Actor | None = None
    post: Post | None = None
    elsewhere: str = ""


async def named(text: str, viewer: Actor | None, ctx: Context) -> Named:
    """Tell what a name or an address stands for, asking no other server. Visitors learn of nobody who lives elsewhere."""
    text = text.strip()
    if not is_name(text) or not text.isprintable():
        return Named()
    if not text.startswith(ADDRESSES):
        actor = await _shown(await lookup.known(text, ctx), viewer)
        return Named(actor, elsewhere="" if actor is not None else _page_of(text, ctx))
    if (post := await queries.post_at(text, viewer, ctx.names)) is not None and (viewer is not None or post.is_local):
        await post.fetch_related("actor")
        return Named(post=post)
    actor = await Actor.filter(Q(uri=text) | Q(url=text, is_local=True), gone_at=None).first()
    if actor is None and (handle := queries.handle_at(text, ctx.names)) is not None:
        actor = await lookup.known(handle, ctx)
    actor = await _shown(actor, viewer)
    is_elsewhere = actor is None and not ctx.names.is_ours(text)
    return Named(actor, elsewhere=(sanitise.safe_url(text) or "") if is_elsewhere else "")


async def _shown(actor: Actor | None, viewer: Actor | None) -> Actor | None:
    if actor is None or not (actor.is_local or viewer is not None):
        return None
    return await Actor.filter(id=actor.id, **in_sight()).first()


def _page_of(handle: str, ctx: Context) -> str:
    """Give the address at which most servers have the page of a handle; '' for one of ours, or none."""
    try:
        name, host = webfinger.parse_handle(handle.removeprefix("acct:").lstrip("@"))
    except MalformedActivity:
        return ""
    return "" if ctx.names.is_our_host(host) else sanitise.safe_url(f"https://{host}/@{name}") or ""


async def fetch(text: str, ctx: Context) -> str:
    """Have the server of a name or an address asked for what it stands for; the uri under which it is known from now on.

    Raises:
        NotFound: there is nothing, it is not for everybody, or that server does not answer.
    """
    text = text.strip()
    if not is_name(text) or not text.isprintable():
        raise NotFound("Nothing was found at this address. Is it written correctly?")
    try:
        if text.startswith(ADDRESSES) and queries.handle_at(text, ctx.names) is None:
            return (await resolving.resolve(text, ctx)).uri
        return (await lookup.find(queries.handle_at(text, ctx.names) or text, ctx)).uri
    except (FederationError, NotFound) as problem:
        raise NotFound("Nothing was found at this address. Is it written correctly?") from problem
