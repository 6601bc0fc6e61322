"""The page of a hashtag: the public posts that bear it, newest first."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from federation.markup import normalise_tag
from server.errors import NotFound
from server.posts import queries as posts
from web.profiles.pages import PAGE_POSTS, before_of
from web.shared.kept_pages import kept
from web.shared.rendering import render
from web.shared.site import context_of, site_of

MAX_TAG_CHARACTERS = 100
FEEDS = (("atom", "application/atom+xml"), ("rss", "application/rss+xml"), ("json", "application/feed+json"))


@kept
async def tag(request: Request) -> Response:
    """GET /tags/{name}: in another spelling than the canonical one, visitors are sent to that."""
    name = name_of(request)
    if name != request.path_params["name"]:
        return RedirectResponse(context_of(request).names.tag(name), 302)
    before = before_of(request)
    views = await posts.by_tag(name, None, limit=PAGE_POSTS + 1, max_id=before)
    return render(
        request,
        "tags/tag.html",
        site=await site_of(request),
        name=name,
        address=f"/tags/{quote(name)}",
        feeds=FEEDS,
        views=views[:PAGE_POSTS],
        before=before,
        next_before=views[PAGE_POSTS - 1].item_id if len(views) > PAGE_POSTS else None,
    )


def name_of(request: Request) -> str:
    """Give the hashtag that the address names, in its canonical form.

    Raises:
        NotFound: it is none.
    """
    typed = request.path_params["name"]
    name = normalise_tag(typed)
    if not name or len(typed) > MAX_TAG_CHARACTERS or not typed.isprintable():
        raise NotFound("This page does not exist.")
    return name
