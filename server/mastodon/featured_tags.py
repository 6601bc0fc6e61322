"""Hashtags on a profile.   Source: docs.joinmastodon.org/methods/featured_tags, /methods/tags#feature, /methods/accounts"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation.markup import canonical_tag
from models.actor import Actor
from server.errors import Invalid
from server.mastodon.accounts import find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.tag import featured_tag, tag
from server.mastodon.parameters import path_id, read
from server.mastodon.tags import name_of
from server.oauth.scopes import optional, requires
from server.tags import featured, queries


@requires("read:accounts")
async def index(request: Request) -> Response:
    """GET /api/v1/featured_tags -> [FeaturedTag]."""
    return await _answer(request, me(request))


@optional("read:accounts")
async def of_account(request: Request) -> Response:
    """GET /api/v1/accounts/{id}/featured_tags -> [FeaturedTag]; those of other servers' accounts are not known here."""
    return await _answer(request, await find_account(request))


@requires("write:accounts")
async def create(request: Request) -> Response:
    """POST /api/v1/featured_tags -> FeaturedTag.

    Raises:
        Invalid: `name` is no hashtag.
    """
    if (name := canonical_tag((await read(request)).text("name"))) is None:
        raise Invalid("name must be a hashtag.")
    return Json(featured_tag(await featured.feature(me(request), name), context(request).names))


@requires("write:accounts")
async def delete(request: Request) -> Response:
    """DELETE /api/v1/featured_tags/{id} -> {}."""
    await featured.remove(me(request), path_id(request))
    return Json({})


@requires("read:accounts")
async def suggestions(request: Request) -> Response:
    """GET /api/v1/featured_tags/suggestions -> [Tag], those one writes about most."""
    names, actor = context(request).names, me(request)
    found = await featured.suggested(actor)
    followed = await queries.followed_among(actor, found)
    return Json([tag(name, names, is_followed=name in followed) for name in found])


@requires("write:accounts")
async def feature(request: Request) -> Response:
    """POST /api/v1/tags/{name}/feature -> Tag."""
    name = name_of(request)
    await featured.feature(me(request), name)
    return await _answer_tag(request, name, is_featured=True)


@requires("write:accounts")
async def unfeature(request: Request) -> Response:
    """POST /api/v1/tags/{name}/unfeature -> Tag."""
    name = name_of(request)
    await featured.unfeature(me(request), name)
    return await _answer_tag(request, name, is_featured=False)


async def _answer_tag(request: Request, name: str, *, is_featured: bool) -> Response:
    is_followed = await queries.is_followed(me(request), name)
    return Json(tag(name, context(request).names, is_followed=is_followed, is_featured=is_featured))


async def _answer(request: Request, actor: Actor) -> Response:
    names = context(request).names
    return Json([featured_tag(one, names) for one in await featured.of(actor)])


ROUTES = [
    Route("/v1/featured_tags", index),
    Route("/v1/featured_tags", create, methods=["POST"]),
    Route("/v1/featured_tags/suggestions", suggestions),
    Route("/v1/featured_tags/{id}", delete, methods=["DELETE"]),
    Route("/v1/accounts/{id}/featured_tags", of_account),
    Route("/v1/tags/{name}/feature", feature, methods=["POST"]),
    Route("/v1/tags/{name}/unfeature", unfeature, methods=["POST"]),
]
