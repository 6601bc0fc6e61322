"""Quotes: who quotes a status, who may, and taking consent back.   Source: docs.joinmastodon.org/methods/statuses"""

from starlette.requests import Request

from models.post import QuotePolicy
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me, viewer
from server.mastodon.entities.quote import POLICY_OF
from server.mastodon.entities.status import Status, status
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import Parameters, as_id, path_id, read
from server.posts import quotes
from server.posts.actions import readable
from server.posts.queries import one


def read_quote_policy(parameters: Parameters) -> QuotePolicy | None:
    """Read who may quote a status; None where it is not said.

    Raises:
        Invalid: it is not one of the words.
    """
    word = parameters.text("quote_approval_policy")
    if not word:
        return None
    if word not in POLICY_OF:
        raise Invalid("quote_approval_policy must be public, followers or nobody.")
    return POLICY_OF[word]


async def index(request: Request) -> Json[list[Status]]:
    """GET /api/v1/statuses/{id}/quotes -> [Status], those that quote it; pages count the quotes."""
    asking, names, page = viewer(request), context(request).names, Page.read(await read(request))
    if (quoted := await one(path_id(request), asking)) is None:
        raise NotFound("This status does not exist, or is not for you.")
    rows = await quotes.quoting(quoted.post, asking, limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row[0])]
    headers = link_header(request, names, page, [id_ for id_, _ in shown])
    return Json([status(view, names, asking) for _, view in shown], headers=headers)


async def revoke(request: Request) -> Json[Status]:
    """POST /api/v1/statuses/{id}/quotes/{quoting_id}/revoke -> Status, the one that quoted."""
    if (quoting_id := as_id(request.path_params["quoting_id"])) is None:
        raise NotFound("There is nothing with this id.")
    quoted = await readable(path_id(request), me(request))
    await quotes.revoke(me(request), quoted, quoting_id, context(request))
    if (view := await one(quoting_id, me(request))) is None:
        raise NotFound("This status is not for you any more.")
    return Json(status(view, context(request).names, me(request)))
