"""The feeds of a section or member: its own public posts, newest first.   Source: RFC 4287 (Atom); RSS 2.0."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor, ActorType
from models.post import Post
from server.activitypub.negotiation import respond_bytes
from server.errors import NotFound
from server.posts import queries
from server.posts.queries import PostView
from web.profiles.pages import local_actor
from web.shared.kept_pages import kept
from web.shared.rendering import environment, excerpt, language_of
from web.shared.site import context_of, site_of

FEED_POSTS = 20
TITLE_CHARACTERS = 90
MAX_AGE_SECONDS = 60
ATOM = "application/atom+xml; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"

# What XML 1.0 §2.2 allows in no document, however it is written.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@kept
async def main_atom(request: Request) -> Response:
    """GET /feed.atom: the main section's."""
    site = await site_of(request)
    if site.section is None:
        raise NotFound("This page does not exist.")
    return await _feed(request, site.section.actor, "feeds/atom.xml", ATOM)


@kept
async def atom(request: Request) -> Response:
    """GET /@{username}.atom."""
    return await _feed(request, await local_actor(request.path_params["username"]), "feeds/atom.xml", ATOM)


@kept
async def rss(request: Request) -> Response:
    """GET /@{username}.rss."""
    return await _feed(request, await local_actor(request.path_params["username"]), "feeds/rss.xml", RSS)


async def _feed(request: Request, actor: Actor, template: str, media_type: str) -> Response:
    if actor.type is ActorType.APPLICATION:
        raise NotFound("This page does not exist.")
    views = await queries.by_actor(actor, None, limit=FEED_POSTS, with_replies=False, with_announces=False)
    changed_at = newest_change(actor, views)
    language = language_of(request)
    headers = {
        "Content-Type": media_type,
        "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}",
        "Last-Modified": format_datetime(changed_at, usegmt=True),
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    text = (
        environment(language)
        .get_template(template)
        .render(
            actor=actor,
            views=views,
            changed_at=changed_at,
            own_path=request.scope["path"],
            names=context_of(request).names,
            rfc822=lambda moment: format_datetime(moment.astimezone(UTC), usegmt=True),
            title_of=title_of,
            content_of=content_of,
        )
    )
    return respond_bytes(request, _NOT_XML.sub("", text).encode(), 200, headers)


def newest_change(actor: Actor, views: list[PostView]) -> datetime:
    """Tell when the feed last changed, to the second; an empty one when its actor was made."""
    moments = [changed(view.post) for view in views] or [actor.published_at]
    return max(moments).astimezone(UTC).replace(microsecond=0)


def changed(post: Post) -> datetime:
    """Tell when a post last changed."""
    return post.edited_at or post.published_at


def title_of(post: Post) -> str:
    """Give an entry a title: the post's own, its warning, or its first words."""
    return post.title or post.content_warning or excerpt(post.content_html, TITLE_CHARACTERS) or "…"


def content_of(post: Post) -> str:
    """Give the HTML of an entry; a warning stands before what it warns of."""
    warning = f"<p><strong>{escape(post.content_warning)}</strong></p><hr>" if post.content_warning else ""
    return warning + post.content_html
