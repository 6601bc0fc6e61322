"""What a member notes about accounts, and whom they dismiss.   Source: docs.joinmastodon.org/methods/accounts"""

from typing import TypedDict

from starlette.requests import Request

from models.follow import Follow
from server.follows import actions
from server.mastodon.accounts import answer_relationship, find_account
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Relationship
from server.mastodon.entities.kinds import Id, Nothing
from server.mastodon.parameters import read
from server.members import remarks

MOST_FAMILIAR = 40


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


async def featured_tags(request: Request) -> Json[list[Nothing]]:
    """GET /api/v1/accounts/{id}/featured_tags -> []; nobody features tags here."""
    await find_account(request)
    return Json([])
