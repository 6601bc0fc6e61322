"""Blocks of a member, for that member alone.   Source: docs.joinmastodon.org/methods/blocks, /methods/accounts#block"""

from starlette.requests import Request

from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Account, Relationship, account
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.members import blocks


async def index(request: Request) -> Json[list[Account]]:
    """GET /api/v1/blocks -> [Account]; pages count the blocks, not the accounts."""
    page = Page.read(await read(request), default=40, most=80)
    rows = await blocks.page(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    names = context(request).names
    headers = link_header(request, names, page, [row.id for row in shown])
    return Json([account(row.blocked, names) for row in shown], headers=headers)


async def block(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/block -> Relationship."""
    other = await find_account(request)
    await blocks.block(me(request), other, context(request))
    return await answer_relationship(request, other)


async def unblock(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/unblock -> Relationship."""
    other = await find_account(request)
    await blocks.unblock(me(request), other, context(request))
    return await answer_relationship(request, other)
