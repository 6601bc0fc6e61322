"""Reporting an account and statuses of it to the moderators.   Source: docs.joinmastodon.org/methods/reports"""

from typing import TypedDict

from starlette.requests import Request

from models.actor import Actor
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Id, Instant
from server.mastodon.entities.moments import instant
from server.mastodon.parameters import read
from server.reports.actions import report

CATEGORIES = ("spam", "legal", "violation", "other")


class Report(TypedDict):
    """What was reported."""

    id: Id
    action_taken: bool
    action_taken_at: Instant | None
    category: str
    comment: str
    forwarded: bool
    created_at: Instant
    status_ids: list[Id]
    rule_ids: list[Id] | None
    collection_ids: list[Id] | None
    target_account: Account


async def create(request: Request) -> Json[Report]:
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
