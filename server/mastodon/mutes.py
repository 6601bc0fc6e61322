"""Mutes of a member, for that member alone.   Source: docs.joinmastodon.org/methods/mutes, /methods/accounts#mute"""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import account
from server.mastodon.entities.moments import instant
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.members import mutes
from server.oauth.scopes import requires

MAX_SECONDS = 100 * 366 * 24 * 3600


@requires("read:mutes")
async def index(request: Request) -> Response:
    """GET /api/v1/mutes -> [MutedAccount]; pages count the mutes, not the accounts."""
    page = Page.read(await read(request), default=40, most=80)
    rows = await mutes.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    names = context(request).names
    headers = link_header(request, names, page, [row.id for row in shown])
    until = [instant(row.expires_at) if row.expires_at else None for row in shown]
    accounts = [account(row.muted, names) for row in shown]
    return Json(
        [one | {"mute_expires_at": at} for one, at in zip(accounts, until, strict=True)], headers=headers
    )  # fmt: skip


@requires("write:mutes")
async def mute(request: Request) -> Response:
    """POST /api/v1/accounts/{id}/mute -> Relationship; `duration` in seconds, 0 for good."""
    other, parameters = await find_account(request), await read(request)
    seconds = parameters.number("duration", 0, least=0, most=MAX_SECONDS)
    await mutes.mute(
        me(request),
        other,
        hides_notifications=parameters.flag("notifications", True),
        expires_at=context(request).now() + timedelta(seconds=seconds) if seconds else None,
    )
    return await answer_relationship(request, other)


@requires("write:mutes")
async def unmute(request: Request) -> Response:
    """POST /api/v1/accounts/{id}/unmute -> Relationship."""
    other = await find_account(request)
    await mutes.unmute(me(request), other)
    return await answer_relationship(request, other)


ROUTES = [
    Route("/v1/mutes", index),
    Route("/v1/accounts/{id}/mute", mute, methods=["POST"]),
    Route("/v1/accounts/{id}/unmute", unmute, methods=["POST"]),
]
