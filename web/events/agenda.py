"""The agenda: of this server, of a section, and of what a member follows; as a list of days, or as a month."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor, ActorType
from server import kept_answers
from server.errors import NotFound
from server.events import agenda
from server.events.agenda import Wanted
from server.kept_answers import Key
from server.posts.queries import PostView
from web.events.filters import KILOMETRES, Filters, read_filters, written_after
from web.events.month import Day, Month, by_day, following, month_of
from web.profiles.pages import local_actor
from web.shared.kept_pages import hour_of
from web.shared.logged_in import LoggedIn, for_members, member_page
from web.shared.reading import language_of, theme_of
from web.shared.rendering import render
from web.shared.site import site_of

PAGE_EVENTS = 30
MONTH_EVENTS = 400
MOST_GOING_ON = 10
FEEDS = ("atom", "rss")

_KEPT = re.compile(rb"(month=[0-9]{4}-[0-9]{2}|after=[0-9]{1,12}-[0-9]{1,19})?")


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of an agenda: what goes on already and what is to come, by days; or a month. `after` is the next page."""

    filters: Filters
    going_on: list[PostView]
    days: list[Day]
    month: Month | None
    after: str


def key_of(request: Request) -> Key | None:
    """Tell what a public agenda depends on: its address, the language and the hour. What was typed is not kept."""
    query: bytes = request.scope["query_string"]
    if not _KEPT.fullmatch(query):
        return None
    hour = hour_of(request).isoformat()
    return ("agenda", request.scope["path"], query.decode("latin-1"), language_of(request), theme_of(request), hour)


async def _server_agenda(request: Request) -> Response:
    site = await site_of(request)
    if site.section is None:
        raise NotFound("This page does not exist.")
    return await _public(request, Wanted(hour_of(request), is_here=True), None)


async def _section_agenda(request: Request) -> Response:
    actor = await local_actor(request.path_params["username"])
    if actor.type is ActorType.APPLICATION:
        raise NotFound("This page does not exist.")
    return await _public(request, Wanted(hour_of(request), organiser=actor), actor)


server_agenda = kept_answers.kept(_server_agenda, key_of)
"""GET /agenda: what is organised on this server."""

section_agenda = kept_answers.kept(_section_agenda, key_of)
"""GET /@{username}/agenda: what a section organises, alone or with others."""


@for_members
async def own_agenda(request: Request, who: LoggedIn) -> Response:
    """GET /me/agenda: what those organise whom the member follows, and the sections they belong to."""
    site, wanted = await site_of(request), Wanted(hour_of(request), followed_by=who.actor)
    shown = await _shown(request, wanted, who.actor, site.zone)
    return await member_page(request, who, "events/own_agenda.html", **_values(shown), today=_today(request, site.zone))


async def _public(request: Request, wanted: Wanted, organiser: Actor | None) -> Response:
    site = await site_of(request)
    shown = await _shown(request, wanted, None, site.zone)
    return render(
        request,
        "events/agenda.html",
        site=site,
        organiser=organiser,
        coloured=await site.section_of(organiser) if organiser is not None else None,
        address=request.scope["path"],
        feeds=FEEDS,
        today=_today(request, site.zone),
        **_values(shown),
    )


def _values(shown: Shown) -> dict[str, Any]:
    return {"shown": shown, "filters": shown.filters, "distances": KILOMETRES}


def _today(request: Request, zone: ZoneInfo) -> Any:
    return hour_of(request).astimezone(zone).date()


async def _shown(request: Request, wanted: Wanted, viewer: Actor | None, zone: ZoneInfo) -> Shown:
    filters = await read_filters(request.query_params)
    wanted = replace(wanted, kind=filters.kind, words=filters.words, near=await filters.circle())
    if filters.month is not None:
        return await _month(filters, wanted, viewer, zone)
    if filters.after is not None:
        views = await agenda.page(wanted, viewer, limit=PAGE_EVENTS + 1, after=filters.after)
        return _list(filters, [], views, zone)
    going_on, views = await agenda.opening(wanted, viewer, limit=PAGE_EVENTS + 1, limit_going_on=MOST_GOING_ON)
    return _list(filters, going_on, views, zone)


def _list(filters: Filters, going_on: list[PostView], views: list[PostView], zone: ZoneInfo) -> Shown:
    after, last = "", views[PAGE_EVENTS - 1].event if len(views) > PAGE_EVENTS else None
    if last is not None:
        after = written_after(last.event.starts_at, last.event.id)
    return Shown(filters, going_on, by_day(views[:PAGE_EVENTS], zone), None, after)


async def _month(filters: Filters, wanted: Wanted, viewer: Actor | None, zone: ZoneInfo) -> Shown:
    assert filters.month is not None
    since = datetime.combine(filters.month, time(), zone)
    until = datetime.combine(following(filters.month), time(), zone)
    going_on, views = await agenda.opening(
        replace(wanted, since=since, until=until), viewer, limit=MONTH_EVENTS, limit_going_on=MOST_GOING_ON
    )
    return Shown(filters, [], [], month_of(filters.month, [*going_on, *views], zone), "")
