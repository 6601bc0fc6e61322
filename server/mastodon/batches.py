"""Several statuses or accounts at once, by their ids.   Source: docs.joinmastodon.org/methods/statuses#index"""

from starlette.requests import Request

from models.actor import Actor
from server.mastodon.answers import Json
from server.mastodon.asking import context, viewer
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.status import Status, status
from server.mastodon.parameters import read
from server.posts.queries import readable, views

MOST_STATUSES = 40
MOST_ACCOUNTS = 40


async def statuses(request: Request) -> Json[list[Status]]:
    """GET /api/v1/statuses?id[]=… -> [Status], in the order asked for; what is not for whoever asks is left out."""
    wanted = (await read(request)).ids("id")[:MOST_STATUSES]
    asking, names = viewer(request), context(request).names
    found = await readable(wanted, asking)
    shown = await views([found[id_] for id_ in wanted if id_ in found], asking)
    return Json([status(view, names, asking) for view in shown])


async def accounts(request: Request) -> Json[list[Account]]:
    """GET /api/v1/accounts?id[]=… -> [Account], in the order asked for; the public is given those who live here alone."""
    wanted = (await read(request)).ids("id")[:MOST_ACCOUNTS]
    known = Actor.filter(id__in=wanted, gone_at=None, blocked_at=None)
    if viewer(request) is None:
        known = known.filter(is_local=True)
    found = {actor.id: actor for actor in await known} if wanted else {}
    names = context(request).names
    return Json([account(found[id_], names) for id_ in wanted if id_ in found])
