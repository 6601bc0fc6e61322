"""A member's timelines: home, what is public here, one of their lists, a hashtag, what they keep, what they like."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from federation.markup import normalise_tag
from models.filters import FilterContext
from models.lists import ReadingList
from server.errors import NotFound
from server.lists import queries as lists
from server.posts import bookmarks
from server.posts import queries as posts
from server.posts.queries import PostView
from server.sections.queries import to_follow
from server.tags import queries as tags
from server.timelines import queries as timelines
from web.home.paging import PAGE_ITEMS, Cursor, Load, Row, read_news, read_page
from web.home.shown import show
from web.shared.forms import MAX_ID
from web.shared.in_place import is_in_place, part
from web.shared.logged_in import LoggedIn, for_members, go, live_page
from web.shared.site import context_of

MAX_TAG_CHARACTERS = 100
MOST_TAGS = 20
SUGGESTED = 6


@dataclass(frozen=True, slots=True)
class Timeline:
    """One of them: its name in the templates, which filters apply, how a page is loaded, and what is heard live of it."""

    name: str
    where: FilterContext
    load: Load
    stream: str = ""
    list: ReadingList | None = None
    tag: str = ""


@for_members
async def home(request: Request, who: LoggedIn) -> Response:
    """GET /home?before=<item id>, or after, or since."""
    load = by_item(partial(timelines.home, who.actor))
    return await _timeline(request, who, Timeline("home", FilterContext.HOME, load, "home"))


@for_members
async def local(request: Request, who: LoggedIn) -> Response:
    """GET /home/local: what is public on this server."""
    load = by_item(partial(posts.public, who.actor, local=True))
    return await _timeline(request, who, Timeline("local", FilterContext.PUBLIC, load, "local"))


@for_members
async def network(request: Request, who: LoggedIn) -> Response:
    """GET /home/network: what the sections publish that this server is bound with."""
    load = by_item(partial(timelines.network, who.actor))
    return await _timeline(request, who, Timeline("network", FilterContext.PUBLIC, load))


@for_members
async def of_list(request: Request, who: LoggedIn) -> Response:
    """GET /home/lists/{id}: what those write who are in one of the member's lists."""
    id_ = request.path_params["id"]
    if id_ > MAX_ID:
        raise NotFound("You have no such list.")
    row = await lists.one(who.actor, id_)
    load = by_item(partial(timelines.of_list, who.actor, row))
    return await _timeline(request, who, Timeline("list", FilterContext.HOME, load, f"list&list={row.id}", list=row))


@for_members
async def of_tag(request: Request, who: LoggedIn) -> Response:
    """GET /home/tags/{name}: in another spelling than the canonical one, members are sent to that."""
    typed = request.path_params["name"]
    name = normalise_tag(typed)
    if not name or len(typed) > MAX_TAG_CHARACTERS or not typed.isprintable():
        raise NotFound("This page does not exist.")
    if name != typed:
        return go(f"/home/tags/{quote(name)}")
    load = by_item(partial(tags.posts, tags.Wanted([name]), who.actor))
    return await _timeline(request, who, Timeline("tag", FilterContext.PUBLIC, load, tag=name))


@for_members
async def kept(request: Request, who: LoggedIn) -> Response:
    """GET /home/bookmarks: the last one kept first."""
    load = partial(bookmarks.bookmarked, who.actor)
    return await _timeline(request, who, Timeline("bookmarks", FilterContext.ACCOUNT, load))


@for_members
async def liked(request: Request, who: LoggedIn) -> Response:
    """GET /home/favourites: the last one liked first."""
    load = partial(bookmarks.liked, who.actor)
    return await _timeline(request, who, Timeline("favourites", FilterContext.ACCOUNT, load))


def by_item(load: Callable[..., Awaitable[list[PostView]]]) -> Load:
    """Have the rows of a timeline stand by the id that it is paged by."""

    async def loaded(**page: int | None) -> list[Row]:
        return [(view.item_id, view) for view in await load(**page)]

    return loaded


async def _timeline(request: Request, who: LoggedIn, line: Timeline) -> Response:
    cursor, now = Cursor.read(request), context_of(request).now()
    path = quote(request.scope["path"])
    if cursor.since is not None and is_in_place(request):
        items = await show(await read_news(line.load, cursor.since), who.actor, now, line.where)
        return await part(request, who, "home/items.html", items=items, here=path)
    page = await read_page(line.load, cursor)
    items = await show(page.rows, who.actor, now, line.where)
    is_empty = not page.rows and not cursor.query
    return await live_page(
        request,
        who,
        "home/home.html",
        line=line,
        items=items,
        page=page,
        cursor=cursor,
        most=PAGE_ITEMS,
        path=path,
        here=path + cursor.query,
        own_lists=await lists.all_of(who.actor),
        own_tags=await tags.followed(who.actor, limit=MOST_TAGS),
        sections=await to_follow(who.actor, limit=SUGGESTED) if is_empty and line.name == "home" else [],
    )
