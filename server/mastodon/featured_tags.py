"""Hashtags on a profile.   Source: docs.joinmastodon.org/methods/featured_tags, /methods/tags#feature, /methods/accounts"""

from starlette.requests import Request

from federation.markup import canonical_tag
from models.actor import Actor
from server.errors import Invalid
from server.mastodon.accounts import find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Nothing
from server.mastodon.entities.tag import FeaturedTag, Tag, featured_tag, tag
from server.mastodon.parameters import path_id, read
from server.mastodon.tags import name_of
from server.tags import featured, queries


async def index(request: Request) -> Json[list[FeaturedTag]]:
    """GET /api/v1/featured_tags -> [FeaturedTag]."""
    return await _answer(request, me(request))


async def of_account(request: Request) -> Json[list[FeaturedTag]]:
    """GET /api/v1/accounts/{id}/featured_tags -> [FeaturedTag]; those of other servers' accounts are not known here."""
    return await _answer(request, await find_account(request))


async def create(request: Request) -> Json[FeaturedTag]:
    """POST /api/v1/featured_tags -> FeaturedTag.

    Raises:
        Invalid: `name` is no hashtag.
    """
    if (name := canonical_tag((await read(request)).text("name"))) is None:
        raise Invalid("name must be a hashtag.")
    return Json(featured_tag(await featured.feature(me(request), name), context(request).names))


async def delete(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/featured_tags/{id} -> {}."""
    await featured.remove(me(request), path_id(request))
    return Json({})


async def suggestions(request: Request) -> Json[list[Tag]]:
    """GET /api/v1/featured_tags/suggestions -> [Tag], those one writes about most."""
    names, actor = context(request).names, me(request)
    found = await featured.suggested(actor)
    followed = await queries.followed_among(actor, found)
    return Json([tag(name, names, is_followed=name in followed) for name in found])


async def feature(request: Request) -> Json[Tag]:
    """POST /api/v1/tags/{name}/feature -> Tag."""
    name = name_of(request)
    await featured.feature(me(request), name)
    return await _answer_tag(request, name, is_featured=True)


async def unfeature(request: Request) -> Json[Tag]:
    """POST /api/v1/tags/{name}/unfeature -> Tag."""
    name = name_of(request)
    await featured.unfeature(me(request), name)
    return await _answer_tag(request, name, is_featured=False)


async def _answer_tag(request: Request, name: str, *, is_featured: bool) -> Json[Tag]:
    is_followed = await queries.is_followed(me(request), name)
    return Json(tag(name, context(request).names, is_followed=is_followed, is_featured=is_featured))


async def _answer(request: Request, actor: Actor) -> Json[list[FeaturedTag]]:
    names = context(request).names
    return Json([featured_tag(one, names) for one in await featured.of(actor)])
