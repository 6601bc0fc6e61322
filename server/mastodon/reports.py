"""Reporting an account and statuses of it to the moderators.   Source: docs.joinmastodon.org/methods/reports"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.actor import Actor
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import account
from server.mastodon.entities.moments import instant
from server.mastodon.parameters import read
from server.oauth.scopes import requires
from server.reports.actions import report

CATEGORIES = ("spam", "legal", "violation", "other")


@requires("write:reports")
async def create(request: Request) -> Response:
    """POST /api/v1/reports -> Report; `forward` tells the other server, in this server's name."""
    parameters, ctx = await read(request), context(request)
    if (account_id := parameters.id("account_id")) is None:
        raise Invalid("account_id says whom you report.")
    if (reported := await Actor.get_or_none(id=account_id, gone_at=None)) is None:
        raise NotFound("There is no such account.")
    category = parameters.text("category") or "other"
    if category not in CATEGORIES:
        raise Invalid("category must be spam, legal, violation or other.")
    post_ids, comment = parameters.ids("status_ids"), parameters.text("comment")
    forward = parameters.flag("forward")
    kept = await report(me(request), reported, ctx, post_ids=post_ids, comment=comment, forward=forward)
    return Json(
        {
            "id": str(kept.id),
            "action_taken": False,
            "action_taken_at": None,
            "category": category,
            "comment": kept.comment,
            "forwarded": forward and not reported.is_local,
            "created_at": instant(kept.created_at),
            "status_ids": [str(id_) for id_ in post_ids],
            "rule_ids": None,
            "collection_ids": None,
            "target_account": account(reported, ctx.names),
        }
    )


ROUTES = [Route("/v1/reports", create, methods=["POST"])]
