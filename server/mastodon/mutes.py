"""Mutes of a member, for that member alone.   Source: docs.joinmastodon.org/methods/mutes, /methods/accounts#mute"""

from datetime import timedelta

from starlette.requests import Request

from federation.naming import Names
from models.mute import Mute
from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import MutedAccount, Relationship, account
from server.mastodon.entities.moments import instant
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.members import mutes

MAX_SECONDS = 100 * 366 * 24 * 3600


async def index(request: Request) -> Json[list[MutedAccount]]:
    """GET /api/v1/mutes -> [MutedAccount]; pages count the mutes, not the accounts."""
    page = Page.read(await read(request), default=40, most=80)
    rows = await mutes.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    names = context(request).names
    headers = link_header(request, names, page, [row.id for row in shown])
    return Json([_muted(row, names) for row in shown], headers=headers)


def _muted(row: Mute, names: Names) -> MutedAccount:
    return {
        **account(row.muted, names),
        "mute_expires_at": instant(row.expires_at) if row.expires_at else None,
    }


async def mute(request: Request) -> Json[Relationship]:
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


async def unmute(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/unmute -> Relationship."""
    other = await find_account(request)
    await mutes.unmute(me(request), other)
    return await answer_relationship(request, other)
