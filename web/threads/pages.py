"""A post and its conversation as a member reads them, wherever they were written."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from models.filters import FilterContext
from server.errors import AppError, NotFound
from server.posts import queries
from server.posts.queries import PostView
from server.threads.actions import look_further
from web.home.shown import Shown, show
from web.posts.pages import nested
from web.shared.forms import MAX_ID
from web.shared.logged_in import LoggedIn, for_members, live_page
from web.shared.site import context_of, site_of


@for_members
async def thread(request: Request, who: LoggedIn) -> Response:
    """GET /threads/{id}: what the post answers, the post, what was answered."""
    return await thread_page(request, who, await readable(request, who))


async def readable(request: Request, who: LoggedIn) -> PostView:
    """Load the post that the address names.

    Raises:
        NotFound: there is none that the member may read.
    """
    id_ = request.path_params["id"]
    view = await queries.one(id_, who.actor) if id_ <= MAX_ID else None
    if view is None:
        raise NotFound("This post does not exist, or is not for you.")
    return view


async def thread_page(
    request: Request, who: LoggedIn, view: PostView, refused: AppError | None = None
) -> Response:  # fmt: skip
    """Show a conversation around one of its posts; the rest of another server's is asked for meanwhile."""
    post, ctx = view.post, context_of(request)
    above, below = await queries.ancestors(post, who.actor), await queries.descendants(post, who.actor)
    await look_further(post, above[0].post if above else post, ctx)
    return await live_page(
        request,
        who,
        "threads/thread.html",
        status=refused.status if refused else 200,
        problem=refused.message if refused else "",
        coloured=await (await site_of(request)).section_of(post.actor),
        view=view,
        here=f"/threads/{post.id}",
        **await _items(who, view, above, below, request),
    )


async def _items(
    who: LoggedIn, view: PostView, above: list[PostView], below: list[PostView], request: Request
) -> dict[str, Any]:
    """Give the conversation as it is shown; filters leave out what they hide, but the post that was asked for."""
    now = context_of(request).now()
    views = [*above, view, *below]
    found = await show([(one.post.id, one) for one in views], who.actor, now, FilterContext.THREAD)
    items = {item.item_id: item for item in found}
    [root] = await show([(view.post.id, view)], who.actor, now, None)
    return {
        "ancestors": [items[one.post.id] for one in above if one.post.id in items],
        "root": root,
        "replies": _replies(view, below, items),
    }


def _replies(view: PostView, below: list[PostView], items: dict[int, Shown]) -> list[tuple[int, Shown]]:
    """Say how deep each answer stands: (depth, item)."""
    placed = nested(view.post, below)
    return [(reply.depth, items[reply.view.post.id]) for reply in placed if reply.view.post.id in items]
