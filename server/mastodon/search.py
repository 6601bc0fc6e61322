"""Search.   Source: docs.joinmastodon.org/methods/search; /methods/accounts#search

Whoever is not logged in finds only what they can name in full: no search lists who is here.
"""

from dataclasses import dataclass
from typing import TypedDict

from starlette.requests import Request

from federation import resolving
from federation.context import Context
from federation.errors import FederationError
from models.actor import Actor
from models.filters import FilterContext
from models.post import Post
from server.errors import NotFound, Unauthorised
from server.follows import lookup
from server.follows.queries import standings
from server.mastodon.answers import Json
from server.mastodon.asking import context, viewer
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.status import Status, status
from server.mastodon.entities.tag import Tag, tag
from server.mastodon.parameters import Parameters, read
from server.posts.queries import PostView, one
from server.search import posts as search_posts
from server.search import queries, questions
from server.search import tags as search_tags
from server.search.posts import MOST_PLACES, Part
from server.tags import queries as tags

MOST = 40
ADDRESSES = ("https://", "http://")


class Search(TypedDict):
    """What was found."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]


async def search_accounts(request: Request) -> Json[list[Account]]:
    """GET /api/v1/accounts/search -> [Account]; `resolve` asks other servers."""
    parameters = await read(request)
    names, page = context(request).names, Place.read(parameters, default=MOST)
    found = await _find_actors(request, parameters, page)
    return Json([account(actor, names) for actor in found])


async def search(request: Request) -> Json[Search]:
    """GET /api/v2/search -> Search; `type` says what for, `offset` skips what was there, `resolve` asks other servers.

    Raises:
        Unauthorised: the public asks for more than a first page, or has us ask other servers.
    """
    parameters = await read(request)
    page, wanted = Place.read(parameters, default=20), parameters.text("type")
    if viewer(request) is None and (parameters.flag("resolve") or page.offset):
        raise Unauthorised("Log in to search on other servers, or further.")
    text, asking = parameters.text("q").strip(), viewer(request)

    def wants(kind: str) -> bool:
        return wanted in ("", kind)

    if text.startswith(ADDRESSES):
        if page.offset:
            return Json(_answer(request, [], [], []))
        actors, posts = await _at_address(request, text, resolve=parameters.flag("resolve"))
        return Json(_answer(request, actors if wants("accounts") else [], posts if wants("statuses") else [], []))
    actors = await _find_actors(request, parameters, page) if wants("accounts") else []
    posts = await _find_posts(parameters, asking, page) if wants("statuses") and asking is not None else []
    hashtags = await _find_tags(request, text, page) if wants("hashtags") else []
    return Json(_answer(request, actors, posts, hashtags))


@dataclass(frozen=True, slots=True)
class Place:
    """How many of each kind are wanted, and how many of them were there before."""

    limit: int
    offset: int

    @classmethod
    def read(cls, parameters: Parameters, *, default: int) -> "Place":
        """Read it from the parameters.

        Raises:
            Invalid: one of them is no number.
        """
        limit = parameters.number("limit", default, least=1, most=MOST)
        return cls(limit, parameters.number("offset", 0, least=0, most=MOST_PLACES))


def _answer(request: Request, actors: list[Actor], posts: list[PostView], hashtags: list[Tag]) -> Search:
    names, asking = context(request).names, viewer(request)
    return {
        "accounts": [account(actor, names) for actor in actors],
        "statuses": [status(view, names, asking) for view in posts],
        "hashtags": hashtags,
    }


async def _at_address(request: Request, text: str, *, resolve: bool) -> tuple[list[Actor], list[PostView]]:
    """Find the post or the actor at an address, asking its server where it is not here and that is wanted."""
    asking, ctx = viewer(request), context(request)
    if (post := await queries.post_at(text, asking, ctx.names)) is None:
        is_profile = queries.handle_at(text, ctx.names) is not None
        if (actors := await _find_named(request, text, resolve=resolve and is_profile)) or not resolve:
            return actors, []
        found = await _resolved(text, ctx)
        if not isinstance(found, Post):
            return [found] if found else [], []
        post = found
    view = await one(post.id, asking)
    return [], [view] if view else []


async def _resolved(address: str, ctx: Context) -> Actor | Post | None:
    try:
        return await resolving.resolve(address, ctx)
    except FederationError:
        return None


async def _find_posts(parameters: Parameters, asking: Actor, page: Place) -> list[PostView]:
    """Find posts by words; what looks like a handle is none."""
    text = parameters.text("q").strip()
    if not text or ("@" in text and " " not in text and ":" not in text):
        return []
    part = Part(page.limit, page.offset, *(parameters.id(name) for name in ("account_id", "max_id", "min_id")))
    found = await search_posts.found(questions.read(text), asking, part)
    return [view for view in found if not view.is_hidden(FilterContext.PUBLIC)]


async def _find_tags(request: Request, text: str, page: Place) -> list[Tag]:
    if not text or "@" in text:
        return []
    names, asking = context(request).names, viewer(request)
    found = await search_tags.found(text, limit=page.limit, offset=page.offset)
    followed = await tags.followed_among(asking, found) if asking else set()
    return [tag(name, names, is_followed=name in followed if asking else None) for name in found]


async def _find_actors(request: Request, parameters: Parameters, page: Place) -> list[Actor]:
    """Find whom a text names in full, then those whose names begin like it."""
    text, asking = parameters.text("q").strip(), viewer(request)
    only_followed = parameters.flag("following")
    if not text or text.startswith("#"):
        return []
    named = await _find_named(request, text, resolve=parameters.flag("resolve"))
    if named and only_followed and asking:
        named = [actor for actor in named if (await standings(asking, [actor.id]))[actor.id].is_following]
    if asking is None or text.startswith(ADDRESSES):
        return named if page.offset == 0 else []
    most = page.offset + page.limit
    alike = await queries.actors(text, asking, limit=most, only_followed=only_followed)
    return list({actor.id: actor for actor in [*named, *alike]}.values())[page.offset : most]


async def _find_named(request: Request, text: str, *, resolve: bool) -> list[Actor]:
    """Find whom a uri, the address of a profile page or a handle names; `resolve` asks their server."""
    ctx = context(request)
    is_address = text.startswith(ADDRESSES)
    known = await Actor.get_or_none(uri=text, gone_at=None) if is_address else await lookup.known(text, ctx)
    handle = queries.handle_at(text, ctx.names) if is_address else None
    if known is None and handle is not None:
        known, text = await lookup.known(handle, ctx), handle
    if known is not None and not await queries.may_learn_of(viewer(request), known):
        known = None
    if known is not None or not resolve or ("@" not in text.lstrip("@") and not text.startswith(ADDRESSES)):
        return [known] if known else []
    try:
        return [await lookup.find(text, ctx)]
    except NotFound:
        return []
