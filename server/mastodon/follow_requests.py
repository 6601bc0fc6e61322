"""Who asks to follow a member, and the member's answer.   Source: docs.joinmastodon.org/methods/follow_requests"""

from starlette.requests import Request

from server.follows import actions, queries
from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Account, Relationship, account
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read


async def index(request: Request) -> Json[list[Account]]:
    """GET /api/v1/follow_requests -> [Account]; pages count the requests, not the accounts."""
    page = Page.read(await read(request), default=40, most=80)
    rows = await queries.waiting(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.id)]
    names = context(request).names
    headers = link_header(request, names, page, [row.id for row in shown])
    return Json([account(row.follower, names) for row in shown], headers=headers)


async def authorize(request: Request) -> Json[Relationship]:
    """POST /api/v1/follow_requests/{id}/authorize -> Relationship."""
    return await _decide(request, accept=True)


async def reject(request: Request) -> Json[Relationship]:
    """POST /api/v1/follow_requests/{id}/reject -> Relationship."""
    return await _decide(request, accept=False)


async def _decide(request: Request, *, accept: bool) -> Json[Relationship]:
    follower = await find_account(request)
    await actions.decide(me(request), follower, context(request), accept=accept)
    return await answer_relationship(request, follower)
