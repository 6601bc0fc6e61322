"""Agendas for calendar programs: of a section, of the server, of one event, and a member's own under a private address."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from server.activitypub.negotiation import respond_bytes
from server.errors import NotFound
from server.events import agendas, calendar_links, calendar_writing
from server.throttle import throttled
from web.feeds.pages import MAX_AGE_SECONDS, speaking_actor
from web.posts.pages import open_view
from web.shared.kept_pages import hour_of, kept, kept_by_the_hour
from web.shared.languages import translations
from web.shared.site import site_of

KEEPS_PAST = timedelta(days=60)
"""How far back an agenda goes: a calendar program forgets what it is no longer told."""


@kept_by_the_hour
async def main_agenda(request: Request) -> Response:
    """GET /agenda.ics: the server's."""
    site = await site_of(request)
    if site.section is None:
        raise NotFound("This page does not exist.")
    views = await agendas.of_server(since=hour_of(request) - KEEPS_PAST)
    return _answer(request, calendar_writing.write(site.title, views), "agenda.ics")


@kept_by_the_hour
async def agenda(request: Request) -> Response:
    """GET /@{username}/agenda.ics."""
    actor = await speaking_actor(request)
    views = await agendas.of_section(actor, since=hour_of(request) - KEEPS_PAST)
    return _answer(request, calendar_writing.write(actor.name, views), f"{actor.username}.ics")


@kept
async def event(request: Request) -> Response:
    """GET /@{username}/{id}.ics."""
    view = await open_view(request, of_username=request.path_params["username"])
    if view.event is None or view.post.actor.local_name != request.path_params["username"].lower():
        raise NotFound("This page does not exist.")
    return _answer(request, calendar_writing.write(view.post.title, [view]), f"{view.post.id}.ics")


@throttled("calendar", burst=60, every_seconds=5)
async def personal(request: Request) -> Response:
    """GET /calendar/{token}.ics: whose it is, is nowhere written down; nothing keeps it on the way."""
    member = await calendar_links.member_of(request.path_params["token"])
    if member is None:
        raise NotFound("This page does not exist.")
    site = await site_of(request)
    views = await agendas.of_member(member.actor, since=hour_of(request) - KEEPS_PAST)
    name = translations(member.language).gettext("My agenda on %(name)s") % {"name": site.title}
    body = calendar_writing.write(name, views, language=member.language)
    private = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
    return _answer(request, body, "agenda.ics", private)


def _answer(request: Request, body: bytes, name: str, headers: dict[str, str] | None = None) -> Response:
    every = {
        "Content-Type": calendar_writing.MEDIA_TYPE,
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": f"public, max-age={MAX_AGE_SECONDS}",
        "X-Content-Type-Options": "nosniff",
        **(headers or {}),
    }
    return respond_bytes(request, body, 200, every)
