"""The feeds of sections, members, hashtags and the server: public posts, newest first, and agendas, the next event first.

Source: RFC 4287 (Atom); RSS 2.0; JSON Feed 1.1
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.actor import Actor, ActorType
from server.activitypub.negotiation import respond_bytes
from server.errors import NotFound
from server.events import agendas
from server.posts import queries
from web.feeds import json_feed
from web.feeds.feed import Feed, content_of, title_of
from web.profiles.pages import local_actor
from web.shared.kept_pages import Endpoint, hour_of, kept, kept_by_the_hour
from web.shared.rendering import environment, excerpt, gettext_of, language_of
from web.shared.site import context_of, site_of
from web.tags.pages import name_of

FEED_POSTS = 20
FEED_EVENTS = 100
MAX_AGE_SECONDS = 60
TEMPLATES = {
    "atom": ("feeds/atom.xml", "application/atom+xml; charset=utf-8"),
    "rss": ("feeds/rss.xml", "application/rss+xml; charset=utf-8"),
}
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
EVERYBODY = {"Access-Control-Allow-Origin": "*"}

# What XML 1.0 §2.2 allows in no document, however it is written.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def main_posts(form: str) -> Endpoint:
    """GET /feed.atom, .rss, .json: the main section's posts."""

    async def endpoint(request: Request) -> Response:
        site = await site_of(request)
        if site.section is None:
            raise NotFound("This page does not exist.")
        return answer(request, await _posts(site.section.actor), form)

    return kept(endpoint)


def posts(form: str) -> Endpoint:
    """GET /@{username}.atom, .rss, .json."""

    async def endpoint(request: Request) -> Response:
        return answer(request, await _posts(await speaking_actor(request)), form)

    return kept(endpoint)


def main_agenda(form: str) -> Endpoint:
    """GET /agenda.atom, .rss, .json: the server's."""

    async def endpoint(request: Request) -> Response:
        site = await site_of(request)
        if site.section is None:
            raise NotFound("This page does not exist.")
        origin, section = site.names.origin, site.section
        feed = Feed(
            f"{origin}/agenda",
            gettext_of(request)("Agenda of %(name)s") % {"name": site.title},
            f"{origin}/agenda",
            "",
            site.title,
            origin,
            section.created_at,
            await agendas.of_server(since=hour_of(request), limit=FEED_EVENTS),
        )
        return answer(request, feed, form)

    return kept_by_the_hour(endpoint)


def agenda(form: str) -> Endpoint:
    """GET /@{username}/agenda.atom, .rss, .json; the last of them is for pages on other servers, too."""

    async def endpoint(request: Request) -> Response:
        actor = await speaking_actor(request)
        feed = Feed(
            f"{actor.uri}/agenda",
            gettext_of(request)("Agenda of %(name)s") % {"name": actor.name},
            f"{actor.url or actor.uri}/agenda",
            excerpt(actor.note_html or ""),
            actor.name,
            actor.url or actor.uri,
            actor.published_at,
            await agendas.of_section(actor, since=hour_of(request), limit=FEED_EVENTS),
        )
        return answer(request, feed, form, EVERYBODY if form == "json" else None)

    return kept_by_the_hour(endpoint)


def tag(form: str) -> Endpoint:
    """GET /tags/{name}.atom, .rss, .json: public posts of everybody; search engines are to leave it alone."""

    async def endpoint(request: Request) -> Response:
        site, name = await site_of(request), name_of(request)
        address = site.names.tag(name)
        if name != request.path_params["name"]:
            return RedirectResponse(f"{address}.{form}", 302)
        views = await queries.by_tag(name, None, limit=FEED_POSTS)
        began_at = site.section.created_at if site.section is not None else BEGINNING
        feed = Feed(address, f"#{name}", address, "", site.title, site.names.origin, began_at, views)
        return answer(request, feed, form, {"X-Robots-Tag": "noindex"})

    return kept(endpoint)


async def speaking_actor(request: Request) -> Actor:
    """Find the section or member of ours that the address names.

    Raises:
        NotFound: there is none; Gone: there was.
    """
    actor = await local_actor(request.path_params["username"])
    if actor.type is ActorType.APPLICATION:
        raise NotFound("This page does not exist.")
    return actor


async def _posts(actor: Actor) -> Feed:
    views = await queries.by_actor(actor, None, limit=FEED_POSTS, with_replies=False, with_announces=False)
    return Feed(
        actor.uri, actor.name, actor.url or actor.uri, excerpt(actor.note_html or ""), actor.name,
        actor.url or actor.uri, actor.published_at, views,
    )  # fmt: skip


def answer(request: Request, feed: Feed, form: str, headers: dict[str, str] | None = None) -> Response:
    """Write a feed in one of its forms: "atom", "rss" or "json"."""
    language, path, names = language_of(request), request.scope["path"], context_of(request).names
    every = {
        "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}",
        "Last-Modified": format_datetime(feed.changed_at, usegmt=True),
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
        **(headers or {}),
    }
    if form == "json":
        body = json_feed.written(feed, f"{names.origin}{path}", language, names)
        return respond_bytes(request, body, 200, every | {"Content-Type": json_feed.MEDIA_TYPE})
    template, media_type = TEMPLATES[form]
    text = (
        environment(language)
        .get_template(template)
        .render(
            feed=feed,
            own_path=path,
            names=names,
            rfc822=lambda moment: format_datetime(moment.astimezone(UTC), usegmt=True),
            title_of=title_of,
            content_of=content_of,
        )
    )
    return respond_bytes(request, _NOT_XML.sub("", text).encode(), 200, every | {"Content-Type": media_type})
