"""Reporting an account and statuses of it to the moderators.   Source: docs.joinmastodon.org/methods/reports"""

from collections.abc import Sequence
from typing import TypedDict

from starlette.requests import Request

from federation.naming import Names
from models.actor import Actor
from models.moderation import Report as ReportRow
from models.moderation import ReportCategory
from server.errors import Invalid, NotFound
from server.mastodon.answers import Json
from server.mastodon.asking import context, me
from server.mastodon.entities.account import Account, account
from server.mastodon.entities.kinds import Id, Instant
from server.mastodon.entities.moments import instant
from server.mastodon.paging import Page, link_header
from server.mastodon.parameters import read
from server.reports.actions import report
from server.reports.queries import made

CATEGORIES = {category.value: category for category in ReportCategory}


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
    kept = await report(
        me(request), reported, ctx, post_ids=post_ids, comment=comment, category=CATEGORIES[category],
        rule_numbers=parameters.ids("rule_ids"), forward=forward,
    )  # fmt: skip
    written = _report(kept, reported, post_ids, ctx.names)
    written["forwarded"] = forward and not reported.is_local
    return Json(written)


async def index(request: Request) -> Json[list[Report]]:
    """GET /api/v1/reports -> [Report], one's own, newest first; pages count them."""
    page, names = Page.read(await read(request), default=40, most=80), context(request).names
    rows = await made(me(request), limit=page.limit, max_id=page.max_id, min_id=page.min_id)
    shown = [row for row in rows if page.reaches(row.report.id)]
    headers = link_header(request, names, page, [row.report.id for row in shown])
    return Json([_report(row.report, row.report.reported, row.post_ids, names) for row in shown], headers=headers)


def _report(row: ReportRow, reported: Actor, post_ids: Sequence[int], names: Names) -> Report:
    """Write a Report. Whether it went further is not kept."""
    return {
        "id": str(row.id),
        "action_taken": row.resolved_at is not None,
        "action_taken_at": instant(row.resolved_at) if row.resolved_at else None,
        "category": row.category.value,
        "comment": row.comment,
        "forwarded": False,
        "created_at": instant(row.created_at),
        "status_ids": [str(id_) for id_ in post_ids],
        "rule_ids": [str(number) for number in row.rule_numbers] or None,
        "collection_ids": None,
        "target_account": account(reported, names),
    }
