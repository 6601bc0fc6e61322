"""Hashtags: shown, followed, read.   Source: docs.joinmastodon.org/methods/tags, /followed_tags, /timelines#tag"""

from starlette.requests import Request

from federation.markup import canonical_tag
from models.filters import FilterContext
from server.errors import NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.status import Status
from server.mastodon.entities.tag import Tag, tag
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, read
from server.mastodon.timelines import answer_page
from server.tags import actions, featured, queries
from server.tags.queries import Wanted

MOST_NAMES = 4  # in each of any, all and none, as in Mastodon


async def show(request: Request) -> Json[Tag]:
    """GET /api/v1/tags/{name} -> Tag, whether or not any post bears it."""
    name, asking = name_of(request), viewer(request)
    if asking is None:
        return Json(tag(name, context(request).names, is_followed=None))
    is_followed, is_featured = await queries.is_followed(asking, name), await featured.is_featured(asking, name)
    return Json(tag(name, context(request).names, is_followed=is_followed, is_featured=is_featured))


async def follow(request: Request) -> Json[Tag]:
    """POST /api/v1/tags/{name}/follow -> Tag."""
    name = name_of(request)
    await actions.follow(me(request), name)
    return Json(tag(name, context(request).names, is_followed=True))


async def unfollow(request: Request) -> Json[Tag]:
    """POST /api/v1/tags/{name}/unfollow -> Tag."""
    name = name_of(request)
    await actions.unfollow(me(request), name)
    return Json(tag(name, context(request).names, is_followed=False))


async def followed(request: Request) -> Json[list[Tag]]:
    """GET /api/v1/followed_tags -> [Tag]; pages count when they were followed."""
    page = Page.read(await read(request), default=100, most=200)
    rows = await queries.followed(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    names = context(request).names
    headers = link_header(request, names, page, [row.id for row in shown])
    return Json([tag(row.name, names, is_followed=True) for row in shown], headers=headers)


async def timeline(request: Request) -> Json[list[Status]]:
    """GET /api/v1/timelines/tag/{name} -> [Status]; `any`, `all` and `none` name further hashtags."""
    parameters = await read(request)
    page = Page.read(parameters)
    wanted = Wanted(
        any_of=[name_of(request), *_names(parameters, "any")],
        all_of=_names(parameters, "all"),
        none_of=_names(parameters, "none"),
        local=parameters.flag("local"),
        remote=parameters.flag("remote"),
        only_media=parameters.flag("only_media"),
    )
    rows = await queries.posts(
        wanted, viewer(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )  # fmt: skip
    return answer_page(request, page, rows, FilterContext.PUBLIC)


def name_of(request: Request) -> str:
    """Read the hashtag in the path, whatever its spelling.

    Raises:
        NotFound: it cannot be one.
    """
    if (name := canonical_tag(request.path_params["name"])) is None:
        raise NotFound("This is no hashtag.")
    return name


def _names(parameters: Parameters, field: str) -> list[str]:
    found = (canonical_tag(text) for text in parameters.texts(field)[:MOST_NAMES])
    return [name for name in found if name is not None]
