"""The directory: the sections of this server. Members stand in no list.   Source: docs.joinmastodon.org/methods/directory"""

from starlette.requests import Request

from server.mastodon.answers import Json
from server.mastodon.asking import context
from server.mastodon.entities.account import Account, account
from server.mastodon.parameters import read
from server.sections.queries import listed

MOST, MOST_PLACES = 80, 10_000


async def index(request: Request) -> Json[list[Account]]:
    """GET /api/v1/directory -> [Account]; `order` is active or new, `offset` skips the first."""
    parameters, names = await read(request), context(request).names
    limit = parameters.number("limit", 40, least=1, most=MOST)
    offset = parameters.number("offset", 0, least=0, most=MOST_PLACES)
    found = await listed(limit=limit, offset=offset, are_newest_first=parameters.text("order") == "new")
    return Json([account(actor, names) for actor in found])
