"""Reporting a post to the moderation: why, which rules, a word, and whether the author's own server is told too."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from server.admin.rules import all_rules
from server.errors import AppError
from server.posts.queries import PostView
from server.reports import actions
from web.shared.complaining import REASONS, read_complaint
from web.shared.logged_in import LoggedIn, Typed, for_members, go, member_page, own_form
from web.shared.site import context_of
from web.threads.pages import readable


@for_members
async def report_form(request: Request, who: LoggedIn) -> Response:
    """GET /threads/{id}/report."""
    return await _page(request, who, await readable(request, who), {})


@own_form
async def report(request: Request, who: LoggedIn, typed: Typed) -> Response:
    """POST /threads/{id}/report: reason, rule-<number>, comment, forward. 303 to the post."""
    view = await readable(request, who)
    try:
        complaint = read_complaint(typed)
        is_forwarded = typed.get("forward") == "yes" and not view.post.actor.is_local
        await actions.report(
            who.actor,
            view.post.actor,
            context_of(request),
            post_ids=[view.post.id],
            comment=complaint.comment,
            category=complaint.category,
            rule_numbers=complaint.rule_numbers,
            forward=is_forwarded,
        )
    except AppError as refused:
        return await _page(request, who, view, typed, refused)
    return go(f"/threads/{view.post.id}", "post_reported")


async def _page(
    request: Request, who: LoggedIn, view: PostView, typed: Typed, refused: AppError | None = None
) -> Response:
    values: dict[str, Any] = {"typed": typed, "reasons": REASONS, "rules": await all_rules()}
    status, problem = (refused.status, refused.message) if refused else (200, "")
    return await member_page(
        request,
        who,
        "threads/report.html",
        status=status,
        problem=problem,
        view=view,
        most=actions.MAX_COMMENT_CHARACTERS,
        **values,
    )
