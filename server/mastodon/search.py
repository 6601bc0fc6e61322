"""Search.   Source: docs.joinmastodon.org/methods/search; /methods/accounts#search

Whoever is not logged in finds only what they can name in full: no search lists who is here.
"""

from typing import TypedDict

from starlette.requests import Request

from models.actor import Actor
from server.errors import NotFound, Unauthorised
from server.follows import lookup
from server.follows.queries import standings
from server.mastodon.answers import Json
from server.mastodon.asking import context, viewer
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.status import Status, status
from server.mastodon.entities.tag import Tag
from server.mastodon.parameters import Parameters, read
from server.posts.queries import one
from server.search import queries

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
    limit = parameters.number("limit", MOST, least=1, most=MOST)
    names = context(request).names
    found = await _find_actors(request, parameters, resolve=parameters.flag("resolve"), limit=limit)
    return Json([account(actor, names) for actor in found])


async def search(request: Request) -> Json[Search]:
    """GET /api/v2/search -> Search.

    Raises:
        Unauthorised: the public asks us to ask other servers.
    """
    parameters = await read(request)
    resolve, kind = parameters.flag("resolve"), parameters.text("type")
    if resolve and viewer(request) is None:
        raise Unauthorised("Log in to search on other servers.")
    limit = parameters.number("limit", 20, least=1, most=MOST)
    names = context(request).names
    found: list[Actor] = []
    statuses: list[Status] = []
    is_first_page = parameters.number("offset", 0, least=0, most=2**31) == 0
    if is_first_page and kind in ("", "statuses"):
        statuses = await _find_statuses(request, parameters.text("q").strip())
    if is_first_page and kind in ("", "accounts") and not statuses:
        found = await _find_actors(request, parameters, resolve=resolve, limit=limit)
    return Json({"accounts": [account(actor, names) for actor in found], "statuses": statuses, "hashtags": []})


async def _find_statuses(request: Request, text: str) -> list[Status]:
    if not text.startswith(ADDRESSES):
        return []
    asking = viewer(request)
    post = await queries.post_at(text, asking, context(request).names)
    view = await one(post.id, asking) if post else None
    return [status(view, context(request).names, asking)] if view else []


async def _find_actors(request: Request, parameters: Parameters, *, resolve: bool, limit: int) -> list[Actor]:
    """Find whom a text names in full, then those whose names are like it."""
    text, asking = parameters.text("q").strip(), viewer(request)
    only_followed = parameters.flag("following")
    if not text:
        return []
    named = await _find_named(request, text, resolve=resolve)
    if named and only_followed and asking:
        named = [actor for actor in named if (await standings(asking, [actor.id]))[actor.id].is_following]
    if asking is None or text.startswith(ADDRESSES):
        return named
    alike = await queries.actors(text, asking, limit=limit, only_followed=only_followed)
    return list({actor.id: actor for actor in [*named, *alike]}.values())[:limit]


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
