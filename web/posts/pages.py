"""The page of a post: what it answers, the post, what was answered."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.post import Post
from server.errors import Gone, NotFound
from server.posts import queries
from server.posts.deleted import was_open
from server.posts.queries import PostView
from server.sections.acts import shown_author
from web.cards import cards
from web.events.around import around
from web.events.shown import report_of, standing
from web.events.wishes import Fields
from web.posts.event_head import event_head
from web.profiles.pages import MAX_ID, local_actor
from web.shared.codes import drawn
from web.shared.kept_pages import hour_of, kept_by_the_hour
from web.shared.rendering import render
from web.shared.site import context_of, site_of
from web.shared.structured import post_data

DEEPEST_INDENT = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as it is shown: `depth` steps inside, and whose post it answers where that does not stand just above."""

    view: PostView
    depth: int
    answered_name: str


@kept_by_the_hour
async def post(request: Request) -> Response:
    """GET /@{username}/{id}."""
    view = await open_view(request, of_username=request.path_params["username"])
    shown = view.post
    if shown.actor.local_name != request.path_params["username"].lower():
        return RedirectResponse(shown.url, 302)
    replies, site = await queries.descendants(shown, None), await site_of(request)
    section = await site.section_of(shown.actor)
    return render(
        request,
        "posts/post.html",
        site=site,
        coloured=section,
        vary="Accept, Accept-Language",
        view=view,
        event_head=event_head(view),
        card=cards.link_to_post(view, section, site),
        described=post_data(view),
        author=await shown_author(shown) if shown.actor.is_group else None,
        handle=f"@{context_of(request).names.handle(shown.actor.username)}",
        ancestors=await queries.ancestors(shown, None),
        replies=nested(shown, replies),
        **(await _of_event(request, view)),
    )


async def _of_event(request: Request, view: PostView) -> dict[str, Any]:
    """Give what the page of an event shows besides."""
    if view.event is None:
        return {}
    return {
        "report": await report_of(view.event, None),
        **standing(view.event, hour_of(request)),
        "nothing_typed": Fields(),
        "around": await around(view.event.place),
        "drawing": drawn(view.post.url),
    }


async def post_by_id(request: Request) -> Response:
    """GET /posts/{id}: people are sent to the page."""
    view = await open_view(request)
    return RedirectResponse(view.post.url, 302, {"Vary": "Accept"})


async def open_view(request: Request, *, of_username: str = "") -> PostView:
    """Load the post of ours that the address names.

    Raises:
        NotFound: there is none that everybody may read.
        Gone: there was, or its author has gone.
    """
    id_ = request.path_params["id"]
    view = await queries.one(id_, None) if id_ <= MAX_ID else None
    if view is not None and view.post.is_local:
        return view
    if of_username:
        await local_actor(of_username)
    if await was_open(context_of(request).names.post(id_)):
        raise Gone("This post has been deleted.")
    raise NotFound("This post does not exist, or is not for everybody.")


def nested(root: Post, views: list[PostView]) -> list[Reply]:
    """Say how deep each reply stands. `views` come each below what it answers."""
    depths, names = {root.id: -1}, {root.id: root.actor.name}
    replies: list[Reply] = []
    above = root.id
    for view in views:
        parent_id = view.post.in_reply_to_id or root.id
        depth = depths[view.post.id] = depths.get(parent_id, -1) + 1
        names[view.post.id] = view.post.actor.name
        says_whom = parent_id != above and parent_id != root.id
        replies.append(Reply(view, min(depth, DEEPEST_INDENT), names.get(parent_id, "") if says_whom else ""))
        above = view.post.id
    return replies
