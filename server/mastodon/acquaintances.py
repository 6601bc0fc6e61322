"""Whom a member knows: follows and followers, notes, whom they dismiss.   Source: docs.joinmastodon.org/methods/accounts"""

from collections.abc import Awaitable, Callable
from typing import TypedDict

from starlette.requests import Request

from models.actor import Actor
from models.follow import Follow
from server.follows import actions, queries
from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.account import Account, Relationship, account
from server.mastodon.entities.kinds import Id, Nothing
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.members import remarks

MOST_FAMILIAR = 40

Load = Callable[..., Awaitable[list[tuple[int, Actor]]]]


class FamiliarFollowers(TypedDict):
    """Whom one follows of those who follow an account: never told."""

    id: Id
    accounts: list[Nothing]


async def note(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/note -> Relationship."""
    other = await find_account(request)
    await remarks.note(me(request), other, (await read(request)).text("comment"))
    return await answer_relationship(request, other)


async def remove_from_followers(request: Request) -> Json[Relationship]:
    """POST /api/v1/accounts/{id}/remove_from_followers -> Relationship; whoever does not follow is left alone."""
    other = await find_account(request)
    if await Follow.exists(follower_id=other.id, followed_id=me(request).id):
        await actions.decide(me(request), other, context(request), accept=False)
    return await answer_relationship(request, other)


async def familiar_followers(request: Request) -> Json[list[FamiliarFollowers]]:
    """GET /api/v1/accounts/familiar_followers?id[]=… -> [FamiliarFollowers], all empty: who follows whom is not shown."""
    wanted = (await read(request, always_body=True)).ids("id")[:MOST_FAMILIAR]  # Mastodon.py sends JSON
    return Json([{"id": str(id_), "accounts": []} for id_ in wanted])


async def followers(request: Request) -> Json[list[Account]]:
    """GET /api/v1/accounts/{id}/followers -> [Account]: one's own, to oneself; to others nobody's are shown."""
    return await _answer_followers(request, queries.followers)


async def following(request: Request) -> Json[list[Account]]:
    """GET /api/v1/accounts/{id}/following -> [Account]: one's own, to oneself; to others nobody's are shown."""
    return await _answer_followers(request, queries.following)


async def _answer_followers(
    request: Request, load: Callable[..., Awaitable[list[tuple[int, Actor]]]]
) -> Json[list[Account]]:
    """Answer a page; pages count the follows, not the accounts."""
    actor, asking, names = await find_account(request), viewer(request), context(request).names
    page = Page.read(await read(request), default=40, most=80)
    if asking is None or asking.id != actor.id:
        return Json([])
    rows = await load(actor, limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [(id_, other) for id_, other in rows if page.reaches(id_)]
    headers = link_header(request, names, page, [id_ for id_, _ in shown])
    return Json([account(other, names) for _, other in shown], headers=headers)
