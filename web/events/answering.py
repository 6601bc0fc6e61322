"""An event as a member reads it, wherever it is organised, and their answer: yes with whom and what for, perhaps, no."""

from starlette.requests import Request
from starlette.responses import Response

from federation.context import Context
from models.post import Post
from server.errors import AppError, NotFound
from server.events import participation
from server.posts import queries
from server.posts.queries import PostView
from web.events.around import around
from web.events.shown import report_of, standing
from web.events.wishes import Fields, read_wish, said_before, typed_again
from web.profiles.pages import MAX_ID
from web.shared.kept_pages import hour_of
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form, perform
from web.shared.site import context_of, site_of

PERHAPS, NO = 1, 2


@for_members
async def event(request: Request, who: LoggedIn) -> Response:
    """GET /events/{id}."""
    view = await _view(request, who)
    assert view.event is not None
    return await _page(request, who, view, await said_before(view.event.own))


@own_form
async def answer(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /events/{id}: do=yes with guests, shift-<id>, question-<id> and message; do=perhaps; do=no."""
    view = await _view(request, who)
    try:
        said = await perform(_DEEDS, typed.get("do", ""), who, view.post, typed, context_of(request))
    except AppError as refused:
        return await _page(request, who, view, typed_again(typed), refused)
    return go(f"/events/{view.post.id}", said)


async def _view(request: Request, who: LoggedIn) -> PostView:
    """Load the event that the address names.

    Raises:
        NotFound: there is none that the member may read.
    """
    id_ = request.path_params["id"]
    view = await queries.one(id_, who.actor) if id_ <= MAX_ID else None
    if view is None or view.event is None:
        raise NotFound("This event does not exist, or is not for you.")
    return view


async def _page(
    request: Request, who: LoggedIn, view: PostView, fields: Fields, refused: AppError | None = None
) -> Response:
    assert view.event is not None
    return await member_page(
        request,
        who,
        "events/event.html",
        coloured=await (await site_of(request)).section_of(view.post.actor),
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        view=view,
        report=await report_of(view.event, who.actor),
        around=await around(view.event.place),
        **standing(view.event, hour_of(request)),
        fields=fields,
    )


async def _yes(who: LoggedIn, event: Post, typed: Typed, ctx: Context) -> str:
    await participation.join(who.actor, event, ctx, read_wish(typed))
    return "answered"


async def _perhaps(who: LoggedIn, event: Post, typed: Typed, ctx: Context) -> str:
    await participation.choose(who.actor, event, PERHAPS, ctx)
    return "answered"


async def _no(who: LoggedIn, event: Post, typed: Typed, ctx: Context) -> str:
    await participation.choose(who.actor, event, NO, ctx)
    return "answered"


_DEEDS = {"yes": _yes, "perhaps": _perhaps, "no": _no}
