"""Names and hashtags for what somebody begins to write: asked for by the page on which they do."""

import json
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response

from server.errors import Forbidden, Unauthorised
from server.search import queries, tags
from web.shared.logged_in import who_is
from web.shared.rendering import NEVER_KEEP

MOST = 6
LEAST_CHARACTERS = 2
MAX_CHARACTERS = 100


class Suggestion(TypedDict):
    """What may be put into the text, and what is said of it."""

    text: str
    name: str


async def suggest(request: Request) -> Response:
    """GET /write/suggest?q=@al -> {"found": [{"text": "@ali", "name": "Ali"}]}; ?q=#bu gives hashtags of public posts.

    Raises:
        Unauthorised: nobody is logged in.
        Forbidden: another site asks.
    """
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise Forbidden("Only the pages of this server may ask for this.")
    if (who := await who_is(request)) is None:
        raise Unauthorised("Log in first.")
    asked, found = request.query_params.get("q", "")[:MAX_CHARACTERS], list[Suggestion]()
    if len(asked) > LEAST_CHARACTERS - 1 and asked.startswith("@"):
        people = await queries.actors(asked, who.actor, limit=MOST)
        found = [{"text": f"@{actor.handle}", "name": actor.name} for actor in people]
    elif len(asked) > LEAST_CHARACTERS - 1 and asked.startswith("#"):
        found = [{"text": f"#{name}", "name": ""} for name in await tags.found(asked[1:], limit=MOST)]
    body = json.dumps({"found": found}, ensure_ascii=False)
    headers = {"Cache-Control": NEVER_KEEP, "X-Content-Type-Options": "nosniff"}
    return Response(body, media_type="application/json", headers=headers)
