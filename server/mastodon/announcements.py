"""Announcements.   Source: docs.joinmastodon.org/methods/announcements, /entities/Announcement"""

from typing import TypedDict

from starlette.requests import Request

from server.admin.terms import as_html
from server.announcements import actions, queries
from server.announcements.queries import AnnouncementView
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.kinds import Html, Id, Instant, Nothing
from server.mastodon.entities.moments import instant
from server.mastodon.parameters import path_id


class AnnouncementReaction(TypedDict):
    """How many answered with one emoji; never who."""

    name: str
    count: int
    me: bool


class Announcement(TypedDict):
    """What is said to all members."""

    id: Id
    content: Html
    starts_at: Instant | None
    ends_at: Instant | None
    published: bool
    all_day: bool
    published_at: Instant
    updated_at: Instant
    read: bool
    mentions: list[Nothing]
    statuses: list[Nothing]
    tags: list[Nothing]
    emojis: list[Nothing]
    reactions: list[AnnouncementReaction]


async def index(request: Request) -> Json[list[Announcement]]:
    """GET /api/v1/announcements -> [Announcement], the newest first."""
    return Json([_announcement(view) for view in await queries.shown(me(request), context(request).now())])


async def dismiss(request: Request) -> Json[Nothing]:
    """POST /api/v1/announcements/{id}/dismiss -> {}."""
    await actions.put_away(await queries.one(path_id(request), context(request).now()), me(request))
    return Json({})


async def react(request: Request) -> Json[Nothing]:
    """PUT /api/v1/announcements/{id}/reactions/{emoji} -> {}."""
    row = await queries.one(path_id(request), context(request).now())
    await actions.react(row, me(request), request.path_params["emoji"])
    return Json({})


async def unreact(request: Request) -> Json[Nothing]:
    """DELETE /api/v1/announcements/{id}/reactions/{emoji} -> {}."""
    row = await queries.one(path_id(request), context(request).now())
    await actions.unreact(row, me(request), request.path_params["emoji"])
    return Json({})


def _announcement(view: AnnouncementView) -> Announcement:
    row = view.row
    return {
        "id": str(row.id),
        "content": as_html(row.text),
        "starts_at": instant(row.starts_at) if row.starts_at else None,
        "ends_at": instant(row.ends_at) if row.ends_at else None,
        "published": True,
        "all_day": False,
        "published_at": instant(row.starts_at or row.created_at),
        "updated_at": instant(row.updated_at),
        "read": view.is_read,
        "mentions": [],
        "statuses": [],
        "tags": [],
        "emojis": [],
        "reactions": [{"name": one.emoji, "count": one.total, "me": one.is_mine} for one in view.reactions],
    }
