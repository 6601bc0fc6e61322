"""Whom a member recommends.   Source: docs.joinmastodon.org/methods/endorsements, /methods/accounts#endorse"""

from starlette.requests import Request

from models.actor import Actor
from server.follows import featured
from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.account import Account, Relationship, account
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read


async def endorse(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/endorse -> Relationship."""
    other = await find_account(request)
    await featured.recommend(me(request), other)
    return await answer_relationship(request, other)


async def unendorse(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/unendorse -> Relationship."""
    other = await find_account(request)
    await featured.recommend_no_longer(me(request), other)
    return await answer_relationship(request, other)


async def pin(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/pin -> Relationship: what `endorse` was called."""
    return await endorse(request)


async def unpin(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/unpin -> Relationship: what `unendorse` was called."""
    return await unendorse(request)


async def index(request: Request) -> Json[list[Account]]:
    """GET /api/v1/endorsements -> [Account], those of whoever asks; pages count the recommendations."""
    return await _answer(request, me(request))


async def of_account(request: Request) -> Json[list[Account]]:
    """GET /api/v1/accounts/{id}/endorsements -> [Account]: of others the sections and groups that they recommend."""
    return await _answer(request, await find_account(request))


async def _answer(request: Request, actor: Actor) -> Json[list[Account]]:
    page, names = Page.read(await read(request), default=40, most=80), context(request).names
    rows = await featured.recommended(
        actor, viewer(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id
    )  # fmt: skip
    shown = [(id_, other) for id_, other in rows if page.reaches(id_)]
    headers = link_header(request, names, page, [id_ for id_, _ in shown])
    return Json([account(other, names) for _, other in shown], headers=headers)
