"""What a section published, for those who speak for it, and deleting some of it."""

from starlette.requests import Request
from starlette.responses import Response

from server.posts import queries
from server.sections import published, speaking
from server.sections.permissions import Act
from web.profiles.pages import before_of
from web.sections.finding import Desk, at_desk, desk_form, desk_page, own_post_of
from web.shared.logged_in import Typed, go
from web.shared.site import context_of


@at_desk(*published.ACTS)
async def list_posts(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/posts?before=<id>."""
    found = await published.published(desk.section, desk.by, limit=published.PAGE_POSTS + 1, max_id=before_of(request))
    shown = found[: published.PAGE_POSTS]
    return await desk_page(
        request,
        desk,
        "posts.html",
        posts=shown,
        next_before=shown[-1].view.post.id if len(found) > published.PAGE_POSTS else None,
    )


@at_desk(Act.DELETE_POST)
async def delete_form(request: Request, desk: Desk) -> Response:
    """GET /@{username}/desk/posts/{id}/delete: asks once whether they mean it."""
    [view] = await queries.views([await own_post_of(request, desk)], desk.section.actor)
    return await desk_page(request, desk, "delete.html", view=view)


@desk_form(Act.DELETE_POST)
async def delete(request: Request, desk: Desk, typed: Typed) -> Response:
    """POST /@{username}/desk/posts/{id}/delete. 303 to the list."""
    await speaking.delete(desk.section, desk.by, await own_post_of(request, desk), context_of(request))
    return go(f"{desk.address}/posts", "deleted")
